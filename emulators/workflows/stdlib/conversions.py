"""Functions without a module (``int``, ``len``, ``default``, …), ``math`` and ``uuid``."""

import math
from uuid import UUID

from emulators.workflows.errors import type_error, value_error
from emulators.workflows.host import Host
from emulators.workflows.stdlib.registry import boolean_of, function, map_of, number_of
from emulators.workflows.values import Value, checked_integer, type_name


@function("double", "x")
def to_double(x: Value) -> float:
    """Return a string or number as a double."""
    if isinstance(x, str):
        try:
            return float(x)
        except ValueError as error:
            raise value_error(f"not a number: {x!r}") from error
    return float(number_of(x, "double: x"))


@function("int", "x")
def to_int(x: Value) -> int:
    """Return a string or number as an integer; doubles are cut towards 0."""
    if isinstance(x, str):
        try:
            return checked_integer(int(x))
        except ValueError as error:
            raise value_error(f"not an integer: {x!r}") from error
    number = number_of(x, "int: x")
    if not math.isfinite(number):
        raise value_error(f"not an integer: {number}")
    return checked_integer(int(number))


@function("string", "x")
def to_string(x: Value) -> str:
    """Return an integer, double, boolean or string as text."""
    if isinstance(x, str):
        return x
    if isinstance(x, bool):
        return "true" if x else "false"
    return str(number_of(x, "string: x"))


@function("keys", "map")
def keys(items: Value) -> Value:
    """Return the keys of a map as a list."""
    return list(map_of(items, "keys: map"))


@function("len", "value")
def length(value: Value) -> int:
    """Return the length of a string (in characters), list or map."""
    if isinstance(value, str | list | dict):
        return len(value)
    raise type_error(f"len: a value of type {type_name(value)} has no length")


@function("get_type", "value")
def get_type(value: Value) -> str:
    """Return the name of a value's type."""
    return type_name(value)


@function("default", "value", "default_value")
def default(value: Value, default_value: Value) -> Value:
    """Return the second argument when the first is null."""
    return default_value if value is None else value


@function("if", "condition", "if_true", "if_false")
def choose(condition: Value, if_true: Value, if_false: Value) -> Value:
    """Return one of two values; both were evaluated before."""
    return if_true if boolean_of(condition, "if: condition") else if_false


@function("math.abs", "x")
def absolute(x: Value) -> int | float:
    """Return a number without its sign."""
    result = abs(number_of(x, "math.abs: x"))
    return checked_integer(result) if isinstance(result, int) else result


@function("math.max", "x", "y")
def greatest(x: Value, y: Value) -> int | float:
    """Return the greater of two numbers."""
    return max(number_of(x, "math.max: x"), number_of(y, "math.max: y"))


@function("math.min", "x", "y")
def least(x: Value, y: Value) -> int | float:
    """Return the smaller of two numbers."""
    return min(number_of(x, "math.min: x"), number_of(y, "math.min: y"))


@function("uuid.generate", kind="ambient")
def generate(host: Host) -> str:
    """Return a random UUID (version 4)."""
    return str(UUID(bytes=host.random_bytes(16), version=4))
