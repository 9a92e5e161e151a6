"""``mg up``, ``mg down``, ``mg reset``."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from emulators.cli.cloud import ROOT, forget, record
from emulators.cli.terminal import Format, FormatOption, fail, is_json, show
from emulators.core import environment
from emulators.hub.record import Record, last
from emulators.managed.process import is_alive, tail

STOP_SECONDS = 60.0
POLL_SECONDS = 0.1
HINTS = """try:  curl '{gateway}/api/v1/search?q=heist'
      mg search "a heist that goes wrong" --platform netflix
      mg status · mg logs · mg down"""


def up(
    *,
    detach: Annotated[bool, typer.Option("--detach", help="return when ready")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="forget what was kept")] = False,
    port: Annotated[int | None, typer.Option(help="of the gateway; 0 moves everything")] = None,
    no_sample: Annotated[bool, typer.Option("--no-sample", help="start empty")] = False,
    form: FormatOption = Format.TEXT,
) -> None:
    """Start the local cloud and wait until it is usable."""
    if (found := record()) is not None:
        _already(form, found, fresh=fresh)
        return
    if fresh:
        forget(environment.load().state_dir)
    flags = ["--no-sample"] if no_sample else []
    flags += ["--port", str(port)] if port is not None else []
    command = [sys.executable, "-m", "emulators.hub", *flags]
    if detach:
        _detached(form, command)
    else:
        _attached(command + (["--json"] if is_json(form) else []))


def _already(form: Format, found: Record, *, fresh: bool) -> None:
    if fresh:
        fail(form, "the local cloud runs: end it with `mg down` before `mg up --fresh`")
    show(form, asdict(found), lambda: typer.echo(f"the local cloud runs already ({found.state})"))


def _attached(command: list[str]) -> None:
    """Become the supervisor; it answers to Ctrl-C itself."""
    os.execve(command[0], command, _environment())  # noqa: S606 - our own words, no shell


def _environment() -> dict[str, str]:
    """Return ours, with this checkout first on the path and the state folder made absolute."""
    found = environment.load()
    path = os.pathsep.join(p for p in (str(ROOT), found.inherited.get("PYTHONPATH", "")) if p)
    return {**found.inherited, "PYTHONPATH": path, "MG_STATE_DIR": str(found.state_dir)}


def _detached(form: Format, command: list[str]) -> None:
    state = environment.load().state_dir
    log, file = state / "logs" / "hub.log", state / "hub.json"
    log.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own words
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=_environment(),
            start_new_session=True,
        )
    _await_ready(form, process, log, file)


def _await_ready(form: Format, process: subprocess.Popen[bytes], log: Path, file: Path) -> None:
    follow = _follow(log, quiet=is_json(form))
    while True:
        ended = process.poll() is not None
        follow()
        found = last(file)
        if found is not None and found.state == "ready" and found.pid == process.pid:
            _show_ready(form, found)
            return
        if ended:
            why = found.message if found and found.message else tail(log)
            fail(form, f"the local cloud does not start: {why}")
        time.sleep(POLL_SECONDS)


def _show_ready(form: Format, found: Record) -> None:
    hints = HINTS.format(gateway=f"http://{found.addresses['gateway']}")
    show(form, asdict(found), lambda: typer.echo(hints))


def _follow(log: Path, *, quiet: bool) -> Callable[[], None]:
    """Return what prints what was added to a log since it was last called."""
    read = log.open(encoding="utf-8", errors="replace").read

    def follow() -> None:
        text = read()
        if text and not quiet:
            typer.echo(text, nl=False)

    return follow


def down(form: FormatOption = Format.TEXT) -> None:
    """Stop the local cloud in order."""
    was_running = stop_running(form)
    text = "the local cloud has ended" if was_running else "the local cloud does not run"
    show(form, {"stopped": was_running}, lambda: typer.echo(text))


def stop_running(form: Format) -> bool:
    """End the local cloud; False where none runs, exit 1 where it does not end."""
    found = record()
    if found is None:
        return False
    os.kill(found.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while is_alive(found.pid) and record() is not None:
        if time.monotonic() > deadline:
            fail(form, f"process {found.pid} does not end, see its log hub.log")
        time.sleep(POLL_SECONDS)
    return True


def reset(form: FormatOption = Format.TEXT) -> None:
    """Stop the local cloud and remove everything it keeps."""
    was_running = stop_running(form)
    state = environment.load().state_dir
    forget(state)
    text = f"everything in {state} was removed, but not what was fetched or built"
    show(form, {"reset": True, "was_running": was_running}, lambda: typer.echo(text))
