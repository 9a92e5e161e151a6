"""Rate limits in Redis: one round trip for all quotas of a request, and for all that wait."""

from __future__ import annotations

import asyncio
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.redis import commands
from shared.gateway.gcra import admission, interval

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from redis.asyncio import Redis
    from redis.commands.core import AsyncScript

    from shared.gateway.ports import Admission, Quota

SCRIPT = Path(__file__).parent / "limiter.lua"
MOST_AT_ONCE = 64
"""Requests of one round trip, so that Redis is not held up."""

_Waiting = tuple["Sequence[Quota]", "asyncio.Future[Admission]"]


class RedisLimiter:
    """`shared.gateway.ports.Limiter`, one key a quota that lives as long as it says anything.

    The time is the server's, so instances need not agree on it. Who comes while a round trip is on
    its way waits for its end and shares the next one with all who came meanwhile: a gateway under
    load asks Redis a few hundred times a second, not once a request. Made for one event loop.
    """

    def __init__(self, client: Callable[[], Redis] = connect.redis_async) -> None:
        self._client = client
        self._waiting: list[_Waiting] = []
        self._sending: asyncio.Task[None] | None = None
        self._alone = False

    @cached_property
    def _script(self) -> AsyncScript:
        return self._client().register_script(SCRIPT.read_text(encoding="utf-8"))

    async def admit(self, quotas: Sequence[Quota]) -> Admission:
        """Count one request against all of `quotas`, or against none.

        Raises:
            UnavailableError: Redis did not answer.
        """
        if self._alone or self._sending is not None:
            told: asyncio.Future[Admission] = asyncio.get_running_loop().create_future()
            self._waiting.append((quotas, told))
            return await told
        self._alone = True
        try:
            return (await self._judged([quotas]))[0]
        finally:
            self._alone = False
            self._next()

    def _next(self) -> None:
        """Send those who wait on their way, in a task that no caller's end stops."""
        here, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
        self._sending = asyncio.ensure_future(self._together(here)) if here else None

    async def _together(self, waiting: Sequence[_Waiting]) -> None:
        try:
            found = await self._judged([quotas for quotas, _ in waiting])
        except Exception as error:  # noqa: BLE001 - it is theirs to judge
            for _, told in waiting:
                if not told.done():
                    told.set_exception(error)
        else:
            for (_, told), one in zip(waiting, found, strict=True):
                if not told.done():
                    told.set_result(one)
        finally:
            self._next()

    async def _judged(self, requests: Sequence[Sequence[Quota]]) -> list[Admission]:
        keys = [f"rl:{quota.key}:{quota.name}" for quotas in requests for quota in quotas]
        numbers = ";".join(map(numbers_of, requests))
        async with commands("limits"):
            told = await self._script(keys, [numbers], client=self._client())
        parts = zip(*[iter(told)] * 4, strict=True)
        return [admission(quotas, part) for quotas, part in zip(requests, parts, strict=True)]


def numbers_of(quotas: Sequence[Quota]) -> str:
    """Return what the script must know of each quota of one request."""
    return " ".join(f"{interval(quota)} {quota.burst}" for quota in quotas)
