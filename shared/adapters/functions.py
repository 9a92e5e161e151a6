"""Calls from one function to another: address, identity token, deadline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.kernel import trace
from shared.kernel.clock import SystemClock
from shared.kernel.errors import TimedOutError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    import httpx2

TOKEN_LIFE_SECONDS = 3300
"""An identity token lives an hour; it is renewed five minutes before its end."""

CONNECT_TIMEOUT_SECONDS = 1.0
FAILED = 500
"""Least status that is the service's own failure."""


@dataclass(frozen=True)
class Answer:
    """What a service answered; header names in lower case, the body decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Streamed:
    """What a service answers piece by piece; header names in lower case, the body as it comes.

    Attributes:
        chunks: To be read to its end, or closed: only then the connection is free again.
    """

    status: int
    headers: Mapping[str, str]
    chunks: AsyncGenerator[bytes]


@dataclass(frozen=True)
class Waits:
    """How long a stream may keep its reader waiting, in seconds.

    Attributes:
        begin: For its beginning.
        between: For each piece; a service with nothing to say has to say so before.
    """

    begin: float
    between: float


class Functions:
    """Calls functions by service name, as this process's own identity."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self._tokens: dict[str, tuple[float, str]] = {}

    async def call(
        self, service: str, method: str, target: str, *, message: Message, seconds: float
    ) -> Answer:
        """Send ``message`` to ``service`` and return what it answers, errors included.

        Args:
            service: ``search-query``.
            method: Upper case.
            target: Path and query as they stand in the request line.
            message: Headers and body.
            seconds: Longest wait for the whole answer.

        Raises:
            TimedOutError: The time was up.
            UnavailableError: There was no connection, or it broke.
        """
        named = {"http.request.method": method, "server.address": service}
        with trace.span(f"{method} {service}", trace.Kind.CLIENT, named) as span:
            request = await self._request(service, method, target, message)
            async with _translated(service, seconds):
                answer = await _client().send(request)
            span.attributes["http.response.status_code"] = answer.status_code
            span.failed = str(answer.status_code) if answer.status_code >= FAILED else ""
        # The body was decompressed on its way in, so its old coding would be a lie.
        headers = {n: v for n, v in answer.headers.items() if n.lower() != "content-encoding"}
        return Answer(answer.status_code, headers, answer.content)

    async def stream(
        self, service: str, method: str, target: str, *, message: Message, waits: Waits
    ) -> Streamed:
        """Send ``message`` to ``service`` and return its answer as soon as it begins.

        Args:
            service: ``sync-stream``.
            method: Upper case.
            target: Path and query as they stand in the request line.
            message: Headers and body.
            waits: For its beginning and for each piece; the whole takes as long as it takes.

        Raises:
            TimedOutError: It did not begin in time.
            UnavailableError: There was no connection.
        """
        named = {"http.request.method": method, "server.address": service}
        with trace.span(f"{method} {service}", trace.Kind.CLIENT, named):
            request = await self._request(service, method, target, message)
            async with _translated(service, waits.begin):
                answer = await _client().send(request, stream=True)
        headers = {n.lower(): v for n, v in answer.headers.items()}
        return Streamed(answer.status_code, headers, _Chunks(service, answer, waits.between))

    async def _request(
        self, service: str, method: str, target: str, message: Message
    ) -> httpx2.Request:
        address = connect.addresses().function_url.format(service=service)
        token = await self._token(address)
        own = {"x-serverless-authorization": f"Bearer {token}", **trace.headers()}
        headers = {**message.headers, **own}
        return _client().build_request(
            method, address + target, headers=headers, content=message.body
        )

    async def _token(self, audience: str) -> str:
        now = self._clock.now().timestamp()
        expires, token = self._tokens.get(audience, (0.0, ""))
        if expires < now:
            token = await asyncio.to_thread(_fetch_token, audience)
            self._tokens[audience] = (now + TOKEN_LIFE_SECONDS, token)
        return token


@dataclass(frozen=True)
class Message:
    """What is sent to a service."""

    headers: Mapping[str, str]
    body: bytes


@asynccontextmanager
async def _translated(service: str, seconds: float) -> AsyncGenerator[None]:
    """Bound the time inside the block, and turn the client's errors into the product's."""
    import httpx2  # noqa: PLC0415 - 60 ms, only where another function is called

    try:
        async with asyncio.timeout(seconds):
            yield
    except (TimeoutError, httpx2.TimeoutException):
        raise TimedOutError(f"{service} did not answer in {seconds:g} s") from None
    except httpx2.HTTPError as error:
        raise UnavailableError(f"{service} cannot be reached: {error!r}") from error


class _Chunks(AsyncGenerator[bytes]):
    """The pieces of an answer; closing frees the connection, even where none was read.

    A generator function would not do: one that was never started does not run its ``finally``.
    """

    def __init__(self, service: str, answer: httpx2.Response, seconds: float) -> None:
        self._service, self._answer, self._seconds = service, answer, seconds
        self._pieces = answer.aiter_raw()

    async def asend(self, value: None) -> bytes:
        """Return the next piece.

        Raises:
            TimedOutError: It did not come in time.
            UnavailableError: The connection broke.
        """
        del value
        async with _translated(self._service, self._seconds):
            return await anext(self._pieces)

    async def athrow(
        self,
        typ: type[BaseException] | BaseException,
        val: object = None,
        tb: TracebackType | None = None,
    ) -> bytes:
        """Close, and raise what was thrown in."""
        await self.aclose()
        error = typ if isinstance(typ, BaseException) else typ(*(() if val is None else (val,)))
        raise error.with_traceback(tb)

    async def aclose(self) -> None:
        """Free the connection; a second time changes nothing."""
        await self._pieces.aclose()
        await self._answer.aclose()


def _fetch_token(audience: str) -> str:
    """Return an identity token from the metadata server, which needs no key."""
    import google.auth.exceptions  # noqa: PLC0415 - 100 ms, once per process
    import google.auth.transport.requests  # noqa: PLC0415
    from google.oauth2 import id_token  # noqa: PLC0415

    try:
        request = google.auth.transport.requests.Request()
        token: Any = id_token.fetch_id_token(request, audience)  # type: ignore[no-untyped-call]
    except google.auth.exceptions.GoogleAuthError as error:
        raise UnavailableError(f"no identity token for {audience}: {error}") from error
    return str(token)


@cache
def _client() -> httpx2.AsyncClient:
    import httpx2  # noqa: PLC0415 - 60 ms, only where another function is called

    limits = httpx2.Limits(max_connections=200, max_keepalive_connections=100)
    timeout = httpx2.Timeout(None, connect=CONNECT_TIMEOUT_SECONDS)
    return httpx2.AsyncClient(limits=limits, timeout=timeout, trust_env=False)
