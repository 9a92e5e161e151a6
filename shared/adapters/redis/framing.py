"""An answer as one binary value: a mark, the length of its head, the head as JSON, the raw body."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import orjson

from shared.gateway.ports import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

_MARK = struct.Struct(">BI")
_FORM = 1


def packed(answer: Answer, **more: Any) -> bytes:  # noqa: ANN401 - whatever JSON can say
    """Return an answer, and what else there is to say of it, as bytes."""
    head = orjson.dumps({"status": answer.status, "headers": dict(answer.headers), **more})
    return b"".join((_MARK.pack(_FORM, len(head)), head, answer.body))


def unpacked(value: bytes) -> tuple[Answer, Mapping[str, Any]] | None:
    """Return what `packed` was given, None where the value is of another form."""
    if len(value) < _MARK.size:
        return None
    form, length = _MARK.unpack_from(value)
    end = _MARK.size + length
    if form != _FORM or len(value) < end:
        return None
    head = orjson.loads(value[_MARK.size : end])
    return Answer(head["status"], head["headers"], value[end:]), head
