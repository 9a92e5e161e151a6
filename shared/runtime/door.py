"""The gateway's door, put together from this process's settings."""

from __future__ import annotations

import asyncio
import gc
from functools import cache
from random import SystemRandom
from time import monotonic
from typing import TYPE_CHECKING, Any

from shared.adapters import functions
from shared.adapters.api_keys import FunctionTrader
from shared.adapters.functions import Functions, Message, Waits
from shared.adapters.redis.breakers import RedisBreakers
from shared.adapters.redis.cache import RedisCache
from shared.adapters.redis.idempotency import RedisIdempotency
from shared.adapters.redis.limit_changes import RedisLimitChanges
from shared.adapters.redis.limiter import RedisLimiter
from shared.adapters.redis.revocations import RedisRevoked
from shared.gateway.api_keys import ApiKeys, in_place, presented
from shared.gateway.breaker import GAUGE
from shared.gateway.cache_stores import DegradingCache, LayeredCache, MemoryCache
from shared.gateway.caching import ResponseCache
from shared.gateway.cors import Cors
from shared.gateway.fallback import Fallbacks
from shared.gateway.gcra import MemoryLimiter
from shared.gateway.headers import SECURITY_HEADERS
from shared.gateway.idempotency import IdempotentDoor
from shared.gateway.limits import DegradingLimiter
from shared.gateway.live_limits import LiveLimits
from shared.gateway.local_breakers import DegradingBreakers, MemoryBreakers
from shared.gateway.passage import Steps
from shared.gateway.pipeline import Door
from shared.gateway.ports import Answer
from shared.gateway.upstream import Upstream, Waiting
from shared.kernel.clock import SystemClock
from shared.runtime import (
    auth_tally,
    http,
    lifecycle,
    metrics,
    rendering,
    telemetry,
    viewer,
)
from shared.runtime.settings import settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.gateway.breaker import Phase
    from shared.gateway.routes import Route, RouteTable
    from shared.kernel.errors import AppError
    from shared.kernel.principal import Principal


COLLECT_AFTER = (20_000, 20, 50)
"""When the collector looks for cycles: containers, and rounds of the two generations above.

Its own 700 are made by every twenty requests, whose containers are freed without it; that cost each
of them 6 us. What a burst leaves behind until then is a few megabytes."""


class _Services:
    """`shared.gateway.upstream.Services` over HTTP."""

    def __init__(self) -> None:
        self._functions = Functions()

    async def call(
        self, route: Route, target: str, headers: Mapping[str, str], body: bytes, *, seconds: float
    ) -> Answer:
        """Return what the service answers."""
        found = await self._functions.call(
            route.service, route.method, target, message=Message(headers, body), seconds=seconds
        )
        return Answer(found.status, {n.lower(): v for n, v in found.headers.items()}, found.body)

    async def stream(
        self, route: Route, target: str, headers: Mapping[str, str], body: bytes, *, seconds: float
    ) -> Answer:
        """Return what the service begins to answer."""
        found = await self._functions.stream(
            route.service,
            route.method,
            target,
            message=Message(headers, body),
            waits=Waits(seconds, route.timeout_seconds),
        )
        return Answer(found.status, found.headers, b"", found.chunks)


class _Watch:
    """`Watch` of the door and of the calls behind it, in metrics and in the request's line."""

    def routed(self, route: Route) -> None:
        """Name the route."""
        telemetry.note(route.path, upstream=route.service)

    def limited(self, tier: str, rate_class: str) -> None:
        """Count a refusal."""
        labels: dict[str, Any] = {"tier": tier, "class": rate_class}  # no name for a keyword
        metrics.count(metrics.RATE_LIMITED, **labels)
        auth_tally.limited(rate_class)

    def cached(self, label: str) -> None:
        """Count hit or miss."""
        metric = metrics.CACHE_HITS if label in {"HIT", "STALE"} else metrics.CACHE_MISSES
        metrics.count(metric, service=settings().service, cache_type="response")
        telemetry.note(cache=label)

    def retried(self, service: str) -> None:
        """Count a call that is made again."""
        metrics.count(metrics.RETRIES, service=service)

    def refused(self, service: str, status: int) -> None:
        """Count a refusal of the gateway."""
        metrics.count(metrics.UPSTREAM_REFUSED, service=service, status=str(status))


@cache
def api_keys() -> ApiKeys:
    """Return what trades this process's API keys for tokens."""
    return ApiKeys(FunctionTrader(SystemClock()), monotonic)


async def authorize(auth: str, scopes: Sequence[str], headers: Mapping[str, str]) -> Principal:
    """Return who calls what the gateway answers itself, by a token or an API key.

    Raises:
        UnauthenticatedError: A token or key is bad, or missing.
        DeniedError: The caller may not come here.
        UnavailableError: Nobody can tell now.
    """
    key = presented("", headers)
    if key is not None:
        headers = in_place(headers, await api_keys().token(key))
    return await viewer.authorize(auth, scopes, headers)


def make_door(table: RouteTable) -> Door:
    """Return the door of this process, to the routes of ``table``."""
    gc.set_threshold(*COLLECT_AFTER)
    api_keys.cache_clear()
    viewer.ask_for_revoked(RedisRevoked())
    clock, random, found = SystemClock(), SystemRandom(), settings()
    breakers = DegradingBreakers(
        RedisBreakers(clock, on_change=_breaker_changed), MemoryBreakers(clock), clock=clock
    )
    waiting, watch = Waiting(monotonic, asyncio.sleep, random), _Watch()
    store = LayeredCache(MemoryCache(clock), DegradingCache(RedisCache(clock), clock), clock)
    upstream = Upstream(_Services(), breakers, waiting=waiting, watch=watch)
    steps = Steps(
        authorize=viewer.authorize,
        cors=Cors(found.allowed_origins),
        limits=LiveLimits(RedisLimitChanges(), factor=found.rate_factor, seconds=monotonic),
        limiter=DegradingLimiter(
            RedisLimiter(), MemoryLimiter(clock), share=1 / found.gateway_instances, clock=clock
        ),
        idempotent=IdempotentDoor(RedisIdempotency(), clock=clock),
        cache=ResponseCache(store, clock=clock, random=random),
        upstream=upstream,
        watch=watch,
        problem=_problem,
        trusted_hops=found.trusted_hops,
        fallbacks=Fallbacks(table, store, upstream, clock=clock),
        keys=api_keys(),
        page=_page,
    )
    door = Door(table, steps)

    async def settle() -> None:
        await door.settle()
        await functions.close()

    lifecycle.work.settle_with(settle)
    return door


def _breaker_changed(area: str, phase: Phase) -> None:
    metrics.put(metrics.BREAKER_STATE, GAUGE[phase], service=area)
    metrics.count(metrics.BREAKER_TRANSITIONS, service=area, state=phase.value)


def _problem(error: AppError, identifier: str) -> Answer:
    found = http.refused(error, identifier, SECURITY_HEADERS)
    return Answer(found.status, {**found.headers, "content-type": found.media_type}, found.body)


def _page(problem: Answer) -> Answer:
    wrong = rendering.Wrong.told(problem.status, problem.headers, problem.body)
    found = rendering.message(wrong)
    return Answer(found.status, {**found.headers, "content-type": found.media_type}, found.body)
