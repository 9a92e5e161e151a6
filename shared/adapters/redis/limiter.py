"""Rate limits in Redis: one round trip for all quotas of a request, and for all that wait."""

from __future__ import annotations

import asyncio
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.redis import commands
from shared.adapters.redis.line import Line
from shared.adapters.redis.scripts import Script
from shared.gateway.gcra import Quotas, admission

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from redis.asyncio import Redis

    from shared.gateway.ports import Admission, Quota

SCRIPT = Path(__file__).parent / "limiter.lua"
MOST_AT_ONCE = 64
"""Requests of one round trip, so that Redis is not held up."""

_Waiting = tuple[Quotas, "asyncio.Future[Admission]"]


class RedisLimiter:
    """`shared.gateway.ports.Limiter`, one key a quota that lives as long as it says anything.

    The time is the server's, so instances need not agree on it. Who comes in the same turn of the
    event loop, or while a round trip is on its way, shares the next one: a gateway under load asks
    Redis a few hundred times a second, not once a request, and says the keys of a caller who sends
    many at once a single time. Made for one event loop.
    """

    def __init__(self, client: Callable[[], Redis] = connect.redis_async) -> None:
        self._waiting: list[_Waiting] = []
        self._sending: asyncio.Task[None] | None = None
        self._line = Line(client)

    @cached_property
    def _script(self) -> Script:
        return Script(SCRIPT)

    async def admit(self, quotas: Sequence[Quota]) -> Admission:
        """Count one request against all of `quotas`, or against none.

        Raises:
            UnavailableError: Redis did not answer.
        """
        told: asyncio.Future[Admission] = asyncio.get_running_loop().create_future()
        self._waiting.append((Quotas.of(quotas), told))
        if self._sending is None:
            # A task of its own, so that no caller's end stops it.
            self._sending = asyncio.create_task(self._send())
        return await told

    async def _send(self) -> None:
        """Ask Redis until nobody waits."""
        try:
            while self._waiting:
                here, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                await self._together(here)
        finally:
            self._sending = None

    async def _together(self, waiting: Sequence[_Waiting]) -> None:
        callers = _by_caller(waiting)
        each = [(quotas, told) for quotas, several in callers for told in several]
        try:
            said = await self._judged([(quotas, len(several)) for quotas, several in callers])
            judged = zip(each, said, strict=True)
            found = [(told, admission(quotas, one)) for (quotas, told), one in judged]
        except Exception as error:  # noqa: BLE001 - it is theirs to judge
            _fail([told for _, told in waiting], error)
            return
        for told, one in found:
            if not told.done():  # its caller may have gone away
                told.set_result(one)

    async def _judged(
        self, callers: Sequence[tuple[Quotas, int]]
    ) -> Iterator[tuple[int, int, int, int]]:
        """Return what the script says of each request, those of the first caller first."""
        keys = [key for quotas, _ in callers for key in quotas.keys]
        async with commands("limits"):
            said = await self._script.run(self._line, keys, [written(callers)])
        return parsed(said)


def written(callers: Sequence[tuple[Quotas, int]]) -> str:
    """Return what the script must know: of each caller how many requests, and their quotas."""
    return ";".join(f"{many} {quotas.numbers}" for quotas, many in callers)


def parsed(said: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Return what the script says: for each request four numbers, as `admission` takes them."""
    numbers = map(int, said.split())
    return zip(numbers, numbers, numbers, numbers, strict=True)


def _by_caller(
    waiting: Sequence[_Waiting],
) -> list[tuple[Quotas, list[asyncio.Future[Admission]]]]:
    """Return the requests of one round trip, those with the very same quotas together."""
    found: dict[int, tuple[Quotas, list[asyncio.Future[Admission]]]] = {}
    for quotas, told in waiting:
        found.setdefault(id(quotas), (quotas, []))[1].append(told)
    return list(found.values())


def _fail(waiting: Sequence[asyncio.Future[Admission]], error: Exception) -> None:
    for told in waiting:
        if not told.done():
            told.set_exception(error)
