"""Rate limits in Redis: one round trip for all quotas of a request."""

from __future__ import annotations

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


class RedisLimiter:
    """`shared.gateway.ports.Limiter`, one key a quota that lives as long as it says anything.

    The time is the server's, so instances need not agree on it.
    """

    def __init__(self, client: Callable[[], Redis] = connect.redis_async) -> None:
        self._client = client

    @cached_property
    def _script(self) -> AsyncScript:
        return self._client().register_script(SCRIPT.read_text(encoding="utf-8"))

    async def admit(self, quotas: Sequence[Quota]) -> Admission:
        """Count one request against all of `quotas`, or against none.

        Raises:
            UnavailableError: Redis did not answer.
        """
        keys = [f"rl:{quota.key}:{quota.name}" for quota in quotas]
        async with commands("limits"):
            at, left, whole, wait = await self._script(
                keys, [numbers_of(quotas)], client=self._client()
            )
        return admission(quotas, (at, left, whole, wait))


def numbers_of(quotas: Sequence[Quota]) -> str:
    """Return what the script must know of each quota."""
    return " ".join(f"{interval(quota)} {quota.burst}" for quota in quotas)
