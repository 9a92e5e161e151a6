"""Order of results, and cursors within it."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.firestore import checks, fields, values
from emulators.firestore.messages import Cursor, Value
from emulators.firestore.queries import combinations
from emulators.firestore.queries.filters import check_database, inequalities
from emulators.firestore.queries.operators import EQUAL, IN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from emulators.core.methods import Proto
    from emulators.firestore.data import Version
    from emulators.firestore.fields import FieldPath
    from emulators.firestore.values import Key

ASCENDING, DESCENDING = 1, 2


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

    def cursor(self, version: Version) -> Proto:
        """Return the cursor behind a document that is a result."""
        assert version.document is not None  # noqa: S101 - results are documents
        held = version.document
        return Cursor(
            values=[
                Value(reference_value=held.name)
                if path == (fields.NAME,)
                else fields.get(held.fields, path)
                for path in self.paths
            ]
        )

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
    if any(direction not in {0, ASCENDING, DESCENDING} for _, direction in said):
        raise errors.invalid_argument("Unrecognized ordering (order_by.direction).")
    last = said[-1][1] if said else 0
    name = (fields.NAME,)
    asked = set(inequalities(query.where)) if query.HasField("where") else set()
    implied = sorted(asked - {*paths, name})
    _check_name(query, asked - {name})
    if name in paths[:-1] or (name in paths and implied):
        raise errors.invalid_argument("order by clause cannot contain more fields after the key")
    whole = [*said, *((path, last) for path in implied)]
    if name not in paths:
        whole.append((name, last))
    return Ordering(tuple(path for path, _ in whole), tuple(way == DESCENDING for _, way in whole))


def _check_name(query: Proto, unequal: set[FieldPath]) -> None:
    """Refuse what no index of names can answer."""
    compared = combinations.names(query.where)
    if unequal and compared & {EQUAL, IN} and not compared - {EQUAL, IN}:
        raise errors.invalid_argument(
            "Equality on key is not allowed if there are other inequality fields and key does not "
            "appear in inequalities (__name__)."
        )


def bound(cursor: Proto, query: Proto, root: str) -> list[Key]:
    """Return the keys of a cursor: at most one for each field that is explicitly ordered by.

    Args:
        cursor: A Cursor.
        query: Its StructuredQuery.
        root: Of the database.

    Raises:
        EmulatorError: INVALID_ARGUMENT, naming the field.
    """
    if len(cursor.values) > len(query.order_by):
        raise errors.invalid_argument("Cursor has too many values (start_at, end_at).")
    for each, value in zip(query.order_by, cursor.values, strict=False):
        checks.value(value, each.field.field_path)
        if each.field.field_path == fields.NAME:
            if not value.HasField("reference_value"):
                raise errors.invalid_argument("Cursor position for __name__ must be a reference.")
            check_database(value.reference_value, root)
    return [values.key(each) for each in cursor.values]
