"""Emulators served in the test's own event loop, on any free port, on a clock the test can turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
import pytest_asyncio

from emulators.core.clock import VirtualClock
from emulators.core.context import Context
from emulators.core.faults import Faults
from emulators.core.identity import Signer
from emulators.core.journal import Journal
from emulators.core.server import Endpoint, Running, serve
from tests.emulated import targets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the target be chosen where these tests are named alone."""
    targets.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Name the markers."""
    for mark in targets.MARKS:
        config.addinivalue_line("markers", mark)


@dataclass(frozen=True)
class Emulator:
    """One service that answers, and the levers a test pulls."""

    running: Running
    context: Context
    clock: VirtualClock

    @property
    def address(self) -> str:
        """``127.0.0.1:port``."""
        return self.running.address


class Laboratory:
    """Starts emulators for one test and stops them after it."""

    def __init__(self) -> None:
        self._stops: list[Callable[[], Awaitable[None]]] = []

    async def __call__(
        self,
        endpoint: Callable[[Context], Awaitable[Endpoint]],
        *,
        journal: Path | None = None,
        clock: VirtualClock | None = None,
    ) -> Emulator:
        """Serve one service; with a journal file it finds what was written there before."""
        clock = clock or VirtualClock()
        book = Journal(journal)
        context = Context(clock, book, Faults(clock), Signer(clock), {}, aiohttp.ClientSession)
        running = await serve(await endpoint(context), 0)

        async def stop() -> None:
            await running.stop()
            book.close()

        self._stops.append(stop)
        return Emulator(running, context, clock)

    async def stop(self) -> None:
        """Stop what was started, last first."""
        while self._stops:
            await self._stops.pop()()


ServeEmulator = Laboratory


@pytest_asyncio.fixture
async def serve_emulator() -> AsyncIterator[Laboratory]:
    """Start services on demand; every one is stopped after the test."""
    laboratory = Laboratory()
    yield laboratory
    await laboratory.stop()
