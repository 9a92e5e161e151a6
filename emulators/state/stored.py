"""State in and out of the file that the emulators keep it in."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from emulators.core.journal import Journal
from emulators.state.folder import DamagedError, State, read, state_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

JOURNAL = "emulators.sqlite"
"""The file, in the state folder."""
_FRESH = ".importing"


def stored(file: Path) -> State:
    """Return the state in a file of emulators that do not run; empty where there is none."""
    if not file.exists():
        return {}
    journal = Journal(file)
    try:
        return state_of(journal.everything())
    finally:
        journal.close()


def fill(journal: Journal, state: State) -> None:
    """Put a state into an empty journal."""
    for space, entries in state.items():
        for key, value in entries.items():
            journal.put(space, key, value)


async def prepare(
    folder: Path, file: Path, trial: Callable[[Journal], Coroutine[None, None, None]]
) -> None:
    """Write an exported folder beside a file, for `replace`; nothing is changed yet.

    Args:
        folder: The export.
        file: The file it is to take the place of.
        trial: Loads services from a journal, as they do when they start.

    Raises:
        DamagedError: The folder is no export, or the services cannot load it.
    """
    state = await asyncio.to_thread(read, folder)
    rehearsal = Journal(None)
    try:
        fill(rehearsal, state)
        await trial(rehearsal)
    except Exception as error:
        raise DamagedError(f"{folder}: cannot be loaded: {error!r}") from error
    finally:
        rehearsal.close()
    fresh = file.with_name(file.name + _FRESH)
    _remove(fresh)
    journal = Journal(fresh)
    fill(journal, state)
    journal.close()


def replace(file: Path) -> bool:
    """Let what `prepare` wrote take the place of a file nobody has open; False if there is none."""
    fresh = file.with_name(file.name + _FRESH)
    if not fresh.exists():
        return False
    _remove(file, keep_main=True)
    fresh.replace(file)
    return True


def _remove(file: Path, *, keep_main: bool = False) -> None:
    # Whoever closed the database has taken in its log; what is left of one would be another's.
    for suffix in ("-wal", "-shm") if keep_main else ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
