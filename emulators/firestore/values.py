"""Values: the order of all of them, equality, and what a document may hold.

https://cloud.google.com/firestore/docs/concepts/data-types#value_type_ordering
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from emulators.firestore import names
from emulators.firestore.messages import Value

if TYPE_CHECKING:
    from emulators.core.methods import Proto

Key: TypeAlias = tuple[Any, ...]
"""Orders as Firestore does, by Python's own comparison of tuples; the first item is the type."""

NULL, BOOLEAN, NUMBER, TIMESTAMP, STRING, BYTES, REFERENCE, GEO_POINT, ARRAY, VECTOR, MAP = range(
    11
)
NAN: Key = (NUMBER, 0)
VECTOR_TYPE = "__vector__"


def key(value: Proto) -> Key:
    """Return what a value is ordered and compared by; it has been checked, see `checks`."""
    return _KEYS[value.WhichOneof("value_type")](value)


def _number(value: float) -> Key:
    return NAN if value != value else (NUMBER, 1, value)  # noqa: PLR0124 - NaN is not itself


def _timestamp(value: Proto) -> Key:
    said = value.timestamp_value
    return TIMESTAMP, said.seconds, said.nanos // 1000


def _map(value: Proto) -> Key:
    fields = value.map_value.fields
    if is_vector(value):
        found = fields["value"].array_value.values
        return VECTOR, len(found), tuple(key(each) for each in found)
    return MAP, tuple(sorted((name.encode(), key(each)) for name, each in fields.items()))


def _reference(value: Proto) -> Key:
    path = names.parse(value.reference_value)
    return REFERENCE, path.root, names.sort_key(path.segments)


_KEYS = {
    "null_value": lambda _: (NULL,),
    "boolean_value": lambda value: (BOOLEAN, value.boolean_value),
    "integer_value": lambda value: _number(value.integer_value),
    "double_value": lambda value: _number(value.double_value),
    "timestamp_value": _timestamp,
    "string_value": lambda value: (STRING, value.string_value.encode()),
    "bytes_value": lambda value: (BYTES, value.bytes_value),
    "reference_value": _reference,
    "geo_point_value": lambda value: (
        GEO_POINT, value.geo_point_value.latitude, value.geo_point_value.longitude
    ),
    "array_value": lambda value: (ARRAY, tuple(key(each) for each in value.array_value.values)),
    "map_value": _map,
}  # fmt: skip
KINDS = frozenset(_KEYS)
"""What a value may say it is, outside of a pipeline."""


def is_vector(value: Proto) -> bool:
    """Tell whether a map is how a vector is written."""
    fields = value.map_value.fields
    return "__type__" in fields and fields["__type__"].string_value == VECTOR_TYPE


def is_number(value: Proto) -> bool:
    """Tell whether a value is an integer or a double."""
    return value.WhichOneof("value_type") in {"integer_value", "double_value"}


def number(value: Proto) -> float:
    """Return the number that a value is."""
    found: float = value.integer_value if value.HasField("integer_value") else value.double_value
    return found


def of_number(found: float) -> Proto:
    """Return a number as a value: an int as an integer, a float as a double."""
    return Value(integer_value=found) if isinstance(found, int) else Value(double_value=found)
