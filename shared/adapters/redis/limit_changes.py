"""Changes of the limits, one key for every instance of the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.redis import commands
from shared.adapters.redis.blocking import answered

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis import Redis as SyncRedis
    from redis.asyncio import Redis

KEY = "gw:limits"
"""Holds `shared.gateway.live_limits.Changes` as JSON; not there where nothing was changed."""


class RedisLimitChanges:
    """`shared.gateway.live_limits.LimitChanges` in one key."""

    def __init__(self, client: Callable[[], Redis] = connect.redis_async) -> None:
        self._client = client

    async def read(self) -> bytes | None:
        """Return the changes as JSON, None where there are none.

        Raises:
            UnavailableError: Redis did not answer.
        """
        async with commands("changes of the limits"):
            found = await self._client().get(KEY)
        return found.encode() if isinstance(found, str) else found


def tell(changes: bytes, client: Callable[[], SyncRedis] = connect.redis) -> None:
    """Write the changes for every instance of the gateway, which reads them within 30 seconds.

    Args:
        changes: JSON; empty where there are none.
        client: Of commands.

    Raises:
        UnavailableError: Redis did not answer.
    """
    with answered("changes of the limits"):
        if changes:
            client().set(KEY, changes)
        else:
            client().delete(KEY)
