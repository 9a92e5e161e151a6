"""The load under which parts of the platform are killed, and what is seen of it."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

import aiohttp
from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.kernel.clock import SystemClock
from tests.benchmarks.cloud import Cloud, CommandError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

RANDOM, CLOCK = Random(7), SystemClock()
KEPT, NOT_KEPT, SEARCH = KINDS = ("kept title", "title not kept", "search")
LIKE_QUIET = {
    KEPT: (200, {"HIT", "MISS"}),
    NOT_KEPT: (404, {"MISS"}),
    SEARCH: (200, {"BYPASS"}),
}
"""Status and ``X-Cache`` of quiet times."""
LOAD = {KEPT: (4, 0.03), NOT_KEPT: (4, 0.03), SEARCH: (16, 0.15)}
"""How many ask, and how long each rests between two questions. Searches that wait five seconds for
their time-out have to be twenty in ten seconds before their breaker opens."""
ABNORMAL = {"STALE", "BYPASS"}

FIND_SECONDS = 30.0
AREAS = ("catalog", "search")


@dataclass(frozen=True)
class Seen:
    """One request: when it was answered, with what, and what was said of it.

    Attributes:
        status: 0 where there was no answer.
        code: Of a problem.
        label: ``X-Cache``.
        degraded: Sources that a search did without.
    """

    at: float
    kind: str
    status: int
    code: str = ""
    label: str = ""
    degraded: tuple[str, ...] = ()

    @property
    def outcome(self) -> str:
        """One of the chart's outcomes."""
        if self.status == 0:
            return "no answer"
        if self.status >= 500:
            return "breaker open" if self.code == "circuit-open" else "5xx"
        without_cache = self.kind != SEARCH and self.label in ABNORMAL  # no search is ever kept
        return "degraded" if self.degraded or without_cache else "as always"

    @property
    def is_quiet(self) -> bool:
        """Whether it is the answer of quiet times."""
        status, labels = LIKE_QUIET[self.kind]
        return self.status == status and self.label in labels and not self.degraded


@dataclass
class Run:
    """What happens, while it happens.

    Attributes:
        ids: Of titles that are asked for.
        phases: When a breaker was looked at, of which area, and what it was.
        over: Nobody asks any more.
    """

    cloud: Cloud
    http: aiohttp.ClientSession
    ids: list[str] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    phases: list[tuple[float, str, str]] = field(default_factory=list)
    over: bool = False

    def url(self, service: str) -> str:
        """Return the base address of a service."""
        return f"http://{self.cloud.record().addresses[service]}"

    def child(self, name: str) -> int:
        """Return the process id of a child of the hub."""
        return self.cloud.record().children[name]

    async def function(self, name: str) -> int:
        """Return the process id of a function."""
        async with self.http.get(f"{self.url('cloud_run')}/_mg/status") as answer:
            return int((await answer.json())["functions"][name]["pid"])


def now() -> float:
    """Return the Unix second."""
    return CLOCK.now().timestamp()


async def titles(run: Run) -> list[str]:
    """Return ids of some titles, once search finds them.

    Raises:
        CommandError: It does not.
    """
    until = now() + FIND_SECONDS
    while now() < until:
        async with run.http.get(f"{run.url('gateway')}/api/v1/search?q=lanterns") as answer:
            found = (await answer.json()).get("results", ())
        if found:
            return [str(one["content"]["id"]) for one in found]
        await asyncio.sleep(0.5)
    raise CommandError("search finds nothing of what was taken in")


@asynccontextmanager
async def load(run: Run) -> AsyncIterator[None]:
    """Ask all three kinds of questions, and look at the breakers, inside the block."""
    tasks = [asyncio.create_task(_asking(run, k)) for k in KINDS for _ in range(LOAD[k][0])]
    tasks.append(asyncio.create_task(_watching(run)))
    try:
        yield
    finally:
        # Not by cancelling: a client may take that for its own time-out, and go on.
        run.over = True
        await asyncio.gather(*tasks)


async def _asking(run: Run, kind: str) -> None:
    gateway, number = run.url("gateway"), 0
    while not run.over:
        number += 1
        targets = {
            KEPT: f"/api/v1/content/{run.ids[number % len(run.ids)]}",
            NOT_KEPT: f"/api/v1/content/{UUID(int=RANDOM.getrandbits(128), version=4)}",
            SEARCH: f"/api/v1/search?q=lanterns%20{number % 50}",
        }
        run.seen.append(await _seen(run, kind, gateway + targets[kind]))
        await asyncio.sleep(LOAD[kind][1])


async def _seen(run: Run, kind: str, url: str) -> Seen:
    try:
        async with run.http.get(url) as answer:
            body: dict[str, Any] = json.loads(await answer.read())
            label = answer.headers.get("x-cache", "")
            degraded = tuple(body.get("degraded") or ())
            return Seen(now(), kind, answer.status, body.get("code", ""), label, degraded)
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return Seen(now(), kind, 0)


async def _watching(run: Run) -> None:
    """Read the breakers' shared state twice a second; while Redis is gone nobody knows it."""
    url = run.cloud.record().variables["MEDIA_GATEWAY_REDIS_URL"]
    options: dict[str, Any] = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}
    async with Redis.from_url(url, decode_responses=True, **options) as redis:
        while not run.over:
            for area in AREAS:
                try:
                    found = await redis.hget(f"circuit_breaker:{area}:state", "phase")
                    phase = str(found or "closed")
                except (RedisError, OSError):
                    phase = "unknown"
                run.phases.append((now(), area, phase))
            await asyncio.sleep(0.5)
