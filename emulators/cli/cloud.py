"""The running local cloud, as commands find it."""

import dataclasses
import shutil
from pathlib import Path
from typing import Any

from emulators.cli.terminal import Format, fail
from emulators.core import environment
from emulators.hub.calls import CallError, call
from emulators.hub.layout import Layout, layout_of
from emulators.hub.record import Record, read

KEPT = ("wheels", "artifacts")
ROOT = Path(__file__).resolve().parents[2]


def layout(port: int | None = None) -> Layout:
    """Return where the local cloud of this environment is, or would be."""
    found = environment.load()
    record = read(found.state_dir / "hub.json")
    if record is None:
        return layout_of(ROOT, found, port)
    ports = {name: int(a.rpartition(":")[2]) for name, a in record.addresses.items()}
    return Layout(ROOT, dataclasses.replace(found, ports={**found.ports, **ports}))


def record() -> Record | None:
    """Return the record of the local cloud that runs, else None."""
    return read(environment.load().state_dir / "hub.json")


def running(form: Format) -> Layout:
    """Return where the running local cloud is; end the command with 1 where none runs."""
    found = record()
    if found is None or found.state != "ready":
        state = "is not ready yet" if found else "does not run"
        fail(form, f"the local cloud {state}: start it with `mg up --detach`")
    return layout()


def try_call(method: str, url: str) -> Any:  # noqa: ANN401 - any JSON
    """Return what a service answers, or what is wrong with it."""
    try:
        return call(method, url, timeout_seconds=5).required()
    except CallError as error:
        return {"error": str(error)}


def forget(state: Path) -> None:
    """Remove everything a stopped local cloud keeps, but not what took long to fetch or build."""
    if not state.exists():
        return
    for entry in state.iterdir():
        if entry.name in KEPT:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
