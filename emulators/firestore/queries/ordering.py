"""Order of results, and cursors within it."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.firestore import fields, values
from emulators.firestore.queries.filters import inequalities

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from emulators.core.methods import Proto
    from emulators.firestore.data import Version
    from emulators.firestore.fields import FieldPath
    from emulators.firestore.values import Key

DESCENDING = 2


@dataclass(frozen=True)
class Ordering:
    """What results are ordered by, the document's name last.

    Attributes:
        paths: Fields; a document that lacks one is no result.
        reverse: Of each, whether it descends.
    """

    paths: tuple[FieldPath, ...]
    reverse: tuple[bool, ...]

    def has(self, version: Version) -> bool:
        """Tell whether a document has every field."""
        return all(version.key(path) is not None for path in self.paths[:-1])

    def sorted(self, found: Iterable[Version], most: int | None = None) -> list[Version]:
        """Return documents in order, the first so many where that is said."""
        if len(set(self.reverse)) == 1:
            return self._one_way(found, most)
        ordered = list(found)
        for path, reverse in reversed(list(zip(self.paths, self.reverse, strict=True))):
            ordered.sort(key=lambda version, path=path: version.key(path), reverse=reverse)  # type: ignore[misc]
        return ordered[:most]

    def _one_way(self, found: Iterable[Version], most: int | None) -> list[Version]:
        if most is None:
            return sorted(found, key=self.keys, reverse=self.reverse[0])
        pick = heapq.nlargest if self.reverse[0] else heapq.nsmallest
        return pick(most, found, key=self.keys)

    def keys(self, version: Version) -> tuple[Key, ...]:
        """Return what a document is ordered by."""
        return tuple(version.key(path) for path in self.paths)  # type: ignore[misc]

    def compare(self, version: Version, bound: Sequence[Key]) -> int:
        """Return -1, 0 or 1 as a document is before, at, or behind the first values of a cursor."""
        for path, reverse, given in zip(self.paths, self.reverse, bound, strict=False):
            held = version.key(path)
            if held != given:
                return 1 if (held < given) == reverse else -1  # type: ignore[operator]
        return 0


def ordering(query: Proto) -> Ordering:
    """Return the whole order of a query, what it leaves unsaid included.

    Fields that are compared for inequality follow those that are named, by their paths, and then
    the name; all in the direction of the last that is named.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    said = [(fields.parse(each.field.field_path), each.direction) for each in query.order_by]
    paths = [path for path, _ in said]
    if len(set(paths)) != len(paths):
        raise errors.invalid_argument("A field is ordered by more than once.")
    last = said[-1][1] if said else 0
    implied = sorted(set(inequalities(query.where)) - set(paths)) if query.HasField("where") else []
    whole = [*said, *((path, last) for path in implied)]
    name = (fields.NAME,)
    if name in [path for path, _ in whole]:
        whole = whole[: [path for path, _ in whole].index(name) + 1]  # it orders all there is
    else:
        whole.append((name, last))
    return Ordering(tuple(path for path, _ in whole), tuple(way == DESCENDING for _, way in whole))


def bound(cursor: Proto, order: Ordering) -> list[Key]:
    """Return the keys of a cursor.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    if len(cursor.values) > len(order.paths):
        raise errors.invalid_argument("Cursor has too many values.")
    for path, value in zip(order.paths, cursor.values, strict=False):
        if path == (fields.NAME,) and value.WhichOneof("value_type") != "reference_value":
            raise errors.invalid_argument("Cursor position for __name__ must be a reference.")
    return [values.key(each) for each in cursor.values]
