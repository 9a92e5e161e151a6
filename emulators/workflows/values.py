"""Values of the language: their types, comparison, size and JSON form.

Values are never changed in place: `updated` returns a new container that shares what did not
change. That gives assignment its value semantics (spec §2) without copying.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from emulators.workflows.errors import index_error, key_error, limit_error, type_error, value_error

MAX_STRING_BYTES = 256 * 1024
INTEGERS = range(-(2**63), 2**63)


@dataclass(frozen=True)
class Function:
    """A subworkflow or library function used as a value, for instance a retry predicate."""

    name: str


Value: TypeAlias = (
    "bool | int | float | str | bytes | list[Value] | dict[str, Value] | Function | None"
)

TYPE_NAMES: dict[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "double",
    str: "string",
    bytes: "bytes",
    list: "list",
    dict: "map",
    Function: "function",
    type(None): "null",
}


def type_name(value: Value) -> str:
    """Return the language's name of a value's type, as ``get_type`` gives it."""
    return TYPE_NAMES[type(value)]


def is_number(value: Value) -> bool:
    """Tell whether a value is an integer or a double; a boolean is neither."""
    return type(value) in {int, float}


def equal(left: Value, right: Value) -> bool:
    """Compare deeply; values of different types differ, except an integer and a double."""
    if is_number(left) and is_number(right):
        return left == right
    if type(left) is not type(right):
        return False
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[k], right[k]) for k in left)
    return left == right


def contains(container: Value, item: Value) -> bool:
    """Evaluate ``item in container`` for a list's members or a map's keys."""
    if isinstance(container, list):
        return any(equal(item, member) for member in container)
    if isinstance(container, dict):
        return map_key(item) in container
    raise type_error(f"'in' needs a list or a map, not {type_name(container)}")


def map_key(key: Value) -> str:
    """Return a key in the form maps hold it: numbers of YAML keys are their text (spec §2)."""
    if isinstance(key, str):
        return key
    if type(key) is int:
        return str(key)
    raise type_error(f"a map key must be a string, not {type_name(key)}")


def member(container: Value, key: Value) -> Value:
    """Read ``container[key]`` or ``container.key``."""
    if isinstance(container, dict):
        name = map_key(key)
        if name not in container:
            raise key_error(f"key not found: {name}")
        return container[name]
    if isinstance(container, list):
        return container[position(container, key)]
    raise type_error(f"a value of type {type_name(container)} has no members")


def position(items: Sequence[Value], key: Value) -> int:
    """Return ``key`` as an index that exists in ``items``; negative ones never do."""
    if type(key) is not int:
        raise type_error(f"a list index must be an integer, not {type_name(key)}")
    if not 0 <= key < len(items):
        raise index_error(f"index out of range: {key} of {len(items)}")
    return key


def updated(container: Value, path: Sequence[Value], value: Value) -> Value:
    """Return ``container`` with ``value`` at ``path``; missing keys of maps are made on the way."""
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(container, list):
        index = position(container, first)
        return [*container[:index], updated(container[index], rest, value), *container[index + 1 :]]
    if isinstance(container, dict):
        name = map_key(first)
        inner = container.get(name, {} if rest else None)
        return {**container, name: updated(inner, rest, value)}
    raise type_error(f"cannot assign into a value of type {type_name(container)}")


def checked_integer(value: int) -> int:
    """Return an integer that fits 64 bits (open in the reference: here an error, never a wrap)."""
    if value not in INTEGERS:
        raise value_error(f"integer overflow: {value}")
    return value


def checked_string(value: str) -> str:
    """Return a string within the size limit of spec §7."""
    # Four bytes are the most a character takes: short strings need no encoding to be measured.
    if len(value) * 4 > MAX_STRING_BYTES and len(value.encode()) > MAX_STRING_BYTES:
        raise limit_error(f"a string is longer than {MAX_STRING_BYTES} bytes")
    return value


def size_of(value: Value) -> int:
    """Return about how many bytes a value takes, for the memory limit."""
    if isinstance(value, str):
        return len(checked_string(value).encode("utf-8", "surrogatepass"))
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, list):
        return 8 + sum(map(size_of, value))
    if isinstance(value, dict):
        return 8 + sum(len(key) + size_of(item) for key, item in value.items())
    return 8


def require_json(value: Value) -> None:
    """Refuse values that a JSON document cannot hold: bytes and functions.

    Raises:
        WorkflowError: TypeError, naming the type.
    """
    if isinstance(value, bytes | Function):
        raise type_error(f"a value of type {type_name(value)} cannot be part of a JSON document")
    if isinstance(value, list):
        for item in value:
            require_json(item)
    if isinstance(value, dict):
        for item in value.values():
            require_json(item)


def to_json(value: Value) -> str:
    """Return a value's compact JSON text.

    Raises:
        WorkflowError: TypeError for bytes, ValueError for a double JSON has no number for.
    """
    require_json(value)
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except ValueError as error:
        raise value_error("JSON has no number for an infinite or undefined double") from error


def from_json(text: str | bytes) -> Value:
    """Return the value a JSON text stands for.

    Raises:
        WorkflowError: ValueError when the text is not JSON.
    """
    try:
        value: Value = json.loads(text, parse_constant=_no_constant, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise value_error(f"not a JSON document: {error}") from error
    return value


def _integer(text: str) -> int | float:
    """Read a JSON integer; one beyond 64 bits becomes the nearest double."""
    return number if (number := int(text)) in INTEGERS else float(text)


def _no_constant(text: str) -> None:
    """Refuse ``NaN`` and ``Infinity``, which Python reads and JSON lacks."""
    raise ValueError(text)
