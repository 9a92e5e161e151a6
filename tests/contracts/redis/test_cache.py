"""The cache in Redis and in memory: the same promises, purges above all."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from shared.adapters.redis import cache as adapter
from shared.adapters.redis.cache import ENTRY, LEASE, TAG, RedisCache, purge_tags
from shared.adapters.redis.framing import packed, unpacked
from shared.gateway.cache_policy import Asked
from shared.gateway.cache_stores import MemoryCache
from shared.gateway.caching import ResponseCache
from shared.gateway.ports import Answer, Entry
from shared.kernel.clock import FixedClock
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from emulators.managed.redis import Redis as Server
    from shared.gateway.ports import CacheStore

CLOCK = FixedClock()
NOW = CLOCK.now().timestamp()
HEAT = Entry(
    Answer(200, {"etag": '"1"', "vary": "accept"}, b"\x00\xff\n{}"), NOW, 60.5, ("heat", "mann")
)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a busy machine answer late."""
    monkeypatch.setattr("shared.adapters.redis.COMMAND_SECONDS", 5.0)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture(params=["memory", "redis"])
def store(request: pytest.FixtureRequest, client: Redis, clock: FixedClock) -> CacheStore:
    return MemoryCache(clock) if request.param == "memory" else RedisCache(clock, lambda: client)


@given(
    st.integers(200, 599),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5)),
    st.binary(max_size=50),
)
def test_an_answer_survives_its_framing(status: int, headers: dict[str, str], body: bytes) -> None:
    found = unpacked(packed(Answer(status, headers, body), more=1))

    assert found is not None
    assert found[0] == Answer(status, headers, body)
    assert found[1]["more"] == 1


@pytest.mark.parametrize(
    "value", [b"", b"\x01", b"\x02\x00\x00\x00\x00", b"\x01\x00\x00\x00\x09{}"]
)
def test_a_value_of_another_form_is_no_answer(value: bytes) -> None:
    assert unpacked(value) is None


async def test_what_is_put_is_there_byte_for_byte(store: CacheStore) -> None:
    await store.put("k", HEAT, keep_seconds=60)

    assert await store.get("k") == HEAT
    assert await store.get("other") is None


async def test_one_of_many_has_a_lease_and_may_give_it_back(store: CacheStore) -> None:
    leases = await asyncio.gather(*(store.lease("k", seconds=2) for _ in range(10)))
    await store.release("k")

    assert sorted(leases) == [(False, None)] * 9 + [(True, None)]
    assert await store.lease("k", seconds=2) == (True, None)
    assert await store.lease("other", seconds=2) == (True, None)


async def test_who_takes_a_lease_sees_what_is_kept_by_then(store: CacheStore) -> None:
    await store.put("k", HEAT, keep_seconds=60)

    assert await store.lease("k", seconds=2) == (True, HEAT)
    assert await store.lease("k", seconds=2) == (False, HEAT)


async def test_a_purge_takes_every_entry_of_its_tags_and_no_other(store: CacheStore) -> None:
    for number in range(250):
        await store.put(f"heat {number}", HEAT, keep_seconds=60)
    await store.put("ronin", replace(HEAT, tags=("ronin",)), keep_seconds=60)

    assert await store.purge(["heat", "mann", "nobody", "heat"]) == 250
    assert await store.get("heat 249") is None
    assert await store.get("ronin")
    assert await store.purge(["heat"]) == 0


@pytest.mark.parametrize(
    ("asked_after", "kept"), [(-30, False), (0, False), (1.9, False), (2.1, True), (60, True)]
)
async def test_an_answer_asked_for_before_or_right_after_a_purge_is_refused(
    store: CacheStore, asked_after: float, *, kept: bool
) -> None:
    await store.purge(["mann"])
    await store.put("k", replace(HEAT, stored_at=NOW + asked_after), keep_seconds=60)

    assert (await store.get("k") is not None) is kept


async def test_a_purge_while_a_service_answers_leaves_nothing_old(
    store: CacheStore, clock: FixedClock
) -> None:
    cache = ResponseCache(store, clock=clock, random=Random(1))
    asked = Asked("GET", "/api/v1/content/heat", cache_seconds=300)
    truth = "old"

    async def fetch() -> Answer:
        found = truth.encode()
        if truth == "old":
            await change()
        return Answer(200, {"x-cache-tags": "heat"}, found)

    async def change() -> None:
        nonlocal truth
        clock.advance(timedelta(seconds=1))
        truth = "new"
        await store.purge(["heat"])
        clock.advance(timedelta(seconds=3))

    answers = [await cache.answer(asked, fetch) for _ in range(3)]

    said = [(a.headers["x-cache"], a.body) for a in answers]
    assert said == [("MISS", b"old"), ("MISS", b"new"), ("HIT", b"new")]


async def test_two_instances_share_entries_and_ask_once(client: Redis, other_client: Redis) -> None:
    clock, asked = FixedClock(), Asked("GET", "/genres", cache_seconds=60)
    caches = [
        ResponseCache(RedisCache(clock, lambda c=made: c), clock=clock, random=Random(1))  # type: ignore[misc]
        for made in (client, other_client)
    ]
    asking, calls = asyncio.Event(), 0

    async def fetch() -> Answer:
        nonlocal calls
        calls += 1
        asking.set()
        await asyncio.sleep(0.05)
        return Answer(200, {}, b"[]")

    first = asyncio.create_task(caches[0].answer(asked, fetch))
    await asking.wait()
    second = await caches[1].answer(asked, fetch)

    assert calls == 1
    assert second.headers["x-cache"] == "HIT"
    assert (await first).headers["x-cache"] == "MISS"


async def test_a_lease_that_is_anothers_by_now_is_not_given_back(
    client: Redis, other_client: Redis
) -> None:
    first, second = RedisCache(CLOCK, lambda: client), RedisCache(CLOCK, lambda: other_client)
    await first.lease("k", seconds=2)
    await client.delete(LEASE + "k")
    await second.lease("k", seconds=2)

    await first.release("k")

    assert await client.exists(LEASE + "k")
    assert 1000 < await client.pttl(LEASE + "k") <= 2000


async def test_tags_end_with_the_last_of_their_entries_and_forget_those_that_ended(
    client: Redis,
) -> None:
    kept = RedisCache(CLOCK, lambda: client)
    await kept.put("long", HEAT, keep_seconds=100)
    await kept.put("short", HEAT, keep_seconds=50)
    await client.zadd(TAG + "heat", {ENTRY + "ended": 1})
    await kept.put("third", HEAT, keep_seconds=1)

    members: Any = await client.zrange(TAG + "heat", 0, -1)

    assert 99_000 < await client.pttl(TAG + "heat") <= 100_000
    assert sorted(members) == sorted((ENTRY + k).encode() for k in ("long", "short", "third"))
    assert 49_000 < await client.pttl(ENTRY + "short") <= 50_000


async def test_a_thread_purges_what_the_event_loop_kept(client: Redis, server: Server) -> None:
    kept = RedisCache(CLOCK, lambda: client)
    for number in range(adapter.CHUNK + 1):
        await kept.put(str(number), HEAT, keep_seconds=60)

    with redis.Redis.from_url(server.url) as plain:
        assert purge_tags(["heat"], CLOCK, lambda: plain) == adapter.CHUNK + 1

    assert await kept.get("0") is None


async def test_without_redis_every_call_is_unavailable() -> None:
    async with Redis.from_url("redis://127.0.0.1:1/0") as nobody:
        gone = RedisCache(CLOCK, lambda: nobody)
        calls = (
            gone.get("k"),
            gone.put("k", HEAT, keep_seconds=1),
            gone.lease("k", seconds=1),
            gone.release("k"),
            gone.purge(["t"]),
        )
        for call in calls:
            with pytest.raises(UnavailableError, match="cache"):
                await call
    with redis.Redis.from_url("redis://127.0.0.1:1/0") as plain, pytest.raises(UnavailableError):
        purge_tags(["t"], CLOCK, lambda: plain)
