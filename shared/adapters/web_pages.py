"""Whether pages of platforms are there, asked gently and never twice as fast as a person would."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared.catalog.links_check import PageState, state_of
from shared.kernel.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from shared.adapters.egress import Egress

AGENT = "media-gateway-links/1"
GAP_SECONDS = 1.0
"""Between two calls of one host."""
HOSTS = 8
"""Hosts that are asked side by side."""
MOST_REFUSALS = 3
"""After so many a host is left alone for the week."""


class WebPages:
    """Asks hosts for pages, one call at a time each.

    Args:
        egress: Calls strangers.
        wait: Waits some seconds.
    """

    def __init__(self, egress: Egress, wait: Callable[[float], Awaitable[object]]) -> None:
        self._egress = egress
        self._wait = wait

    async def states(self, urls: Iterable[str]) -> dict[str, PageState]:
        """Return what pages said; those of a host that had to be left alone are missing."""
        by_host: defaultdict[str, list[str]] = defaultdict(list)
        for url in sorted(set(urls)):
            by_host[urlsplit(url).netloc].append(url)
        free = asyncio.Semaphore(HOSTS)
        parts = await asyncio.gather(*(self._of_host(some, free) for some in by_host.values()))
        return {url: state for part in parts for url, state in part.items()}

    async def _of_host(self, urls: list[str], free: asyncio.Semaphore) -> dict[str, PageState]:
        found: dict[str, PageState] = {}
        async with free:
            for url in urls:
                found[url] = await self._state(url)
                if list(found.values()).count(PageState.REFUSED) >= MOST_REFUSALS:
                    break
        return found

    async def _state(self, url: str) -> PageState:
        """Ask for the head alone, and for the page where a host may not know such a question."""
        state = await self._ask("HEAD", url)
        if state in {PageState.GONE, PageState.REFUSED}:
            state = await self._ask("GET", url)
        return state

    async def _ask(self, method: str, url: str) -> PageState:
        try:
            status = await self._egress.status(method, url, {"user-agent": AGENT})
        except AppError:
            return PageState.UNREACHABLE
        finally:
            await self._wait(GAP_SECONDS)
        return state_of(status)
