"""What the gateway's cache costs, beside the bare commands of Redis that it stands on.

One caller asks for the same 4 KiB answer again and again; Redis is a server of its own on the
loopback. Collapsing and purging are not measured here: they are waiting, not work.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from redis.asyncio import Redis

from emulators.managed.redis import temporary_redis
from shared.adapters.redis.cache import RedisCache
from shared.gateway.cache_policy import Asked
from shared.gateway.cache_stores import LayeredCache, MemoryCache
from shared.gateway.caching import ResponseCache
from shared.gateway.ports import Answer
from shared.kernel.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from shared.gateway.ports import CacheStore
    from tests.benchmarks.machine import Row

TURNS = 3000
WARM_UP = 200
BODY = Random(7).randbytes(4096)
ASKED = Asked(
    "GET",
    "/api/v1/content/0190a0b0-0000-7000-8000-00000000000a",
    query="region=DE&language=de",
    headers={"accept": "application/json", "accept-language": "de-DE, de;q=.8"},
    cache_seconds=300,
)


def run() -> list[Row]:
    """Return rows of what was measured, our figure, and the bare one."""
    with temporary_redis() as server:
        return asyncio.run(_measured(server.url))


async def _measured(url: str) -> list[Row]:
    clock = SystemClock()
    async with Redis.from_url(url) as client:
        far = RedisCache(clock, lambda: client)
        layered = LayeredCache(MemoryCache(clock), far, clock)
        near = await _hits(layered, ASKED)
        shared = await _hits(far, ASKED)
        tag = (await _cache(far).answer(ASKED, _fetch)).headers["etag"]
        known = await _hits(far, replace(ASKED, headers={"if-none-match": tag}))
        stored, bare_set = await _stores(far), await _bare_set(client)
        bare_get = await _bare_get(client)
    return [
        ("hit from memory", _microseconds(near), f"redis GET: {_microseconds(bare_get)}"),
        ("hit from Redis", _microseconds(shared), f"redis GET: {_microseconds(bare_get)}"),
        ("304 from Redis", _microseconds(known), f"redis GET: {_microseconds(bare_get)}"),
        (
            "miss: look twice, lease, store with 2 tags, release",
            _microseconds(stored),
            f"redis SET: {_microseconds(bare_set)}",
        ),
    ]


async def _fetch() -> Answer:
    return Answer(200, {"content-type": "application/json"}, BODY)


def _cache(store: CacheStore) -> ResponseCache:
    return ResponseCache(store, clock=SystemClock(), random=Random(7))


async def _hits(store: CacheStore, asked: Asked) -> list[float]:
    cache = _cache(store)
    return await _timed(lambda _: cache.answer(asked, _fetch))


async def _stores(store: CacheStore) -> list[float]:
    cache = _cache(store)
    return await _timed(lambda turn: cache.answer(replace(ASKED, query=f"n={turn}"), _fetch))


async def _bare_get(client: Redis) -> list[float]:
    await client.set("bare", BODY, px=60_000)
    return await _timed(lambda _: client.get("bare"))


async def _bare_set(client: Redis) -> list[float]:
    return await _timed(lambda turn: client.set(f"bare:{turn}", BODY, px=60_000))


async def _timed(call: Callable[[int], Awaitable[object]]) -> list[float]:
    """Return the seconds of each call, after some that warm up."""
    seconds = []
    for turn in range(WARM_UP + TURNS):
        began = perf_counter()
        await call(turn)
        seconds.append(perf_counter() - began)
    return seconds[WARM_UP:]


def _microseconds(seconds: list[float]) -> str:
    """Return ``p50 10, p95 20, p99 30 microseconds``; tenths of milliseconds are too coarse."""
    found = np.percentile(seconds, (50, 95, 99)) * 1e6
    return "p50 {:.0f}, p95 {:.0f}, p99 {:.0f} microseconds".format(*found)
