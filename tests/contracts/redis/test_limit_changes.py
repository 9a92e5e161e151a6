"""Changes of the limits in Redis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from redis.asyncio import Redis as AsyncRedis

from shared.adapters.redis.limit_changes import KEY, RedisLimitChanges
from shared.gateway.live_limits import LiveLimits
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from redis.asyncio import Redis


async def test_a_change_reaches_every_instance(client: Redis, other_client: Redis) -> None:
    one, other = (
        LiveLimits(RedisLimitChanges(lambda made=made: made), factor=1.0, seconds=lambda: 0.0)  # type: ignore[misc]
        for made in (client, other_client)
    )
    await client.set(KEY, b'{"tiers": {"free": {"minute": 7}}}')

    await one.renew()
    await other.renew()

    for limits in (one, other):
        quotas = limits._limits.quotas_for("user:ada", "free", None)
        assert {q.name: q.limit for q in quotas}["minute"] == 7


async def test_where_nothing_was_changed_there_is_nothing(client: Redis) -> None:
    assert await RedisLimitChanges(lambda: client).read() is None


async def test_a_redis_that_is_gone_is_said_so() -> None:
    nowhere = AsyncRedis.from_url("redis://127.0.0.1:9")
    with pytest.raises(UnavailableError):
        await RedisLimitChanges(lambda: nowhere).read()
    await nowhere.aclose()
