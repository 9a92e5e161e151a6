"""A run as a folder: the state it began with, and what arrived.

record.json     seed, start, project and location, the services
state/          the state before (`emulators.state.folder`), if there was any
calls.jsonl     one event a line (`emulators.core.recorder`)
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from emulators.core.recorder import moment_of
from emulators.state.folder import export, state_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from emulators.core.clock import VirtualClock
    from emulators.core.context import Context

HEADER: Final = "record.json"
CALLS: Final = "calls.jsonl"
STATE: Final = "state"
_WISH: Final = "record-next.json"


def ask_for(state_dir: Path, folder: Path, seed: str = "") -> None:
    """Let the next process on a state folder record its run."""
    (state_dir / _WISH).write_text(json.dumps({"folder": str(folder), "seed": seed}))


def asked_for(state_dir: Path) -> dict[str, str] | None:
    """Return folder and seed that were asked for, once."""
    wish = state_dir / _WISH
    if not wish.exists():
        return None
    found: dict[str, str] = json.loads(wish.read_text())
    wish.unlink()
    return found


class Recording:
    """A run that is recorded, from before its services start.

    Args:
        context: The local cloud, its journal as it was before.
        clock: The same clock as the context's.
        folder: New or empty.
        services: Names of those that will serve.

    Attributes:
        folder: Where it goes.
        events: How many there are.

    Raises:
        DamagedError: There is something in the folder.
    """

    def __init__(
        self, context: Context, clock: VirtualClock, folder: Path, services: Sequence[str]
    ) -> None:
        self.folder = folder
        self.events = 0
        self._context = context
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        context.recorder.start(clock, self._write)
        state = state_of(context.journal.everything())
        state.pop("core.clock", None)  # the header says what time it is
        if state:
            export(state, folder / STATE)
        header = {
            "format": "media-gateway-record",
            "version": 1,
            "seed": context.chance.seed,
            "start": moment_of(clock.now()),
            "project": context.project,
            "location": context.location,
            "addresses": dict(context.addresses),
            "services": list(services),
        }
        (folder / HEADER).write_text(json.dumps(header, indent=1) + "\n")
        (folder / CALLS).touch(mode=0o600)
        # Open for the whole run; each event is on its way to the disk before it has an effect.
        self._file = (folder / CALLS).open("w", encoding="utf-8", newline="\n", buffering=1)

    def stop(self) -> None:
        """Record no more."""
        self._write({"at": moment_of(self._context.clock.now()), "end": True})
        self._context.recorder.stop()
        self._file.close()

    def _write(self, event: dict[str, Any]) -> None:
        self.events += 1
        self._file.write(json.dumps(event, ensure_ascii=False) + "\n")
