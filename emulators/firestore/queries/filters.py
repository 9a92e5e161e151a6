"""Filters: whether a document's fields are what a query asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from emulators.core import errors
from emulators.firestore import checks, fields, names, values
from emulators.firestore.queries import combinations
from emulators.firestore.queries.operators import (
    AND,
    ARRAY_CONTAINS,
    ARRAY_CONTAINS_ANY,
    EQUAL,
    GREATER,
    GREATER_EQUAL,
    IN,
    IS_NAN,
    IS_NOT_NAN,
    IS_NOT_NULL,
    IS_NULL,
    LESS,
    LESS_EQUAL,
    NOT_EQUAL,
    NOT_IN,
    OR,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from emulators.core.methods import Proto
    from emulators.firestore.data import Version
    from emulators.firestore.fields import FieldPath
    from emulators.firestore.values import Key

    Matches: TypeAlias = "Callable[[Version], bool]"

MOST_DISJUNCTIONS = 30
MOST_NOT_IN = 10
_UNEQUAL: frozenset[Key] = frozenset({(values.NULL,), values.NAN})
"""What no value is equal to, less or more than; only ``IS_NULL`` and ``IS_NAN`` find them."""
EVERYTHING: tuple[Key, Key] = ((), (values.MAP + 1,))
"""Keys between which all values are."""
_INEQUALITIES = frozenset({LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, NOT_EQUAL, NOT_IN})
_NAMES = {IN: "IN", ARRAY_CONTAINS_ANY: "ARRAY_CONTAINS_ANY", NOT_IN: "NOT_IN"}
_RANGES: dict[int, Callable[[Key, Key], bool]] = {
    LESS: lambda held, given: held < given,
    LESS_EQUAL: lambda held, given: held <= given,
    GREATER: lambda held, given: held > given,
    GREATER_EQUAL: lambda held, given: held >= given,
}


def compiled(where: Proto) -> Matches:
    """Return what tells whether a document passes a filter.

    Raises:
        EmulatorError: INVALID_ARGUMENT, naming the operator or field.
    """
    if disjunctions(where) > MOST_DISJUNCTIONS:
        raise errors.invalid_argument(
            f"The query has more than {MOST_DISJUNCTIONS} disjunctions in its normal form."
        )
    combinations.check(where)
    return _compiled(where)


def _compiled(where: Proto) -> Matches:
    kind = where.WhichOneof("filter_type")
    if kind == "composite_filter":
        return _composite(where.composite_filter)
    if kind == "field_filter":
        return _field(where.field_filter)
    if kind == "unary_filter":
        return _unary(where.unary_filter)
    raise errors.invalid_argument("A filter is empty: it has to be of a field or of filters.")


def _composite(said: Proto) -> Matches:
    parts = [_compiled(each) for each in said.filters]
    if said.op not in {AND, OR}:
        raise errors.invalid_argument("Unsupported CompositeFilter operator (op).")
    if said.op == OR and not parts:
        raise errors.invalid_argument("Composite filter must have at least one sub-filter.")
    if said.op == AND:
        return lambda version: all(part(version) for part in parts)
    return lambda version: any(part(version) for part in parts)


def _field(said: Proto) -> Matches:
    path = fields.parse(said.field.field_path)
    if said.op in _NAMES:
        return _one_of(said, path)
    given = _given(path, said.value)
    if said.op == NOT_EQUAL:
        return _none_of(path, {given})
    if said.op in _RANGES:
        return _range(path, given, _RANGES[said.op])
    if said.op in {EQUAL, ARRAY_CONTAINS}:
        return _equal(said.op, path, given)
    raise errors.invalid_argument(
        f"Field {said.field.field_path} is compared by no known operator."
    )


def _equal(op: int, path: FieldPath, given: Key) -> Matches:
    if given in _UNEQUAL:
        return lambda _: False
    if op == EQUAL:
        return lambda version: version.key(path) == given
    _must_not_be_name(path)
    return lambda version: given in _elements(version.key(path))


def _none_of(path: FieldPath, given: set[Key]) -> Matches:
    """Null is of no value that is given, and not of the others either; NaN is of the others."""
    if (values.NULL,) in given:
        return lambda _: False
    others = given - _UNEQUAL
    return lambda version: _is_other(version.key(path), others)


def _range(path: FieldPath, given: Key, holds: Callable[[Key, Key], bool]) -> Matches:
    def matches(version: Version) -> bool:
        held = version.key(path)
        same = held is not None and held[0] == given[0]
        return same and held not in _UNEQUAL and holds(held, given)  # type: ignore[arg-type]

    if given in _UNEQUAL:
        return lambda _: False

    return matches


def _one_of(said: Proto, path: FieldPath) -> Matches:
    name, most = _NAMES[said.op], MOST_NOT_IN if said.op == NOT_IN else MOST_DISJUNCTIONS
    elements = said.value.array_value.values
    if not elements:
        raise errors.invalid_argument(f"'{name}' requires a non-empty ArrayValue.")
    if len(elements) > most:
        raise errors.invalid_argument(f"'{name}' supports up to {most} comparison values.")
    given = {_given(path, each) for each in elements}
    if said.op == NOT_IN:
        return _none_of(path, given)
    wanted = given - _UNEQUAL
    if said.op == IN:
        return lambda version: version.key(path) in wanted
    _must_not_be_name(path)
    return lambda version: not wanted.isdisjoint(_elements(version.key(path)))


def _unary(said: Proto) -> Matches:
    path = fields.parse(said.field.field_path)
    _must_not_be_name(path)
    null, nan = (values.NULL,), values.NAN
    if said.op == IS_NULL:
        return lambda version: version.key(path) == null
    if said.op == IS_NAN:
        return lambda version: version.key(path) == nan
    if said.op == IS_NOT_NULL:
        return lambda version: _is_other(version.key(path), set())
    if said.op == IS_NOT_NAN:
        return lambda version: _is_other(version.key(path), {nan})
    raise errors.invalid_argument(f"Field {said.field.field_path} is judged by no known operator.")


def _is_other(held: Key | None, given: set[Key]) -> bool:
    """A field that is missing or null is neither equal nor unequal to anything."""
    return held is not None and held != (values.NULL,) and held not in given


def _elements(held: Key | None) -> Sequence[Key]:
    return held[1] if held is not None and held[0] == values.ARRAY else ()


def _given(path: FieldPath, value: Proto) -> Key:
    checks.value(value, ".".join(path))
    if path == (fields.NAME,) and value.WhichOneof("value_type") != "reference_value":
        raise errors.invalid_argument("__key__ filter value must be a Key (__name__).")
    return values.key(value)


def check_names(where: Proto, root: str) -> None:
    """Refuse a comparison with a document of another database.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    for leaf in combinations.leaves(where):
        said = leaf.field_filter
        if said.field.field_path == fields.NAME:
            for each in (said.value, *said.value.array_value.values):
                if each.HasField("reference_value"):
                    check_database(each.reference_value, root)


def check_database(name: str, root: str) -> None:
    """Refuse the name of a document of another database.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    found = names.document(name).root
    if found != root:
        raise errors.invalid_argument(
            f"The request was for database '{root}' but was attempting to access database "
            f"'{found}' (__name__)."
        )


def _must_not_be_name(path: FieldPath) -> None:
    if path == (fields.NAME,):
        raise errors.invalid_argument("__name__ is neither an array, nor null, nor a number.")


def equalities(where: Proto) -> tuple[FieldPath, set[Key]] | None:
    """Return a field and values of which every document that passes has one; None for no such."""
    kind = where.WhichOneof("filter_type")
    if kind == "composite_filter" and where.composite_filter.op == AND:
        parts = map(equalities, where.composite_filter.filters)
        return next((each for each in parts if each is not None), None)
    if kind != "field_filter" or where.field_filter.op not in {EQUAL, IN}:
        return None
    said = where.field_filter
    path = fields.parse(said.field.field_path)
    given = said.value.array_value.values if said.op == IN else [said.value]
    return path, {_given(path, each) for each in given}


def ranges(where: Proto) -> Iterator[tuple[FieldPath, tuple[Key, Key]]]:
    """Yield fields, and the keys between which they are in every document that passes."""
    kind = where.WhichOneof("filter_type")
    if kind == "composite_filter" and where.composite_filter.op == AND:
        for each in where.composite_filter.filters:
            yield from ranges(each)
    elif kind == "field_filter" and where.field_filter.op in _RANGES:
        said = where.field_filter
        path = fields.parse(said.field.field_path)
        given = _given(path, said.value)
        # The first key of a type is the type alone; a longer key is right behind the shorter one.
        low, high = given[:1], (given[0] + 1,)
        is_low = said.op in {GREATER, GREATER_EQUAL}
        yield path, (given, high) if is_low else (low, (*given, 0))


def inequalities(where: Proto) -> Iterator[FieldPath]:
    """Yield the fields that a filter orders by, whether or not the query says so."""
    kind = where.WhichOneof("filter_type")
    if kind == "composite_filter":
        for each in where.composite_filter.filters:
            yield from inequalities(each)
    elif kind == "field_filter" and where.field_filter.op in _INEQUALITIES:
        yield fields.parse(where.field_filter.field.field_path)
    elif kind == "unary_filter" and where.unary_filter.op in {IS_NOT_NAN, IS_NOT_NULL}:
        yield fields.parse(where.unary_filter.field.field_path)


def disjunctions(where: Proto) -> int:
    """Return how many conjunctions a filter's disjunctive normal form has."""
    kind = where.WhichOneof("filter_type")
    if kind == "field_filter" and where.field_filter.op in {IN, ARRAY_CONTAINS_ANY}:
        return max(1, len(where.field_filter.value.array_value.values))
    if kind != "composite_filter":
        return 1
    parts = [disjunctions(each) for each in where.composite_filter.filters]
    if where.composite_filter.op == OR:
        return sum(parts)
    total = 1
    for part in parts:
        total *= part
    return total
