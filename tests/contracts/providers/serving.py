"""Emulators served beside a test that is not asynchronous, since the product's clients are not."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp

from emulators.core.clock import VirtualClock
from emulators.core.context import Context
from emulators.core.faults import Faults
from emulators.core.identity import Signer
from emulators.core.journal import Journal
from emulators.core.server import Endpoint, Running, serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterator
    from typing import Any


@dataclass(frozen=True)
class Served:
    """A running emulator: where it is, and its levers."""

    address: str
    clock: VirtualClock
    faults: Faults

    @property
    def url(self) -> str:
        """Base address."""
        return f"http://{self.address}"


@contextmanager
def served(
    endpoint: Callable[[Context], Awaitable[Endpoint]], *, now: float | None = None
) -> Iterator[Served]:
    """Serve one emulator in a thread of its own; with ``now`` its clock stands at that moment."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def wait_for(work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - whatever comes out
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    running, context, clock = wait_for(_started(endpoint, now))
    try:
        yield Served(running.address, clock, context.faults)
    finally:
        wait_for(_stopped(running, context))
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _started(
    endpoint: Callable[[Context], Awaitable[Endpoint]], now: float | None
) -> tuple[Running, Context, VirtualClock]:
    clock = VirtualClock() if now is None else VirtualClock(lambda: now)
    context = Context(clock, Journal(None), Faults(clock), Signer(clock), {}, aiohttp.ClientSession)
    return await serve(await endpoint(context), 0), context, clock


async def _stopped(running: Running, context: Context) -> None:
    await running.stop()
    context.journal.close()
