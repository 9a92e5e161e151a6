"""Google's own emulators as processes, for the same tests and for measuring."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_SECONDS = 90
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "firestore": ("gcloud", "emulators", "firestore", "start"),
    "pubsub": ("gcloud", "beta", "emulators", "pubsub", "start"),
}


def missing() -> str:
    """Return why Google's emulators cannot run here, empty where it can."""
    absent = [each for each in ("gcloud", "java") if shutil.which(each) is None]
    return f"needs {' and '.join(absent)}" if absent else ""


@contextlib.contextmanager
def running(emulator: str) -> Iterator[tuple[str, psutil.Process]]:
    """Start one and yield its address and process; at the end it and its children are killed."""
    port = _free_port()
    command = [*COMMANDS[emulator], f"--host-port=127.0.0.1:{port}"]
    quiet = subprocess.DEVNULL
    # The command is ours; whichever gcloud there is.
    with subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet) as started:  # noqa: S603
        process = psutil.Process(started.pid)
        try:
            _wait(port, started, emulator)
            yield f"127.0.0.1:{port}", process
        finally:
            for each in [*process.children(recursive=True), process]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, started: subprocess.Popen[bytes], emulator: str) -> None:
    until = time.monotonic() + MOST_SECONDS
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if started.poll() is not None or time.monotonic() > until:
            message = f"Google's emulator of {emulator} did not start"
            raise RuntimeError(message)
        time.sleep(0.05)  # its process says nothing when it listens
