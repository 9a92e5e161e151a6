"""Leaves of a JSON value: where they lie, and the value without some of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Path = tuple[str | int, ...]
_EMPTY: tuple[object, ...] = (None, "", (), [])


@dataclass(frozen=True)
class Leaf:
    """A value that holds no others.

    Attributes:
        path: Names and places that lead to it.
        value: What it says.
    """

    path: Path
    value: Any

    @cached_property
    def pattern(self) -> str:
        """Return the path as text, any place of a list as ``[]``."""
        return written(self.path, place=lambda _: "[]")

    @property
    def says_something(self) -> bool:
        """Tell whether the leaf says anything at all."""
        return self.value not in _EMPTY and self.value != {}


def written(path: Path, *, place: Any = lambda number: f"[{number}]") -> str:  # noqa: ANN401 - a function
    """Return a path as errors write it (``sources[3].name``)."""
    found = ""
    for step in path:
        found += place(step) if isinstance(step, int) else f".{step}" if found else str(step)
    return found


def leaves(value: Any, path: Path = ()) -> Iterator[Leaf]:  # noqa: ANN401 - JSON
    """Yield every leaf, empty lists and objects among them."""
    if isinstance(value, dict) and value:
        for name, entry in value.items():
            yield from leaves(entry, (*path, name))
    elif isinstance(value, list) and value:
        for number, entry in enumerate(value):
            yield from leaves(entry, (*path, number))
    else:
        yield Leaf(path, value)


@contextmanager
def without(record: Any, paths: Sequence[Path]) -> Iterator[None]:  # noqa: ANN401 - JSON
    """Take leaves out of a record for a while.

    A place of a list is left empty instead, so that the others keep theirs.
    """
    taken = []
    for path in paths:
        holder, step = parent(record, path), path[-1]
        taken.append((holder, step, holder[step]))
        if isinstance(step, int):
            holder[step] = None
        else:
            del holder[step]
    try:
        yield
    finally:
        for holder, step, value in reversed(taken):
            holder[step] = value


@contextmanager
def changed(record: Any, path: Path, value: object) -> Iterator[None]:  # noqa: ANN401 - JSON
    """Put another value in a leaf's place for a while."""
    holder, step = parent(record, path), path[-1]
    before = holder[step]
    holder[step] = value
    try:
        yield
    finally:
        holder[step] = before


def parent(record: Any, path: Path) -> Any:  # noqa: ANN401 - JSON
    """Return what holds the leaf at ``path``."""
    for step in path[:-1]:
        record = record[step]
    return record
