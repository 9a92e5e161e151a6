"""Paths of fields, and what is read and written along them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from emulators.core import errors
from emulators.firestore.messages import Document, MapValue, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping

    from emulators.core.methods import Proto

FieldPath: TypeAlias = tuple[str, ...]
NAME = "__name__"
"""Names a document itself where a field could stand."""
MOST_BYTES, MOST_NAMES = 1500, 20
_SIMPLE = r"[a-zA-Z_][a-zA-Z_0-9]*"
_IS_SIMPLE = re.compile(_SIMPLE)
_SEGMENT = re.compile(rf"({_SIMPLE})|`((?:[^`\\]|\\.)+)`", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SHORTEST_RESERVED = 5


@lru_cache(maxsize=16_384)
def parse(path: str) -> FieldPath:
    r"""Return the names along a path: ``a.b`` and ``a.`b.c``` have two each.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    if len(path.encode()) >= MOST_BYTES:
        raise errors.invalid_argument(
            f'property path is longer than {MOST_BYTES} bytes: "{path[:50]}…".'
        )
    found, at = [], 0
    while True:
        segment = _SEGMENT.match(path, at)
        if segment is None:
            raise errors.invalid_argument(f'Invalid property path "{path}".')
        found.append(_allowed(segment[1] or _ESCAPED.sub(r"\1", segment[2]), path))
        at = segment.end()
        if len(found) > MOST_NAMES:
            raise errors.invalid_argument(
                f'paths must have at most {MOST_NAMES} elements: "{path}".'
            )
        if at == len(path):
            return tuple(found)
        if path[at] != ".":
            raise errors.invalid_argument(f'Invalid property path "{path}".')
        at += 1


def written(path: FieldPath) -> str:
    """Return how a path is said: what `parse` understands."""
    return ".".join(map(_quoted, path))


def _quoted(name: str) -> str:
    if _IS_SIMPLE.fullmatch(name):
        return name
    escaped = name.replace("\\", "\\\\").replace("`", "\\`")
    return f"`{escaped}`"


def _allowed(name: str, path: str) -> str:
    if len(name) >= _SHORTEST_RESERVED and name[:2] == name[-2:] == "__" and path != NAME:
        raise errors.invalid_argument(f"Invalid reserved name in field path {path}")
    return name


def get(fields: MutableMapping[str, Proto], path: FieldPath) -> Proto | None:
    """Return the value at a path, None where there is none."""
    for name in path[:-1]:
        if name not in fields or fields[name].WhichOneof("value_type") != "map_value":
            return None
        fields = fields[name].map_value.fields
    return fields.get(path[-1])


def put(fields: MutableMapping[str, Proto], path: FieldPath, value: Proto) -> None:
    """Write a value; whatever is in its way becomes a map."""
    for name in path[:-1]:
        if name not in fields or fields[name].WhichOneof("value_type") != "map_value":
            fields[name].CopyFrom(Value(map_value=MapValue()))
        fields = fields[name].map_value.fields
    fields[path[-1]].CopyFrom(value)


def remove(fields: MutableMapping[str, Proto], path: FieldPath) -> None:
    """Take a value away, where there is one."""
    for name in path[:-1]:
        if name not in fields or fields[name].WhichOneof("value_type") != "map_value":
            return
        fields = fields[name].map_value.fields
    if path[-1] in fields:
        del fields[path[-1]]


def masked(document: Proto, mask: Iterable[str] | None) -> Proto:
    """Return a document with the fields of a mask alone; the same where there is no mask.

    Raises:
        EmulatorError: INVALID_ARGUMENT.
    """
    if mask is None:
        return document
    return projected(document, [parse(each) for each in mask])


def projected(document: Proto, paths: Iterable[FieldPath]) -> Proto:
    """Return a document with some of its fields."""
    made = Document(
        name=document.name, create_time=document.create_time, update_time=document.update_time
    )
    for path in paths:
        value = get(document.fields, path)
        if value is not None:
            put(made.fields, path, value)
    return made
