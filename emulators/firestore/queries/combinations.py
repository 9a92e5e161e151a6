"""Which operators may stand together in one filter.

https://cloud.google.com/firestore/docs/query-data/queries#limitations
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.firestore.fields import NAME
from emulators.firestore.queries.operators import (
    ARRAY_CONTAINS,
    ARRAY_CONTAINS_ANY,
    IN,
    IS_NOT_NAN,
    IS_NOT_NULL,
    NOT_EQUAL,
    NOT_IN,
    OR,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulators.core.methods import Proto


def check(where: Proto) -> None:
    """Refuse operators that exclude each other.

    Raises:
        EmulatorError: INVALID_ARGUMENT, naming them.
    """
    parts = list(leaves(where))
    if sum(map(_is_exclusion, parts)) > 1:
        raise errors.invalid_argument(
            "Only a single 'NOT_EQUAL', 'NOT_IN', 'IS_NOT_NAN', or 'IS_NOT_NULL' filter allowed "
            "per query."
        )
    operators = {each.field_filter.op for each in parts if each.HasField("field_filter")}
    if NOT_IN in operators and (operators & {IN, ARRAY_CONTAINS_ANY} or _has_or(where)):
        raise errors.invalid_argument(
            "'NOT_IN' cannot be used in the same query with 'IN', 'ARRAY_CONTAINS_ANY' or 'OR'."
        )
    if _arrays(where) > 1:
        raise errors.invalid_argument(
            "A maximum of 1 'ARRAY_CONTAINS' filter is allowed per disjunction."
        )


def names(where: Proto) -> set[int]:
    """Return the operators by which the name is compared."""
    return {
        each.field_filter.op
        for each in leaves(where)
        if each.HasField("field_filter") and each.field_filter.field.field_path == NAME
    }


def has_fields(where: Proto) -> bool:
    """Tell whether a filter is of more than the name."""
    return any(
        path not in {"", NAME}
        for each in leaves(where)
        for path in (each.field_filter.field.field_path, each.unary_filter.field.field_path)
    )


def leaves(where: Proto) -> Iterator[Proto]:
    """Yield the filters of which a filter is composed."""
    if not where.HasField("composite_filter"):
        yield where
    for each in where.composite_filter.filters:
        yield from leaves(each)


def _is_exclusion(leaf: Proto) -> bool:
    if leaf.HasField("field_filter"):
        return leaf.field_filter.op in {NOT_EQUAL, NOT_IN}
    return leaf.HasField("unary_filter") and leaf.unary_filter.op in {IS_NOT_NAN, IS_NOT_NULL}


def _has_or(where: Proto) -> bool:
    return where.composite_filter.op == OR or any(map(_has_or, where.composite_filter.filters))


def _arrays(where: Proto) -> int:
    """Return the most array filters of any conjunction in the disjunctive normal form.

    A filter that is said twice counts once.
    """
    if where.HasField("composite_filter"):
        same = {each.SerializeToString(): each for each in where.composite_filter.filters}
        parts = [_arrays(each) for each in same.values()]
        return max(parts, default=0) if where.composite_filter.op == OR else sum(parts)
    return int(where.field_filter.op in {ARRAY_CONTAINS, ARRAY_CONTAINS_ANY})
