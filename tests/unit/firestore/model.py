"""A model of Firestore that is easy to believe: dictionaries, and values compared by cases."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.cloud.firestore_v1._helpers import encode_value

from emulators.firestore.messages import StructuredQuery
from emulators.firestore.names import Path
from emulators.firestore.queries.query import Query

if TYPE_CHECKING:
    from emulators.core.methods import Proto

ROOT = "projects/p/databases/(default)"
Fields = dict[str, Any]
TYPES: tuple[tuple[type, ...], ...] = (
    (type(None),),
    (bool,),
    (int, float),
    (str,),
    (bytes,),
    (list,),
)
"""Types in Firestore's order."""
OPERATORS = {
    "<": 1, "<=": 2, ">": 3, ">=": 4, "==": 5, "!=": 6, "array-contains": 7, "in": 8,
    "array-contains-any": 9, "not-in": 10,
}  # fmt: skip


def rank(value: object) -> int:
    """Return the place of a value's type."""
    return next(place for place, kinds in enumerate(TYPES) if type(value) in kinds)


def compare(one: Any, other: Any) -> int:  # noqa: ANN401 - any value
    """Return -1, 0 or 1 as a value is before, equal to, or behind another."""
    if rank(one) != rank(other):
        return -1 if rank(one) < rank(other) else 1
    if isinstance(one, list):
        pairs = (compare(a, b) for a, b in zip(one, other, strict=False))
        return next((each for each in pairs if each), len(one) - len(other))
    if one is None:
        return 0
    if is_nan(one) or is_nan(other):
        return int(is_nan(other)) - int(is_nan(one)) if is_nan(one) != is_nan(other) else 0
    if isinstance(one, str):
        one, other = one.encode(), other.encode()
    return int(one > other) - int(one < other)


def is_nan(value: object) -> bool:
    """Tell whether a value is NaN."""
    return isinstance(value, float) and value != value  # noqa: PLR0124 - NaN is not itself


def is_equal(held: object, value: object) -> bool:
    """Tell whether a filter takes a value for equal: never null, never NaN."""
    return value is not None and not is_nan(value) and compare(held, value) == 0


def passes(held: Any, operator: str, value: Any) -> bool:  # noqa: ANN401, PLR0911 - one case an operator
    """Tell whether a value that is there passes a filter."""
    if operator == "==":
        return is_equal(held, value)
    if operator == "!=":
        return held is not None and value is not None and not is_equal(held, value)
    if operator == "in":
        return any(is_equal(held, each) for each in value)
    if operator == "not-in":
        known = held is not None and None not in value
        return known and not any(is_equal(held, each) for each in value)
    if operator == "array-contains":
        return isinstance(held, list) and any(is_equal(each, value) for each in held)
    if operator == "array-contains-any":
        wanted = held if isinstance(held, list) else []
        return any(is_equal(each, other) for each in wanted for other in value)
    if rank(held) != rank(value) or None in (held, value) or is_nan(held) or is_nan(value):
        return False
    way = compare(held, value)
    return {"<": way < 0, "<=": way <= 0, ">": way > 0, ">=": way >= 0}[operator]


@dataclass(frozen=True)
class Question:
    """A query over the collection ``c``."""

    filters: tuple[tuple[str, str, Any], ...]
    any_of: bool
    order: tuple[tuple[str, bool], ...]
    offset: int
    limit: int | None
    start: tuple[Any, bool] | None

    def answer(self, documents: dict[str, Fields]) -> list[str]:
        """Return the ids of the results, found by comparing."""
        held = [(name, each) for name, each in documents.items() if self._has(each)]
        held.sort(key=functools.cmp_to_key(self._compare))
        if self.start is not None:
            value, before = self.start
            path, descends = self.whole[0]
            ways = (
                (each, compare(each[1][path], value) * (-1 if descends else 1)) for each in held
            )
            held = [each for each, way in ways if way > 0 or (way == 0 and before)]
        end = None if self.limit is None else self.offset + self.limit
        return [name for name, _ in held[self.offset : end]]

    @property
    def whole(self) -> list[tuple[str, bool]]:
        """The order with the fields of inequalities, which come by their names."""
        unequal = {
            path for path, op, _ in self.filters if op in {"<", "<=", ">", ">=", "!=", "not-in"}
        }
        last = self.order[-1][1] if self.order else False
        named = [path for path, _ in self.order]
        return [*self.order, *((path, last) for path in sorted(unequal - set(named)))]

    def _has(self, document: Fields) -> bool:
        held = (p in document and passes(document[p], op, v) for p, op, v in self.filters)
        matches = any(held) if self.any_of and self.filters else all(held)
        return matches and all(path in document for path, _ in self.whole)

    def _compare(self, one: tuple[str, Fields], other: tuple[str, Fields]) -> int:
        for path, descends in self.whole:
            way = compare(one[1][path], other[1][path])
            if way:
                return -way if descends else way
        way = compare(one[0], other[0])
        return -way if self.whole and self.whole[-1][1] else way

    def query(self) -> Query:
        """Return it as the emulator takes it."""
        said = StructuredQuery(offset=self.offset)
        said.from_.add(collection_id="c")
        if self.filters:
            self._filter(said.where.composite_filter)
        for path, descends in self.order:
            said.order_by.add(direction=2 if descends else 1).field.field_path = path
        if self.limit is not None:
            said.limit.value = self.limit
        if self.start is not None:
            said.start_at.before = self.start[1]
            said.start_at.values.append(as_value(self.start[0]))
        return Query(Path(ROOT, ()), said)

    def _filter(self, composite: Proto) -> None:
        composite.op = 2 if self.any_of else 1
        for path, operator, value in self.filters:
            each = composite.filters.add().field_filter
            each.field.field_path, each.op = path, OPERATORS[operator]
            each.value.CopyFrom(as_value(value))


def as_value(value: object) -> Proto:
    """Return a value as a message."""
    return encode_value(value)._pb
