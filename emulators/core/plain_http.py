"""Plain HTTP in a recording: requests that no binding sees, and what is asked of others."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final, TypeVar

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable

    from emulators.core.recorder import Recorder

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
    Middleware = Callable[[web.Request, Handler], Coroutine[Any, Any, web.StreamResponse]]

_F = TypeVar("_F")
_MARK: Final = "through_binding"
# Who somebody is, and what belongs to a connection, is not part of a run.
_LEFT_OUT: Final = frozenset(
    {"accept", "accept-encoding", "authorization", "connection", "content-length", "cookie"}
    | {"host", "set-cookie", "transfer-encoding", "user-agent", "content-encoding", "date"}
)


def through_binding(handler: _F) -> _F:
    """Mark a route's handler whose calls a binding notes."""
    setattr(handler, _MARK, True)
    return handler


def noting(recorder: Recorder, service: str) -> Middleware:
    """Return what notes the requests of a service that no binding sees."""

    @web.middleware
    async def note(request: web.Request, handler: Handler) -> web.StreamResponse:
        found = request.match_info.handler
        if not recorder.active or hasattr(found, _MARK) or request.match_info.http_exception:
            return await handler(request)
        asked = {
            "method": request.method,
            "path": request.path_qs,
            "headers": _kept(request.headers.items()),
            "body": packed(await request.read()),
        }
        async with recorder.noted({"service": service, "http": asked}) as call:
            response = await handler(request)
            call.note({"reply": {"status": response.status}})
        return response

    return note


def packed(body: bytes) -> dict[str, str]:
    """Return bytes as JSON: text as it is, the rest in base 64."""
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def unpacked(body: dict[str, str]) -> bytes:
    """Return what `packed` packed.

    Raises:
        ValueError: It packed nothing such.
    """
    if "text" in body:
        return body["text"].encode()
    return base64.b64decode(body.get("base64", ""), validate=True)


def _kept(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name: value for name, value in headers if name.lower() not in _LEFT_OUT}


class Answered:
    """An answer as the emulators read it, whole.

    Attributes:
        status: HTTP status.
        headers: By name, in any case.
        content: It is its own: pieces come from it.
    """

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = CIMultiDict(headers)
        self.content = self
        self._body = body

    async def read(self) -> bytes:
        """Return the body."""
        return self._body

    async def iter_chunked(self, _size: int) -> AsyncIterator[bytes]:
        """Yield the body."""
        if self._body:
            yield self._body


class _Asking:
    """One request as `aiohttp` makes it: a context whose value is the answer."""

    def __init__(self, ask: Callable[[], Awaitable[Answered]]) -> None:
        self._ask = ask

    async def __aenter__(self) -> Answered:
        return await self._ask()

    async def __aexit__(self, *_: object) -> None:
        """Nothing is open."""


class NotedSession:
    """What the emulators use of a client session; each answer is noted as something that arrives.

    Args:
        recorder: Notes them.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._session = aiohttp.ClientSession()

    def request(self, method: str, url: str, **options: Any) -> _Asking:  # noqa: ANN401 - aiohttp's
        """Ask somebody something."""

        async def ask() -> Answered:
            number, asked = self._recorder.next_number(), f"{method} {url}"
            try:
                async with self._session.request(method, url, **options) as response:
                    body = await response.read()
                    answer = Answered(response.status, _kept(response.headers.items()), body)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                kind = "timeout" if isinstance(error, TimeoutError) else "unreachable"
                await self._arrived(number, {"asked": asked, "failed": kind})
                raise
            told = {"status": answer.status, "headers": dict(answer.headers), "body": packed(body)}
            await self._arrived(number, {"asked": asked, "answer": told})
            return answer

        return _Asking(ask)

    def post(self, url: str, **options: Any) -> _Asking:  # noqa: ANN401 - aiohttp's
        """Post something."""
        return self.request("POST", url, **options)

    async def close(self) -> None:
        """Close the session."""
        await self._session.close()

    async def _arrived(self, number: int, said: dict[str, Any]) -> None:
        if self._recorder.active:
            await self._recorder.arrived(number, said)


class ReplayedSession:
    """A session that asks nobody: the answers are those of a recording.

    Args:
        expect: Returns the next recorded answer to a method and address.
    """

    def __init__(self, expect: Callable[[str], Awaitable[Answered]]) -> None:
        self._expect = expect

    def request(self, method: str, url: str, **_options: Any) -> _Asking:  # noqa: ANN401 - aiohttp's
        """Ask for what was asked for."""
        return _Asking(lambda: self._expect(f"{method} {url}"))

    def post(self, url: str, **options: Any) -> _Asking:  # noqa: ANN401 - aiohttp's
        """Post what was posted."""
        return self.request("POST", url, **options)

    async def close(self) -> None:
        """Nothing is open."""
