"""Calls from one function to another: address, identity token, deadline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from string import printable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from shared.adapters import connect
from shared.kernel import trace
from shared.kernel.clock import SystemClock
from shared.kernel.errors import TimedOutError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    import aiohttp
    import yarl

TOKEN_LIFE_SECONDS = 3300
"""An identity token lives an hour; it is renewed five minutes before its end."""

CONNECT_TIMEOUT_SECONDS = 1.0
MOST_CONNECTIONS = 200
FIELD_LIMIT = 32 << 10
"""Most bytes of one field of an answer: 128 tags of 128 characters (`shared.gateway.vary`) fit."""
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
            url, headers = await self._addressed(service, target, message)
            data = message.body or None
            async with _translated(service, seconds):
                asking = _client().request(
                    method, url, headers=headers, data=data, allow_redirects=False
                )
                async with asking as got:
                    body = await got.read()
            span.attributes["http.response.status_code"] = got.status
            span.failed = str(got.status) if got.status >= FAILED else ""
        # The body was decompressed on its way in, so its old coding would be a lie.
        found = {n: v for n, v in _headers(got).items() if n != "content-encoding"}
        return Answer(got.status, found, body)

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
            url, headers = await self._addressed(service, target, message)
            # It is passed on as it comes, and its reader did not say what it can decompress.
            headers["accept-encoding"] = "identity"
            data = message.body or None
            async with _translated(service, waits.begin):
                answer = await _client().request(
                    method,
                    url,
                    headers=headers,
                    data=data,
                    allow_redirects=False,
                    auto_decompress=False,
                )
        chunks = _Chunks(service, answer, waits.between)
        return Streamed(answer.status, _headers(answer), chunks)

    async def _addressed(
        self, service: str, target: str, message: Message
    ) -> tuple[yarl.URL, dict[str, str]]:
        """Return where a message goes, and its headers with this process's own."""
        # A text would be written anew; only aiohttp's own kind of address is sent as it stands.
        from aiohttp.client import URL  # type: ignore[attr-defined]  # noqa: PLC0415 - as below

        address = connect.addresses().function_url.format(service=service)
        token = await self._token(address)
        own = {"x-serverless-authorization": f"Bearer {token}", **trace.headers()}
        written = target if target.isascii() else quote(target, safe=printable, encoding="latin-1")
        return URL(address + written, encoded=True), {**message.headers, **own}

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
    import aiohttp  # noqa: PLC0415 - 100 ms, only where another function is called

    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:  # aiohttp's own are of this kind too
        raise TimedOutError(f"{service} did not answer in {seconds:g} s") from None
    except aiohttp.ClientError as error:
        raise UnavailableError(f"{service} cannot be reached: {error!r}") from error


def _headers(answer: aiohttp.ClientResponse) -> dict[str, str]:
    """Return an answer's headers, a repeated one joined by commas (RFC 9110 §5.2).

    Read from the bytes: what aiohttp takes for UTF-8 could not be sent on as it came.
    """
    found: dict[str, str] = {}
    for raw, value in answer.raw_headers:
        name, said = raw.decode("latin-1").lower(), value.decode("latin-1")
        found[name] = f"{found[name]}, {said}" if name in found else said
    return found


class _Chunks(AsyncGenerator[bytes]):
    """The pieces of an answer; closing frees the connection, even where none was read.

    A generator function would not do: one that was never started does not run its ``finally``.
    """

    def __init__(self, service: str, answer: aiohttp.ClientResponse, seconds: float) -> None:
        self._service, self._answer, self._seconds = service, answer, seconds

    async def asend(self, value: None) -> bytes:
        """Return the next piece.

        Raises:
            TimedOutError: It did not come in time.
            UnavailableError: The connection broke.
            StopAsyncIteration: There is no more.
        """
        del value
        async with _translated(self._service, self._seconds):
            piece = await self._answer.content.readany()
        if not piece:
            raise StopAsyncIteration
        return piece

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
        self._answer.close()


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


def ready() -> None:
    """Load what a call needs, so that the first caller does not wait for it."""
    import aiohttp  # noqa: F401, PLC0415 - 100 ms, only where another function is called


async def close() -> None:
    """Close every connection, for a process that is about to end; who calls after opens anew."""
    if _client.cache_info().currsize:
        made = _client()
        _client.cache_clear()
        await made.close()


@cache
def _client() -> aiohttp.ClientSession:
    """Return the connections of this process; made for one event loop."""
    import aiohttp  # noqa: PLC0415 - 100 ms, only where another function is called

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=MOST_CONNECTIONS),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_SECONDS),
        skip_auto_headers=("content-type", "user-agent"),
        max_field_size=FIELD_LIMIT,
    )
