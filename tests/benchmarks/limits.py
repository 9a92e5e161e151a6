"""What the limiter and the breaker cost a request, beside one bare round trip to Redis.

All go through redis-py's asyncio client to a server on this machine, in turn, so that a busy
neighbor disturbs all alike. The limiter judges the five quotas of a user on one route.
"""

from __future__ import annotations

import asyncio
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from redis.asyncio import Redis

from emulators.managed.redis import temporary_redis
from shared.adapters.redis.breakers import RedisBreakers
from shared.adapters.redis.limiter import RedisLimiter
from shared.gateway.gcra import MemoryLimiter
from shared.gateway.limits import limit_headers, standard_limits
from shared.gateway.local_breakers import DegradingBreakers, MemoryBreakers
from shared.gateway.ports import Outcome
from shared.kernel.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tests.benchmarks.machine import Row

REPEATS = 3000
WARM_UP = 200
LIMITER_TARGET = 2.0


def run() -> list[Row]:
    """Return rows of what was measured, our figure, and the bare one."""
    with temporary_redis() as server:
        return asyncio.run(_rows(server.url))


async def _rows(url: str) -> list[Row]:
    clock = SystemClock()
    async with Redis.from_url(url) as client:
        limiter, memory = RedisLimiter(lambda: client), MemoryLimiter(clock)
        breakers = RedisBreakers(clock, lambda: client)
        wrapped = DegradingBreakers(breakers, MemoryBreakers(clock), clock=clock)
        limits = standard_limits(1000)
        await client.set("title", "Heat")

        async def decision() -> None:
            quotas = limits.quotas_for("user:ada", "free", "search")
            limit_headers(await limiter.admit(quotas), quotas)

        async def local_decision() -> None:
            quotas = limits.quotas_for("user:ada", "free", "search")
            limit_headers(await memory.admit(quotas), quotas)

        async def call() -> None:
            permit = await wrapped.permit("search")
            await wrapped.record("search", permit, Outcome.SUCCESS)

        timed = {"bare": _bare(client), "limiter": decision, "memory": local_decision, "call": call}
        took = await _in_turn(timed)
    return [
        _row("limiter decision, five quotas", took["limiter"], took["bare"], LIMITER_TARGET),
        _row("limiter decision while Redis is lost", took["memory"], took["bare"], None),
        _row("breaker permit and record of a success", took["call"], took["bare"], None),
    ]


def _bare(client: Redis) -> Callable[[], Awaitable[object]]:
    return lambda: client.get("title")


async def _in_turn(timed: Mapping[str, Callable[[], Awaitable[object]]]) -> dict[str, float]:
    """Return the median seconds of each."""
    found: dict[str, list[float]] = {name: [] for name in timed}
    for _ in range(WARM_UP + REPEATS):
        for name, action in timed.items():
            began = perf_counter()
            await action()
            found[name].append(perf_counter() - began)
    return {name: median(seconds[WARM_UP:]) for name, seconds in found.items()}


def _row(what: str, ours: float, bare: float, target: float | None) -> Row:
    wanted = f", target <= {target:g}x" if target else ""
    figure = f"{ours * 1e6:.1f} us, {ours / bare:.2f}x{wanted}"
    return what, figure, f"{bare * 1e6:.0f} us, one GET"
