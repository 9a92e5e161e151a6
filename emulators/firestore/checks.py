"""What a value may be: in a query, and in a document, which is held to more.

https://cloud.google.com/firestore/quotas#limits
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulators.core import errors
from emulators.firestore import names
from emulators.firestore.values import KINDS, VECTOR_TYPE, is_vector

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulators.core.methods import Proto

MOST_VECTOR = 2048
MOST_DEPTH = 20
SECOND_NANOS = 1_000_000_000
_FIRST, _LAST = -62_135_596_800, 253_402_300_799
"""Seconds of the years 1 and 9999 (google.protobuf.Timestamp)."""
_VECTOR_FIELDS = frozenset({"__type__", "value"})


def value(said: Proto, place: str, depth: int | None = None) -> None:
    """Refuse what is no value; of times only microseconds stay.

    Args:
        said: A Value; changed in place.
        place: The path of its field, for the message.
        depth: Of the maps and arrays around it where a document is to hold it, 1 for a field;
            None where it is only compared with.

    Raises:
        EmulatorError: INVALID_ARGUMENT, naming the place.
    """
    kind = said.WhichOneof("value_type")
    if kind not in KINDS:
        raise _no_value(kind, place)
    if kind in _CHECKS:
        _CHECKS[kind](said, place, depth)


def _no_value(kind: str | None, place: str) -> errors.EmulatorError:
    if kind is None:
        said = "Cannot convert firestore.v1.Value with type unset"
    else:
        said = f"Value type is not supported: {kind.upper()}"
    return errors.invalid_argument(f"{said} (property {place}).")


def _timestamp(said: Proto, place: str, _depth: int | None) -> None:
    time = said.timestamp_value
    if not (_FIRST <= time.seconds <= _LAST and 0 <= time.nanos < SECOND_NANOS):
        raise errors.invalid_argument(f"Property {place} is a time outside of the years 1 to 9999.")
    time.nanos -= time.nanos % 1000


def _point(said: Proto, place: str, _depth: int | None) -> None:
    ranges = (("latitude", 90), ("longitude", 180))
    for name, most in ranges:
        found = getattr(said.geo_point_value, name)
        if not -most <= found <= most:
            raise errors.invalid_argument(
                f"Geo point {name} '{found}' outside permitted range -{most}.0 to {most}.0 "
                f"(property {place})."
            )


def _reference(said: Proto, place: str, _depth: int | None) -> None:
    try:
        names.document(said.reference_value)
    except errors.EmulatorError as error:
        raise errors.invalid_argument(f"{error.message} (property {place})") from None


def _array(said: Proto, place: str, depth: int | None) -> None:
    for each in said.array_value.values:
        if depth is not None:
            _fits_array(each, place)
        value(each, place, None if depth is None else depth + 1)


def _fits_array(element: Proto, place: str) -> None:
    kind = element.WhichOneof("value_type")
    if kind == "array_value":
        raise errors.invalid_argument(
            f"Property {place} contains an invalid nested entity: arrays cannot hold arrays."
        )
    if kind == "map_value" and is_vector(element):
        raise errors.invalid_argument(
            f"Cannot convert a vector value in an array value (property {place})."
        )


def _map(said: Proto, place: str, depth: int | None) -> None:
    if is_vector(said):
        vector(said, place)
        return
    if depth is not None and depth > MOST_DEPTH:
        raise errors.invalid_argument(
            f"Property {place} exceeds the maximum depth of {MOST_DEPTH}."
        )
    for name, each in said.map_value.fields.items():
        if name or depth is not None:
            field_name(name)
        value(each, f"{place}.{name}", None if depth is None else depth + 1)


def vector(said: Proto, place: str) -> None:
    """Refuse a value that is no vector: a map of ``__type__`` and 1 to 2,048 doubles.

    Raises:
        EmulatorError: INVALID_ARGUMENT, naming the place.
    """
    fields = said.map_value.fields
    if not is_vector(said):
        raise errors.invalid_argument(
            f"Property {place} must be a vector: a map whose __type__ is {VECTOR_TYPE}."
        )
    if "value" not in fields:
        raise errors.invalid_argument(f"Vector map is missing key 'value' (property {place}).")
    if fields.keys() - _VECTOR_FIELDS:
        raise errors.invalid_argument(
            f"Vector Value map has extraneous entries (property {place})."
        )
    found = fields["value"].array_value.values
    if not found:
        raise errors.invalid_argument(f"Cannot have a zero length vector (property {place}).")
    if len(found) > MOST_VECTOR:
        raise errors.invalid_argument(
            f"Vectors must be at most {MOST_VECTOR} dimensions (property {place})."
        )
    if any(each.WhichOneof("value_type") != "double_value" for each in found):
        raise errors.invalid_argument(
            f"Vector must only contain values of type 'double' (property {place})."
        )


_CHECKS: dict[str, Callable[[Proto, str, int | None], None]] = {
    "timestamp_value": _timestamp,
    "geo_point_value": _point,
    "reference_value": _reference,
    "array_value": _array,
    "map_value": _map,
}


def field_name(name: str) -> None:
    """Refuse the name of a field that no map may have.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    if not name:
        raise errors.invalid_argument("A field's name is empty.")
    if name.startswith("__") and name.endswith("__") and len(name) >= 4:  # noqa: PLR2004 - both pairs
        raise errors.invalid_argument(f"The field name {name} is reserved.")
    if len(name.encode()) > names.MOST_ID_BYTES:
        raise errors.invalid_argument(
            f"The field name {name[:50]}… is longer than {names.MOST_ID_BYTES} bytes."
        )
