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
    from collections.abc import AsyncGenerator, Mapping


_current: ContextVar[metrics.Seen | None] = ContextVar("seen", default=None)


def note(route: str = "", **said: object) -> None:
    """Name the route of the request at hand, or say more in its line.

    Args:
        route: A template; empty leaves what was named before.
        said: Fields like ``cache``; nothing personal.
    """
    seen = _current.get()
    if seen is not None:
        seen.route = route or seen.route
        seen.said |= said


@asynccontextmanager
async def request(
    method: str, headers: Mapping[str, str], *, public: bool = False
) -> AsyncGenerator[metrics.Seen]:
    """Answer one request inside the block, which fills in its route and status.

    Its line is logged in its own trace; what is to leave has left, or had its 200 ms, afterwards.

    Args:
        method: Upper case.
        headers: Names in lower case.
        public: Strangers call.
    """
    set_up_logging()
    lifecycle.install()
    started = perf_counter()
    with lifecycle.work.counted():
        with (
            metrics.request(method) as seen,
            tracing.request(method, headers, public=public) as span,
        ):
            token = _current.set(seen)
            try:
                yield seen
            finally:
                _current.reset(token)
                tracing.answered(span, method=method, route=seen.route, status=seen.status)
                said = {"method": method, "route": seen.route, "status": seen.status}
                request_done(said, latency_ms=(perf_counter() - started) * 1000, extra=seen.said)
        await otlp.before_reply()


@asynccontextmanager
async def delivery() -> AsyncGenerator[None]:
    """Handle one delivery inside the block; `tracing.delivery` traces the event in it."""
    set_up_logging()
    lifecycle.install()
    with lifecycle.work.counted():
        yield
        await otlp.before_reply()


async def streamed(pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """Pass a stream on: counted while it lasts, ended when the process is told to end."""
    with metrics.held(metrics.CONNECTIONS, service=settings().service):
        async with aclosing(lifecycle.work.until_stopped(pieces)) as passed:
            async for piece in passed:
                yield piece
