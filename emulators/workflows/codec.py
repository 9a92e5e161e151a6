"""Values as JSON that can be read back exactly: bytes and functions too, for checkpoints."""

from base64 import b64decode, b64encode
from typing import Any, TypeAlias

from emulators.workflows.values import Function, Value

# What `json` reads and writes.
Json: TypeAlias = Any


def pack(value: Value) -> Json:
    """Return plain JSON data; lists, bytes and functions are tagged."""
    if isinstance(value, bytes):
        return ["bytes", b64encode(value).decode()]
    if isinstance(value, Function):
        return ["function", value.name]
    if isinstance(value, list):
        return ["list", [pack(item) for item in value]]
    if isinstance(value, dict):
        return {key: pack(item) for key, item in value.items()}
    return value


def unpack(data: Json) -> Value:
    """Return the value `pack` was given."""
    if isinstance(data, dict):
        return {key: unpack(item) for key, item in data.items()}
    if not isinstance(data, list):
        plain: Value = data
        return plain
    tag, content = data
    if tag == "bytes":
        return b64decode(content)
    return Function(content) if tag == "function" else [unpack(item) for item in content]
