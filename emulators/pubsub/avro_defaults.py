"""Defaults of Avro fields (Avro 1.11 specification, "Complex Types", records)."""

from __future__ import annotations

from emulators.pubsub.avro_types import (
    Bytes,
    Enum,
    Floating,
    Items,
    MismatchError,
    Record,
    Type,
    Union,
)

_NO_NUMBERS = {"NaN", "Infinity", "-Infinity"}


def check_default(kind: Type, value: object, field: str) -> None:
    """Accept a field's default, which is JSON but for unions: theirs is of the first type, bare.

    As with the vendor's emulator, any text does for bytes, fixed and enum.

    Raises:
        ValueError: It is not of the field's type; the message names the field.
    """
    try:
        _check(kind, value)
    except MismatchError as error:
        raise ValueError(f"the default of the field {field!r}: {error}") from error


def _check(kind: Type, value: object) -> None:
    if isinstance(kind, Union):
        _check(next(iter(kind.branches.values())), value)
    elif isinstance(kind, Items):
        _check_items(kind, value)
    elif isinstance(kind, Record):
        _check_record(kind, value)
    elif isinstance(kind, Bytes | Enum):
        if not isinstance(value, str):
            raise MismatchError(f"text expected, not {value!r}")
    elif not (isinstance(kind, Floating) and value in _NO_NUMBERS):
        kind.json(value)


def _check_items(kind: Items, value: object) -> None:
    if not isinstance(value, dict if kind.keyed else list):
        raise MismatchError(f"{'map' if kind.keyed else 'array'} expected, not {value!r}")
    for item in value.values() if isinstance(value, dict) else value:
        _check(kind.item, item)


def _check_record(kind: Record, value: object) -> None:
    if not isinstance(value, dict):
        raise MismatchError(f"record expected, not {value!r}")
    for name, inner in kind.fields.items():
        if name in value:
            _check(inner, value[name])
        elif name not in kind.optional:
            raise MismatchError(f"the field {name!r} is missing")
