"""One gateway's connections: who waits for one has not lost Redis."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest_asyncio
import redis

from shared.adapters import connect
from shared.adapters.redis import commands
from shared.adapters.redis.breakers import RedisBreakers
from shared.adapters.redis.cache import RedisCache
from shared.adapters.redis.limiter import RedisLimiter
from shared.gateway.cache_stores import DegradingCache
from shared.gateway.gcra import MemoryLimiter
from shared.gateway.limits import DegradingLimiter
from shared.gateway.local_breakers import DegradingBreakers, MemoryBreakers
from shared.gateway.ports import Quota
from shared.kernel.clock import FixedClock
from tests.fakes.catalog import NOW
from tests.fakes.surroundings import change, surroundings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest
    from redis.asyncio import Redis as AsyncRedis

    from emulators.managed.redis import Redis

CALLERS = 200
SLOW_SECONDS = 0.1
"""What a command takes; fewer than the 250 ms after which Redis counts as lost."""


@pytest_asyncio.fixture
async def gateway(
    server: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[AsyncRedis]:
    """The client that all of a gateway's requests share."""
    with redis.Redis.from_url(server.url) as plain:
        plain.flushall()
    with surroundings("", tmp_path, monkeypatch):
        change(monkeypatch, {"MEDIA_GATEWAY_REDIS_URL": server.url})
        yield connect.redis_async()
        await connect.redis_async().aclose()


async def slow_command(client: AsyncRedis) -> None:
    """Send a command that Redis answers late: nothing is ever put on that list."""
    async with commands("a slow command"):
        await client.blpop(["nothing"], SLOW_SECONDS)


async def test_callers_who_wait_for_a_connection_get_one(gateway: AsyncRedis) -> None:
    await asyncio.gather(*(slow_command(gateway) for _ in range(CALLERS)))

    clients = await gateway.client_list()
    assert 1 < len(clients) <= connect.REDIS_CONNECTIONS


async def test_a_request_behind_two_hundred_others_does_without_nothing(
    gateway: AsyncRedis,
) -> None:
    clock = FixedClock(NOW)
    cache = DegradingCache(RedisCache(clock), clock)
    limiter = DegradingLimiter(RedisLimiter(), MemoryLimiter(clock), share=1, clock=clock)
    breakers = DegradingBreakers(RedisBreakers(clock), MemoryBreakers(clock), clock=clock)
    others = asyncio.gather(*(slow_command(gateway) for _ in range(CALLERS)))
    await asyncio.sleep(0)  # they stand before us

    kept, admission, permit = await asyncio.gather(
        cache.get("heat"),
        limiter.admit([Quota("minute", "all:free:user:ada", 60, 60.0, 10)]),
        breakers.permit("catalog"),
    )

    assert (kept, admission.admitted, permit.allowed) == (None, True, True)
    assert (limiter.degraded, breakers.degraded) == (False, False)
    await others
