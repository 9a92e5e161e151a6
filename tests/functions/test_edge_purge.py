"""edge_purge over a real Redis: what the gateway kept of a title goes when the title changes."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from redis.asyncio import Redis as AsyncRedis

from emulators.managed.redis import Redis, temporary_redis
from shared.adapters import connect
from shared.adapters.redis.cache import RedisCache
from shared.gateway.cache_policy import Asked
from shared.gateway.caching import ResponseCache
from shared.gateway.ports import Answer
from shared.kernel.clock import FixedClock, SystemClock
from shared.kernel.events import Event
from tests.fakes.edge import ask, load, pushed
from tests.fakes.surroundings import change

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

HEAT, RONIN = (UUID(int=number) for number in (1, 2))
NOW = SystemClock().now()


@pytest.fixture(scope="module")
def server() -> Iterator[Redis]:
    with temporary_redis() as running:
        yield running


@pytest.fixture
async def client(server: Redis, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncRedis]:
    change(monkeypatch, {"MEDIA_GATEWAY_REDIS_URL": server.url})
    monkeypatch.setattr("shared.adapters.redis.COMMAND_SECONDS", 5.0)  # others share this machine
    async with AsyncRedis.from_url(server.url) as made:
        await made.flushall()
        yield made
    connect.close()


@pytest.fixture
def cache(client: AsyncRedis) -> ResponseCache:
    clock = FixedClock(NOW)
    return ResponseCache(RedisCache(clock, lambda: client), clock=clock, random=Random(1))


async def label(cache: ResponseCache, title: UUID) -> str:
    async def fetch() -> Answer:
        return Answer(200, {}, b"{}")

    asked = Asked("GET", f"/api/v1/content/{title}/availability", cache_seconds=60)
    return (await cache.answer(asked, fetch)).headers["x-cache"]


def event(topic: str, *titles: object) -> bytes:
    return pushed(
        Event(
            event_id=UUID(int=9),
            event_type=topic,
            occurred_at=NOW,
            correlation_id="test",
            data={"content_ids": [str(title) for title in titles], "run_id": "r"},
        )
    )


@pytest.mark.parametrize("topic", ["content.ingested", "content.updated", "availability.changed"])
async def test_what_was_kept_of_a_changed_title_goes_and_the_rest_stays(
    cache: ResponseCache, topic: str
) -> None:
    handle = load("edge_purge").handle
    for title in (HEAT, RONIN):
        await label(cache, title)

    first = await ask(handle, "POST", "/", body=event(topic, HEAT))
    again = await ask(handle, "POST", "/", body=event(topic, HEAT))

    assert (first.status, again.status) == (204, 204)
    assert [await label(cache, title) for title in (HEAT, RONIN)] == ["MISS", "HIT"]


async def test_without_redis_the_event_is_delivered_again(
    client: AsyncRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await client.ping()
    connect.close()
    change(monkeypatch, {"MEDIA_GATEWAY_REDIS_URL": "redis://127.0.0.1:1/0"})

    answer = await ask(load("edge_purge").handle, "POST", "/", body=event("content.updated", HEAT))

    assert answer.status == 503


async def test_an_event_that_names_no_title_is_set_aside(
    cache: ResponseCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside: list[str] = []
    monkeypatch.setattr(
        "shared.adapters.sql.rejections.set_aside",
        lambda *given: aside.append(given[2]),
    )
    await label(cache, HEAT)

    answer = await ask(load("edge_purge").handle, "POST", "/", body=event("content.updated", "x"))

    assert answer.status == 204
    assert aside == ["invalid-input: content.updated is not acceptable: content_ids.0"]
    assert await label(cache, HEAT) == "HIT"
