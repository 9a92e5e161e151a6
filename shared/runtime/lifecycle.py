"""The end of a process: no new work, the work at hand is finished, telemetry leaves, all in 10 s.

Cloud Run gives ten seconds between SIGTERM and SIGKILL. functions-framework serves through a worker
of gunicorn whose server waits for every open connection, and gunicorn kills it after thirty. So the
server's own handler is called by ours, once what is at work has ended or had its seven seconds::

    0 s    not ready any more, listeners closed, streams told to end
    ≤ 7 s  the requests at work are answered, and what they left to be done afterwards is done
    ≤ 9 s  telemetry has left, then the server is told to stop
    9.5 s  the process ends whatever it waits for
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as LateError
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

from shared.runtime import otlp

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator

logger = logging.getLogger(__name__)

DRAIN_SECONDS = 7.0
SETTLE_SECONDS = 0.5
"""What is left for work behind the scenes where requests took all of the time."""
FLUSH_SECONDS = 2.0
FLUSHED_SECONDS = 9.0
LAST_SECONDS = 9.5
GRACE_SECONDS = 0.5
"""What a server that was told to stop has for connections that nobody counts."""
EXIT_STATUS = 1


@dataclass
class Work:
    """What this process is at, counted from any thread."""

    _at_work: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _awaited: bool = False
    _stopping: bool = False
    _behind: list[Callable[[], Awaitable[object]]] = field(default_factory=list)
    _streams: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = field(default_factory=set)

    @property
    def stopping(self) -> bool:
        """Whether the process was told to end."""
        return self._stopping

    @property
    def at_work(self) -> int:
        """How many requests, events and streams there are."""
        return self._at_work

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Let the process live until the block is over."""
        self.begin()
        try:
            yield
        finally:
            self.end()

    def begin(self) -> None:
        """Let the process live until `end`; whoever begins ends too, whatever happens between."""
        with self._changed:
            self._at_work += 1

    def end(self) -> None:
        """Count one less; who waits for the end hears of it."""
        with self._changed:
            self._at_work -= 1
            if self._awaited:
                self._changed.notify_all()

    def stop(self) -> None:
        """Refuse to be ready from now on, and end the streams."""
        self._stopping = True
        for loop, told in list(self._streams):
            with suppress(RuntimeError):  # a loop that is closed has nobody to tell
                loop.call_soon_threadsafe(told.set)

    def drained(self, seconds: float) -> bool:
        """Wait until nothing is at work; False where time was up before."""
        with self._changed:
            self._awaited = True
            return self._changed.wait_for(lambda: self._at_work == 0, seconds)

    def settle_with(self, settle: Callable[[], Awaitable[object]]) -> None:
        """Wait for `settle` as well before the process ends: work that no request waits for."""
        self._behind.append(settle)

    async def settled(self) -> None:
        """Wait for the work that no request waits for; what fails in it has been told already."""
        await asyncio.gather(*(settle() for settle in self._behind), return_exceptions=True)

    async def until_stopped(self, source: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
        """Pass a stream on, as counted work, and end it when the process is told to end."""
        told, loop = asyncio.Event(), asyncio.get_running_loop()
        with self.counted(), self._told(loop, told):
            async with aclosing(_pieces(source, told)) as pieces:
                async for piece in pieces:
                    yield piece

    @contextmanager
    def _told(self, loop: asyncio.AbstractEventLoop, told: asyncio.Event) -> Iterator[None]:
        self._streams.add((loop, told))
        if self._stopping:
            told.set()
        try:
            yield
        finally:
            self._streams.discard((loop, told))


async def _pieces(source: AsyncIterator[bytes], told: asyncio.Event) -> AsyncGenerator[bytes]:
    """Yield what comes until the process is told to end, then close the source."""
    following: asyncio.Future[bytes] | None = None
    stopped = asyncio.ensure_future(told.wait())
    try:
        while not told.is_set():
            following = asyncio.ensure_future(anext(source))
            await asyncio.wait({following, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not following.done():
                return
            try:
                yield following.result()
            except StopAsyncIteration:
                return
    finally:
        stopped.cancel()
        await _closed(source, following)


async def _closed(source: Any, following: asyncio.Future[bytes] | None) -> None:  # noqa: ANN401 - a generator, or what only iterates
    if following is not None and not following.done():
        following.cancel()
        with suppress(asyncio.CancelledError, StopAsyncIteration):
            await following
    if hasattr(source, "aclose"):
        await source.aclose()


work = Work()
"""What this process is at."""
_installed: set[int] = set()


def install() -> None:
    """Take SIGTERM over from the server, once; called by each request, since none serves earlier.

    A process without such a server, or a thread beside the main one, is left alone.
    """
    if os.getpid() in _installed:
        return
    _installed.add(os.getpid())
    if threading.current_thread() is not threading.main_thread():
        return
    server = signal.getsignal(signal.SIGTERM)
    if not callable(server) or getattr(server, "__self__", None) is None:
        return
    ending = _Ending(server, asyncio.get_running_loop())
    signal.signal(signal.SIGTERM, ending.begin)


class _Ending:
    """The last ten seconds, in a thread of their own."""

    def __init__(self, server: Callable[..., Any], loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
        self._begun = False

    def begin(self, number: int, frame: object) -> None:
        """Handle SIGTERM; a second one changes nothing."""
        del number, frame
        if self._begun:
            return
        self._begun = True
        work.stop()
        self._loop.call_soon_threadsafe(self._close_listeners)
        threading.Thread(target=self._run, name="ending", daemon=True).start()

    def _close_listeners(self) -> None:
        for listener in getattr(self._server.__self__, "servers", ()):  # type: ignore[attr-defined]
            listener.close()

    def _run(self) -> None:
        started = monotonic()
        waiting = work.at_work
        drained = work.drained(DRAIN_SECONDS)
        settled = self._settled(max(SETTLE_SECONDS, DRAIN_SECONDS - (monotonic() - started)))
        left = FLUSHED_SECONDS - (monotonic() - started)
        flushed = otlp.flush(min(FLUSH_SECONDS, left))
        said = {"at_work": waiting, "drained": drained, "settled": settled, "flushed": flushed}
        logger.info("process.ending", extra=said)
        self._loop.call_soon_threadsafe(self._server, signal.SIGTERM, None)
        last = threading.Event()  # never set: the process ends below, or its server ends it
        last.wait(GRACE_SECONDS)
        # uvicorn waits for connections until it is interrupted a second time.
        self._loop.call_soon_threadsafe(self._server, signal.SIGINT, None)
        last.wait(max(0.0, LAST_SECONDS - (monotonic() - started)))
        os._exit(EXIT_STATUS)

    def _settled(self, seconds: float) -> bool:
        """Wait on the event loop for the work behind the scenes; False where time was up before."""
        try:
            asyncio.run_coroutine_threadsafe(work.settled(), self._loop).result(seconds)
        except (LateError, CancelledError):
            return False
        return True
