"""Aggregations over the results of a query: count, sum and average."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.firestore import checks, fields, values
from emulators.firestore.messages import AggregationResult, StructuredQuery, Value
from emulators.firestore.queries import combinations, ordering
from emulators.firestore.queries.filters import inequalities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulators.core.methods import Proto
    from emulators.firestore.data import Data, Version
    from emulators.firestore.queries.query import Query

MOST = 5


def planned(said: Proto) -> Proto:
    """Return the query that an aggregation is over; fields that are summed are ordered by.

    A document without such a field counts in none of the aggregations (Firestore's own behavior).

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    _check_all(said)
    query = StructuredQuery()
    query.CopyFrom(said.structured_query)
    by_name, known = _known(query)
    for path in dict.fromkeys(map(_path, said.aggregations)):
        if path and path not in known:
            if by_name:
                raise errors.invalid_argument(
                    f"This query requires an index that has fields [{path}] after __name__ and "
                    "Firestore does not currently support such an index. Please try the query "
                    "again with additional ordering on those fields."
                )
            query.order_by.add().field.field_path = path
    return query


def _check_all(said: Proto) -> None:
    if not said.aggregations:
        raise errors.invalid_argument("Aggregations can not be empty (aggregations).")
    if len(said.aggregations) > MOST:
        raise errors.invalid_argument(f"At most {MOST} aggregations are allowed per query.")
    for each in said.aggregations:
        _check(each)
    names = aliases(said)
    for name in names:
        checks.field_name(name)
    if len(set(names)) != len(names):
        raise errors.invalid_argument("Aggregation aliases contain duplicate alias.")


def _known(query: Proto) -> tuple[bool, set[str]]:
    """Return whether a query is about names, and the fields that it is ordered by as it is."""
    known = {each.field.field_path for each in query.order_by}
    by_name = fields.NAME in known or bool(combinations.names(query.where))
    if by_name:
        ordering.ordering(query)  # what it refuses comes first
        known |= {".".join(path) for path in inequalities(query.where)}
    return by_name, known


def aliases(said: Proto) -> list[str]:
    """Return the names of the results; one that has none is called ``field_N``."""
    found, given = [], {each.alias for each in said.aggregations}
    number = 0
    for each in said.aggregations:
        name = each.alias
        while not name:
            number += 1
            name = "" if f"field_{number}" in given else f"field_{number}"
        found.append(name)
    return found


def aggregated(said: Proto, query: Query, data: Data, at: int | None) -> Proto:
    """Return the result of every aggregation.

    Args:
        said: The StructuredAggregationQuery.
        query: Of what `planned` made of it.
        data: Of the database.
        at: Microseconds; None is now.
    """
    only_counts = all(each.HasField("count") for each in said.aggregations)
    found = [] if only_counts else query.run(data, at)
    total = query.count(data, at) if only_counts else len(found)
    result = AggregationResult()
    for name, each in zip(aliases(said), said.aggregations, strict=True):
        result.aggregate_fields[name].CopyFrom(_value(each, found, total))
    return result


def _value(said: Proto, found: Sequence[Version], total: int) -> Proto:
    kind = said.WhichOneof("operator")
    if kind == "count":
        most = said.count.up_to.value if said.count.HasField("up_to") else total
        return Value(integer_value=min(total, most))
    numbers = _numbers(fields.parse(_path(said)), found)
    if kind == "sum":
        return values.of_number(_sum(numbers))
    return Value(double_value=_sum(numbers) / len(numbers)) if numbers else Value(null_value=0)


def _check(said: Proto) -> None:
    kind = said.WhichOneof("operator")
    if kind is None:
        raise errors.invalid_argument("An aggregation has to be a count, a sum or an average.")
    if kind == "count" and said.count.up_to.value < 0:
        raise errors.invalid_argument(
            "The `up_to` value in a COUNT aggregation must be greater than or equal to zero."
        )
    if _path(said) == fields.NAME:
        raise errors.invalid_argument("Aggregations are not supported for the property: __name__.")


def _numbers(path: fields.FieldPath, found: Sequence[Version]) -> list[float]:
    held = (
        fields.get(version.document.fields, path)
        for version in found
        if version.document is not None
    )
    return [values.number(each) for each in held if each is not None and values.is_number(each)]


def _sum(numbers: Sequence[float]) -> float:
    """Integers stay exact, a sum that no 64 bits hold is a double; doubles are rounded once.

    That is what the vendor's own tests of aggregations ask of production, to the last digit.
    """
    whole = sum(each for each in numbers if isinstance(each, int))
    parts = [each for each in numbers if not isinstance(each, int)]
    if not parts:
        return whole if -(2**63) <= whole < 2**63 else float(whole)
    endless = [each for each in parts if not math.isfinite(each)]
    return sum(endless) if endless else _rounded_once(whole, parts)


def _rounded_once(whole: int, parts: Sequence[float]) -> float:
    """Return the double next to an exact sum, an infinity where it is beyond all of them."""
    # An integer of over 53 bits is handed over in two doubles.
    most = float(whole)
    try:
        return math.fsum([most, whole - int(most), *parts])
    except OverflowError:  # on the way, perhaps not at the end
        exact = sum(map(Fraction, parts), Fraction(whole))
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def _path(said: Proto) -> str:
    kind = said.WhichOneof("operator")
    found: str = getattr(said, kind).field.field_path if kind in {"sum", "avg"} else ""
    return found
