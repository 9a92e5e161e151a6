"""How a step says where to go."""

from dataclasses import dataclass
from typing import TypeAlias

from emulators.workflows.values import Value

BREAK, CONTINUE, END = "break", "continue", "end"
RESERVED = frozenset({BREAK, CONTINUE, END})


@dataclass(frozen=True)
class Jump:
    """Go to a step, or to ``break``, ``continue`` or ``end``; outer lists look it up in turn."""

    target: str


@dataclass(frozen=True)
class Finished:
    """The routine ends with a value."""

    value: Value


# None: on to the next step of the list.
Signal: TypeAlias = Jump | Finished | None
