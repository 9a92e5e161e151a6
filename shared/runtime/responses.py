"""Answers as the server sends them: whole, or piece by piece."""

from __future__ import annotations

import logging
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import Response, StreamingResponse

from shared.kernel.errors import AppError
from shared.runtime import one_write, telemetry

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from starlette.types import Receive, Scope, Send

    from shared.gateway.ports import Repeated
    from shared.runtime.messages import Reply

logger = logging.getLogger(__name__)

_BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


class Whole(Response):
    """An answer as starlette makes it, its head encoded in one go and its body not looked at."""

    def __init__(self, answer: Reply, headers: Mapping[str, str]) -> None:
        # The framework's constructor is left out on purpose: it does this again, for 10 us.
        self.status_code, self.body, self.background = answer.status, answer.body, None
        fields = {**headers}
        if answer.status not in _BODILESS:
            fields.setdefault("content-length", str(len(answer.body)))
        if answer.media_type:
            fields.setdefault("content-type", _written_type(answer.media_type))
        self.raw_headers = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in fields.items()]


class Again(Response):
    """An answer that was given before, whose head is encoded but for what changes each time."""

    def __init__(self, answer: Reply, repeated: Repeated, identifier: str) -> None:
        self._answer, self._repeated, self._identifier = answer, repeated, identifier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, in one piece where the server allows."""
        answer, identifier = self._answer, self._identifier
        changed = "".join(
            [f"{name}: {value}\r\n" for name, value in self._repeated.changed.items()]
        )
        told = f"{changed}x-request-id: {identifier}\r\n".encode("latin-1")
        head = self._repeated.lines + told
        if not one_write.write(send, status=answer.status, head=head, body=answer.body):
            whole = Whole(answer, {**answer.headers, "x-request-id": identifier})
            await whole(scope, receive, send)


class Stream(StreamingResponse):
    """Sends pieces as they come, and closes their source whether or not any was wanted.

    A stream that breaks is left unfinished: only then does its reader know that it is not whole.
    """

    def __init__(
        self, source: AsyncGenerator[bytes], status: int, headers: Mapping[str, str], media: str
    ) -> None:
        self._source, self._pieces = source, telemetry.streamed(source)
        super().__init__(self._pieces, status, headers, media)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        except AppError as error:
            logger.warning("stream.broken", extra={"code": error.code, "detail": error.message})
        finally:
            await self._pieces.aclose()
            await self._source.aclose()  # the other does not, where it never began


@cache
def _written_type(media_type: str) -> str:
    """Return a media type with the character set that starlette would name."""
    plain = media_type.startswith("text/") and "charset=" not in media_type.lower()
    return f"{media_type}; charset=utf-8" if plain else media_type
