"""Values: the order of all of them, equality, and what a document may hold.

https://cloud.google.com/firestore/docs/concepts/data-types#value_type_ordering
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from emulators.core import errors
from emulators.firestore import names, supported
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
MOST_VECTOR = 2048
MOST_DEPTH = 20
SECOND_NANOS = 1_000_000_000
_FIRST, _LAST = -62_135_596_800, 253_402_300_799
"""Seconds of the years 1 and 9999 (google.protobuf.Timestamp)."""


def key(value: Proto) -> Key:
    """Return what a value is ordered and compared by; it has been checked, see `check_kind`."""
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


def check(value: Proto, place: str, depth: int = 1) -> None:
    """Refuse a value that no document may hold; of times only microseconds stay.

    Args:
        value: Of a field; changed in place.
        place: The field's path, for the message.
        depth: Of the maps and arrays around it.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    kind = check_kind(value)
    if kind == "map_value":
        _check_map(value, place, depth)
    elif kind == "array_value":
        for each in value.array_value.values:
            if each.WhichOneof("value_type") == "array_value":
                raise errors.invalid_argument(
                    f"Property {place} contains an invalid nested entity: "
                    "arrays cannot hold arrays."
                )
            check(each, place, depth + 1)
    elif kind == "timestamp_value":
        value.timestamp_value.nanos -= value.timestamp_value.nanos % 1000
    elif kind == "geo_point_value":
        _check_point(value.geo_point_value, place)
    elif kind == "reference_value":
        names.document(value.reference_value)


def check_kind(value: Proto) -> str:
    """Return which type a value says it is.

    Raises:
        EmulatorError: INVALID_ARGUMENT: it says nothing, or no time that a calendar has.
            UNIMPLEMENTED: it stands for what a pipeline makes.
    """
    kind: str | None = value.WhichOneof("value_type")
    if kind is None:
        raise errors.invalid_argument("Cannot convert firestore.v1.Value with type unset.")
    if kind not in _KEYS:
        supported.refuse(value)
    if kind == "timestamp_value":
        said = value.timestamp_value
        if not (_FIRST <= said.seconds <= _LAST and 0 <= said.nanos < SECOND_NANOS):
            raise errors.invalid_argument("A timestamp is outside of the years 1 to 9999.")
    return kind


def _check_map(value: Proto, place: str, depth: int) -> None:
    if is_vector(value):
        found = value.map_value.fields["value"].array_value.values
        if not 0 < len(found) <= MOST_VECTOR or not all(map(is_number, found)):
            raise errors.invalid_argument(
                f"Property {place} is no vector: it has 1 to {MOST_VECTOR} numbers."
            )
        return
    if depth > MOST_DEPTH:
        raise errors.invalid_argument(
            f"Property {place} exceeds the maximum depth of {MOST_DEPTH}."
        )
    for name, each in value.map_value.fields.items():
        check_name(name)
        check(each, f"{place}.{name}", depth + 1)


def _check_point(point: Proto, place: str) -> None:
    if not (-90 <= point.latitude <= 90 and -180 <= point.longitude <= 180):  # noqa: PLR2004 - degrees
        raise errors.invalid_argument(
            f"Property {place} is no point: latitude is -90 to 90, longitude -180 to 180."
        )


def check_name(name: str) -> None:
    """Refuse the name of a field that no map may have.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    if not name:
        raise errors.invalid_argument("A field's name is empty.")
    if name.startswith("__") and name.endswith("__") and len(name) >= 4:  # noqa: PLR2004 - both pairs
        raise errors.invalid_argument(f"The field name {name} is reserved.")
    if len(name.encode()) > names.MOST_ID_BYTES:
        raise errors.invalid_argument(f"A field's name is longer than {names.MOST_ID_BYTES} bytes.")
