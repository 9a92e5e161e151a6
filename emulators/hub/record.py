"""The record of a running local cloud, ``hub.json``: what `mg` reads to find it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from emulators.managed.process import command_line

MARK = "emulators.hub"


@dataclass(frozen=True)
class Record:
    """One run of the local cloud.

    Attributes:
        pid: Of the supervisor.
        state: ``starting``, ``ready``, ``stopping`` or ``failed``.
        addresses: By service.
        variables: What the product's processes are told.
        children: Process id by name.
        message: Why it failed.
    """

    pid: int
    state: str
    addresses: Mapping[str, str]
    variables: Mapping[str, str]
    children: Mapping[str, int] = field(default_factory=dict)
    message: str = ""


def write(file: Path, record: Record) -> None:
    """Replace the record in one step."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(record), indent=1))
    fresh.replace(file)


def read(file: Path) -> Record | None:
    """Return the record of a run whose supervisor lives, else None."""
    record = last(file)
    if record is None or MARK not in command_line(record.pid):
        return None
    return record


def last(file: Path) -> Record | None:
    """Return the record of the last run, whether it lives or not."""
    try:
        return Record(**json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        return None
