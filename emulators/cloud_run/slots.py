"""What the forking process and the router both see of each function: memory shared across forks."""

import mmap
import struct
from collections.abc import Sequence
from enum import IntEnum

_RECORD = struct.Struct("<BxHI")


class State(IntEnum):
    """Where a function's process is in its life."""

    STARTING = 0
    READY = 1
    FAILED = 2
    ASLEEP = 3
    """No process: nobody has called it yet."""


class Slots:
    """One record per function: state, restarts, process id.

    Written by the function's process (ready) and the one that forks it (everything else).
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._index = {name: i * _RECORD.size for i, name in enumerate(names)}
        self._memory = mmap.mmap(-1, max(1, len(names)) * _RECORD.size)

    @property
    def names(self) -> list[str]:
        """Every function that has a record."""
        return list(self._index)

    def write(self, name: str, state: State, restarts: int, pid: int) -> None:
        """Replace a function's record."""
        _RECORD.pack_into(self._memory, self._index[name], state, restarts, pid)

    def mark(self, name: str, state: State) -> None:
        """Change a function's state alone."""
        self._memory[self._index[name]] = state

    def read(self, name: str) -> tuple[State, int, int]:
        """Return a function's state, restarts and process id."""
        state, restarts, pid = _RECORD.unpack_from(self._memory, self._index[name])
        return State(state), restarts, pid

    def state(self, name: str) -> State:
        """Return a function's state."""
        return State(self._memory[self._index[name]])
