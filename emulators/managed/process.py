"""Processes that end with the one that started them, and whose output goes to a file."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1


class LaunchError(Exception):
    """A server could not be started; the message says what was tried."""


@dataclass(frozen=True)
class Identity:
    """Who runs a process.

    Attributes:
        prefix: Words before the command, such as those of ``unshare``.
        uid: User and group to become, or None to stay as we are.
    """

    prefix: tuple[str, ...] = ()
    uid: int | None = None

    @property
    def groups(self) -> tuple[int, ...] | None:
        """Further groups: none at all for another user, ours as they are otherwise."""
        return None if self.uid is None else ()


CURRENT = Identity()


def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(number: int = signal.SIGTERM) -> Callable[[], None]:
    """Return what a child calls first so that the kernel signals it when its parent dies.

    Linux only; elsewhere the call does nothing and the hub's state file finds what is left.
    """
    libc, parent = _libc(), os.getpid()

    def arm() -> None:
        if libc is None:
            return
        libc.prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return arm


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    identity: Identity = CURRENT,
    on_parent_death: int = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start ``command`` in its own session with output appended to ``log``.

    Call it from the main thread: the kernel ties the death signal to the thread that started us.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - a list of words of our own, never a shell
            [*identity.prefix, *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=env,
            cwd=cwd,
            start_new_session=True,  # Ctrl-C reaches the hub alone, which stops the rest in order
            preexec_fn=die_with_parent(on_parent_death),  # noqa: PLW1509 - arms one prctl only
            user=identity.uid,
            group=identity.uid,
            extra_groups=identity.groups,
        )


def run(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    identity: Identity = CURRENT,
    timeout_seconds: float = 60,
) -> subprocess.CompletedProcess[str]:
    """Run ``command`` to its end and return it with both outputs as text."""
    return subprocess.run(  # noqa: S603 - a list of words of our own, never a shell
        [*identity.prefix, *command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        env=env,
        cwd=cwd,
        timeout=timeout_seconds,
        check=False,
        user=identity.uid,
        group=identity.uid,
        extra_groups=identity.groups,
    )


def stop(
    process: subprocess.Popen[bytes], *, number: int = signal.SIGTERM, timeout_seconds: float = 10
) -> None:
    """Signal ``process`` and wait; kill it when it has not ended in time."""
    if process.poll() is not None:
        return
    process.send_signal(number)
    try:
        process.wait(timeout_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """Return a loopback port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Tell whether a server could listen on a loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def is_alive(pid: int) -> bool:
    """Tell whether a process with this id runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def command_line(pid: int) -> str:
    """Return the words a running process was started with, empty when there is none."""
    return run(["/bin/ps", "-ww", "-o", "args=", "-p", str(pid)]).stdout.strip()


def tail(log: Path, lines: int = 5) -> str:
    """Return the last lines of a log, empty when there is none."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
