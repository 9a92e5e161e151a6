"""The generic cell rate algorithm: one moment per quota says everything about it.

ITU-T I.371 (03/2004) Annex A, virtual scheduling: a request conforms when it does not come before
``TAT - τ``, and a conforming one moves the theoretical arrival time to ``max(t, TAT) + T``.

| symbol | here |
|---|---|
| T | emission interval, ``window / limit``, rounded up so that no rate is exceeded |
| τ | tolerance ``(burst - 1) * T``, with which `burst` requests conform at one moment |
| TAT | arrival: when the next request would come, had all come evenly |

Times are whole microseconds, which a double holds exactly: the script in shared/adapters/redis
computes the same numbers.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING

from shared.gateway.ports import MICROSECONDS, Admission

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from shared.gateway.ports import Quota
    from shared.kernel.clock import Clock


def microseconds(moment: datetime) -> int:
    """Return the microseconds since 1970 of an aware moment."""
    return round(moment.timestamp() * MICROSECONDS)


class Quotas(tuple["Quota", ...]):  # noqa: SLOT001 - what is cached needs a place
    """All that one request counts against, with what follows from it made once.

    Whoever makes many of the same keeps them: `keys` and `numbers` are as dear as the decision.
    """

    @classmethod
    def of(cls, quotas: Sequence[Quota]) -> Quotas:
        """Return `quotas` as this kind, itself where it is."""
        return quotas if isinstance(quotas, cls) else cls(quotas)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Under which name each is kept, in their order."""
        return tuple(f"rl:{quota.key}:{quota.name}" for quota in self)

    @cached_property
    def numbers(self) -> str:
        """Interval and burst of each, as the script wants them."""
        return " ".join(f"{quota.interval} {quota.burst}" for quota in self)

    @cached_property
    def policy(self) -> str:
        """What ``RateLimit-Policy`` says of them (draft-ietf-httpapi-ratelimit-headers-11 §3)."""
        return ",".join(map(_policy, self))


def _policy(quota: Quota) -> str:
    said = f'"{quota.name}";q={quota.limit};w={math.ceil(quota.window_seconds)}'
    return said if quota.burst == quota.limit else f"{said};mg-burst={quota.burst}"


def decide(
    quotas: Sequence[Quota], arrivals: Sequence[int], now: int
) -> tuple[Admission, list[int]]:
    """Judge one request against all of `quotas`, and say what to remember.

    Args:
        quotas: At least one.
        arrivals: What is remembered of each, 0 where that is nothing.
        now: Microseconds.

    Returns:
        The admission, and the new arrivals: those that were given where it was refused, so that a
        refused request never delays the next. Of equals, the first quota speaks.
    """
    kept = zip(quotas, arrivals, strict=True)
    bounded = [min(arrival, now + quota.burst * quota.interval) for quota, arrival in kept]
    waits = [_wait(q, tat, now) for q, tat in zip(quotas, bounded, strict=True)]
    if worst := max(waits):
        at = waits.index(worst)
        told = admission(quotas, (at, 0, bounded[at] - now, worst))
        return told, list(arrivals)
    after = [max(now, tat) + q.interval for q, tat in zip(quotas, bounded, strict=True)]
    left = [_left(q, tat, now) for q, tat in zip(quotas, after, strict=True)]
    at = left.index(min(left))
    return admission(quotas, (at, left[at], after[at] - now, 0)), after


def _wait(quota: Quota, arrival: int, now: int) -> int:
    return max(0, arrival - (quota.burst - 1) * quota.interval - now)


def _left(quota: Quota, arrival: int, now: int) -> int:
    return quota.burst - math.ceil((arrival - now) / quota.interval)


def admission(quotas: Sequence[Quota], told: tuple[int, int, int, int]) -> Admission:
    """Return what (index of the quota, left, microseconds to whole, wait) means."""
    at, left, whole, wait = told
    return Admission(wait == 0, quotas[at], left, whole / MICROSECONDS, wait / MICROSECONDS)


class MemoryLimiter:
    """`shared.gateway.ports.Limiter` of one process.

    Args:
        clock: The time.
        most: How many quotas are remembered; beyond it, the one that was used longest ago is
            forgotten, and with it what its caller had spent.
    """

    def __init__(self, clock: Clock, *, most: int = 100_000) -> None:
        self._clock = clock
        self._most = most
        self._arrivals: dict[tuple[str, str], int] = {}

    def __len__(self) -> int:
        return len(self._arrivals)

    async def admit(self, quotas: Sequence[Quota]) -> Admission:
        """Count one request against all of `quotas`, or against none."""
        keys = [(quota.key, quota.name) for quota in quotas]
        arrivals = [self._arrivals.get(key, 0) for key in keys]
        told, after = decide(quotas, arrivals, microseconds(self._clock.now()))
        if told.admitted:
            self._remember(keys, after)
        return told

    def _remember(self, keys: Sequence[tuple[str, str]], arrivals: Sequence[int]) -> None:
        for key, arrival in zip(keys, arrivals, strict=True):
            self._arrivals.pop(key, None)  # put back last: the order is that of use
            self._arrivals[key] = arrival
        while len(self._arrivals) > self._most:
            del self._arrivals[next(iter(self._arrivals))]
