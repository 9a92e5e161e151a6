"""Answers over REST: one message, an array of them as they come, or events."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from aiohttp import web
from google.protobuf import json_format

from emulators.core import errors

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from emulators.core.methods import Proto

_JSON = "application/json; charset=UTF-8"
_EVENTS = "text/event-stream"


def one(message: Proto, *, as_number: bool) -> web.Response:
    """Answer with one message.

    Args:
        message: The reply.
        as_number: Whether values of enums are numbers.
    """
    return web.Response(text=_text(message, as_number=as_number), headers={"Content-Type": _JSON})


async def many(
    request: web.Request, replies: AsyncGenerator[Proto, None], *, as_number: bool
) -> web.StreamResponse:
    """Answer with messages as they come, in one array, or as events where ``alt=sse`` asks.

    An error before the first message decides the status; a later one is the last element, since
    the status is out by then. Either way it stands in the array, as clients expect it.
    """
    by_event = is_by_event(request)
    before, between, after = ("data: ", "\r\n\r\ndata: ", "\r\n\r\n") if by_event else _ARRAY
    async with contextlib.aclosing(replies):
        first, status = await _next(replies, as_number=as_number)
        answer = web.StreamResponse(
            status=status, headers={"Content-Type": _EVENTS if by_event else _JSON}
        )
        await answer.prepare(request)
        text = first
        lead = before
        while text is not None:
            await answer.write((lead + text).encode())
            lead = between
            text, status = (
                (None, status) if status != _OK else await _next(replies, as_number=as_number)
            )
    if lead == before:
        await answer.write(b"" if by_event else b"[]")
    else:
        await answer.write(after.encode())
    await answer.write_eof()
    return answer


_ARRAY = ("[", ",\r\n", "]")
_OK = 200


def is_by_event(request: web.Request) -> bool:
    """Tell whether a streamed answer is asked for as events."""
    asked = request.query.get("alt", request.query.get("$alt", "json"))
    return asked.partition(";")[0] == "sse"


async def _next(replies: AsyncGenerator[Proto, None], *, as_number: bool) -> tuple[str | None, int]:
    """Return the next reply as JSON, None after the last, and the status that it has."""
    try:
        return _text(await anext(replies), as_number=as_number), _OK
    except StopAsyncIteration:
        return None, _OK
    except errors.EmulatorError as error:
        status, body = errors.to_rest(error)
        return json.dumps(body), status


def _text(message: Proto, *, as_number: bool) -> str:
    found: dict[str, Any] = json_format.MessageToDict(message, use_integers_for_enums=as_number)
    return json.dumps(found)
