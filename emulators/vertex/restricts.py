"""Which slots of an index a query may see: tokens as bitsets, numbers as columns."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from emulators.vertex.datapoint import Numeric, NumericKind, Operator, Restrict, Traits

    Bits = NDArray[np.uint8]

_COMPARE: dict[Operator, Callable[[Any, Any], Any]] = {
    "LESS": operator.lt,
    "LESS_EQUAL": operator.le,
    "EQUAL": operator.eq,
    "GREATER_EQUAL": operator.ge,
    "GREATER": operator.gt,
    "NOT_EQUAL": operator.ne,
}
_DTYPE: dict[NumericKind, type[np.generic[Any]]] = {
    "int": np.int64,
    "float": np.float32,
    "double": np.float64,
}


class SlotSet:
    """A set of slot numbers as bits, eight to a byte, least significant first."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def add(self, slot: int) -> None:
        """Put a slot in."""
        place = slot >> 3
        if place >= len(self._bytes):
            self._bytes.extend(bytes(max(place + 1 - len(self._bytes), len(self._bytes))))
        self._bytes[place] |= 1 << (slot & 7)

    def discard(self, slot: int) -> None:
        """Take a slot out, if it is in."""
        place = slot >> 3
        if place < len(self._bytes):
            self._bytes[place] &= ~(1 << (slot & 7))

    def bits(self, size: int) -> Bits:
        """Return a copy as ``size`` bytes."""
        found = np.zeros(size, np.uint8)
        known = min(size, len(self._bytes))
        found[:known] = np.frombuffer(self._bytes, np.uint8, known)
        return found


class Column:
    """One number per slot, or none."""

    def __init__(self, dtype: type[np.generic]) -> None:
        self._values: NDArray[Any] = np.zeros(0, dtype)
        self._known = SlotSet()

    def put(self, slot: int, value: float) -> None:
        """Set the number of a slot."""
        if slot >= len(self._values):
            size = max(1024, 2 * slot)
            self._values = np.concatenate(
                [self._values, np.zeros(size - len(self._values), self._values.dtype)]
            )
        self._values[slot] = value
        self._known.add(slot)

    def discard(self, slot: int) -> None:
        """Forget the number of a slot."""
        self._known.discard(slot)

    def matches(self, numeric: Numeric, size: int) -> Bits:
        """Return the slots whose number stands in the asked relation, as ``size`` bytes."""
        assert numeric.op is not None  # noqa: S101 - check_query refuses a query without one
        value = self._values.dtype.type(numeric.value)
        packed = np.packbits(
            _COMPARE[numeric.op](self._values[: size * 8], value), bitorder="little"
        )
        found = self._known.bits(size)
        found[: len(packed)] &= packed
        return found


class Eligibility:
    """The restricts of all datapoints of one index, turned around: from token to slots."""

    def __init__(self) -> None:
        self._allow: dict[tuple[str, str], SlotSet] = {}
        self._deny: dict[tuple[str, str], SlotSet] = {}
        self._columns: dict[tuple[str, str], Column] = {}
        self._live = SlotSet()

    def add(self, slot: int, traits: Traits) -> None:
        """Take in the traits of a slot that holds nothing yet."""
        self._live.add(slot)
        for restrict in traits.restricts:
            _put(self._allow, restrict.namespace, restrict.allow, slot)
            _put(self._deny, restrict.namespace, restrict.deny, slot)
        for numeric in traits.numerics:
            key = (numeric.namespace, numeric.kind)
            column = self._columns.get(key)
            if column is None:
                column = self._columns[key] = Column(_DTYPE[numeric.kind])
            column.put(slot, numeric.value)

    def remove(self, slot: int, traits: Traits) -> None:
        """Forget a slot that was added with ``traits``."""
        self._live.discard(slot)
        for restrict in traits.restricts:
            for token in restrict.allow:
                self._allow[restrict.namespace, token].discard(slot)
            for token in restrict.deny:
                self._deny[restrict.namespace, token].discard(slot)
        for numeric in traits.numerics:
            self._columns[numeric.namespace, numeric.kind].discard(slot)

    def slots(self, traits: Traits, high: int) -> NDArray[np.intp]:
        """Return the slots below ``high`` that a query with ``traits`` may see, ascending.

        Namespaces are joined by AND, the allowed tokens of one namespace by OR. A datapoint is left
        out when it has a token the query denies, or denies a token the query allows. A datapoint
        without the number a numeric restrict asks for, or with one of another type, is left out.
        """
        size = (high + 7) >> 3
        found = self._live.bits(size)
        for restrict in traits.restricts:
            self._apply(restrict, found)
        for numeric in traits.numerics:
            column = self._columns.get((numeric.namespace, numeric.kind))
            found &= column.matches(numeric, size) if column else np.uint8(0)
        return np.flatnonzero(np.unpackbits(found, bitorder="little", count=high))

    def _apply(self, restrict: Restrict, found: Bits) -> None:
        name = restrict.namespace
        if restrict.allow:
            found &= _union(self._allow, name, restrict.allow, len(found))
            found &= ~_union(self._deny, name, restrict.allow, len(found))
        if restrict.deny:
            found &= ~_union(self._allow, name, restrict.deny, len(found))


def _put(
    sets: dict[tuple[str, str], SlotSet], namespace: str, tokens: Iterable[str], slot: int
) -> None:
    for token in tokens:
        key = (namespace, token)
        slots = sets.get(key)
        if slots is None:
            slots = sets[key] = SlotSet()
        slots.add(slot)


def _union(
    sets: dict[tuple[str, str], SlotSet], namespace: str, tokens: Iterable[str], size: int
) -> Bits:
    union = np.zeros(size, np.uint8)
    for token in tokens:
        slots = sets.get((namespace, token))
        if slots is not None:
            union |= slots.bits(size)
    return union
