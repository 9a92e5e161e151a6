"""Tries of those who guess, counted at every instance together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters.redis.throttle import DegradingThrottle, RedisThrottle
from shared.identity.throttle import LocalThrottle

if TYPE_CHECKING:
    from shared.kernel.clock import Clock


def counted_for_all(clock: Clock) -> DegradingThrottle:
    """Return what counts tries in Redis, and here alone while that is gone."""
    return DegradingThrottle(RedisThrottle(clock), LocalThrottle(clock), clock=clock)
