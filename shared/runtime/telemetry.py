"""What the edge does around a request or event: measure, trace, log, let telemetry leave."""

from __future__ import annotations

from contextlib import aclosing, asynccontextmanager
from contextvars import ContextVar
from time import perf_counter
from typing import TYPE_CHECKING

from shared.runtime import lifecycle, metrics, otlp, tracing
from shared.runtime.logging import request_done, set_up_logging
from shared.runtime.settings import settings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
    from types import TracebackType

_current: ContextVar[metrics.Seen | None] = ContextVar("seen", default=None)
_waits: list[Callable[[], Awaitable[object]]] = [otlp.before_reply]


def before_replies(wait: Callable[[], Awaitable[object]]) -> None:
    """Have `wait` awaited at the end of each request and event; it says itself when to give up."""
    _waits.append(wait)


async def _leave() -> None:
    for wait in _waits:
        await wait()


def note(route: str = "", **said: object) -> None:
    """Name the route of the request at hand, or say more in its line.

    Args:
        route: A template; empty leaves what was named before.
        said: Fields like ``cache``; nothing personal.
    """
    seen = _current.get()
    if seen is not None:
        seen.route = route or seen.route
        if said:
            seen.said |= said


class request:  # noqa: N801 - used as a statement; generators cost every request 8 us more
    """Answer one request inside the block, which fills in its route and status.

    Its line is logged in its own trace; what is to leave has left, or had its 200 ms, afterwards.

    Args:
        method: Upper case.
        headers: Names in lower case.
        public: Strangers call.
    """

    __slots__ = ("_metered", "_method", "_seen", "_span", "_started", "_token", "_traced")

    def __init__(self, method: str, headers: Mapping[str, str], *, public: bool = False) -> None:
        self._method = method
        self._metered = metrics.request(method)
        self._traced = tracing.request(method, headers, public=public)

    async def __aenter__(self) -> metrics.Seen:
        set_up_logging()
        lifecycle.install()
        self._started = perf_counter()
        lifecycle.work.begin()
        self._seen = self._metered.__enter__()
        self._span = self._traced.__enter__()
        self._token = _current.set(self._seen)
        return self._seen

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        place: TracebackType | None,
    ) -> None:
        try:
            self._told(kind, error, place)
            if kind is None:
                await _leave()
        finally:
            lifecycle.work.end()

    def _told(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        place: TracebackType | None,
    ) -> None:
        """Say what became of the request: in its line and its span, then in the counts."""
        seen, method = self._seen, self._method
        _current.reset(self._token)
        tracing.answered(self._span, method=method, route=seen.route, status=seen.status)
        said = {"method": method, "route": seen.route, "status": seen.status}
        request_done(said, latency_ms=(perf_counter() - self._started) * 1000, extra=seen.said)
        self._traced.__exit__(kind, error, place)
        self._metered.__exit__()


@asynccontextmanager
async def delivery() -> AsyncGenerator[None]:
    """Handle one delivery inside the block; `tracing.delivery` traces the event in it."""
    set_up_logging()
    lifecycle.install()
    with lifecycle.work.counted():
        yield
        await _leave()


async def streamed(pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """Pass a stream on: counted while it lasts, ended when the process is told to end."""
    with metrics.held(metrics.CONNECTIONS, service=settings().service):
        async with aclosing(lifecycle.work.until_stopped(pieces)) as passed:
            async for piece in passed:
                yield piece
