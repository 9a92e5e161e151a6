"""Idempotency keys in Redis and in memory: the same promises."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from redis.asyncio import Redis

from shared.adapters.redis.idempotency import PREFIX, RedisIdempotency
from shared.gateway.idempotency import MemoryIdempotency
from shared.gateway.ports import Answer, Claim, Stage
from shared.kernel.clock import FixedClock
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from shared.gateway.ports import IdempotencyStore

ONE, TWO = "1" * 64, "2" * 64
CREATED = Answer(201, {"location": "/1"}, b"\x00\xff{}")


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a busy machine answer late."""
    monkeypatch.setattr("shared.adapters.redis.COMMAND_SECONDS", 5.0)


@pytest.fixture(params=["memory", "redis"])
def store(request: pytest.FixtureRequest, client: Redis) -> IdempotencyStore:
    if request.param == "memory":
        return MemoryIdempotency(FixedClock())
    return RedisIdempotency(lambda: client)


async def test_a_key_goes_from_new_over_running_to_done(store: IdempotencyStore) -> None:
    assert await store.claim("k", ONE) == Claim(Stage.NEW)
    assert await store.claim("k", ONE) == Claim(Stage.RUNNING)
    assert await store.claim("k", TWO) == Claim(Stage.DIFFERENT)

    await store.finish("k", ONE, CREATED)

    assert await store.claim("k", ONE) == Claim(Stage.DONE, CREATED)
    assert await store.claim("k", TWO) == Claim(Stage.DIFFERENT)
    assert await store.claim("other", TWO) == Claim(Stage.NEW)


async def test_a_key_that_was_given_back_is_new(store: IdempotencyStore) -> None:
    await store.claim("k", ONE)
    await store.abandon("k")

    assert await store.claim("k", TWO) == Claim(Stage.NEW)


async def test_of_many_who_claim_at_once_one_has_the_key(store: IdempotencyStore) -> None:
    claims = await asyncio.gather(*(store.claim("k", ONE) for _ in range(8)))

    stages = [claim.stage for claim in claims]
    assert sorted(stages) == [Stage.NEW, *[Stage.RUNNING] * 7]


async def test_two_instances_share_their_keys(client: Redis, other_client: Redis) -> None:
    first, second = RedisIdempotency(lambda: client), RedisIdempotency(lambda: other_client)
    await first.claim("k", ONE)
    assert await second.claim("k", ONE) == Claim(Stage.RUNNING)

    await first.finish("k", ONE, CREATED)

    assert await second.claim("k", ONE) == Claim(Stage.DONE, CREATED)


async def test_a_claim_ends_with_its_lease_and_an_answer_after_a_day(client: Redis) -> None:
    keys = RedisIdempotency(lambda: client, lease_seconds=90)
    await keys.claim("k", ONE)
    leased = await client.pttl(PREFIX + "k")
    await keys.finish("k", ONE, CREATED)
    kept = await client.pttl(PREFIX + "k")

    assert 89_000 < leased <= 90_000
    assert 86_399_000 < kept <= 86_400_000


async def test_a_holder_whose_lease_ran_out_does_not_touch_the_next_ones_claim(
    client: Redis, other_client: Redis
) -> None:
    late, next_one = RedisIdempotency(lambda: client), RedisIdempotency(lambda: other_client)
    for ending in ("abandon", "finish"):
        await client.flushall()
        await late.claim("k", ONE)
        await client.delete(PREFIX + "k")
        assert await next_one.claim("k", TWO) == Claim(Stage.NEW)

        await (late.abandon("k") if ending == "abandon" else late.finish("k", ONE, CREATED))

        assert await next_one.claim("k", TWO) == Claim(Stage.RUNNING)


async def test_an_answer_that_outlived_its_lease_is_remembered_where_nobody_else_came(
    client: Redis,
) -> None:
    keys = RedisIdempotency(lambda: client)
    await keys.claim("k", ONE)
    await client.delete(PREFIX + "k")
    await keys.finish("k", ONE, CREATED)

    assert await keys.claim("k", ONE) == Claim(Stage.DONE, CREATED)


async def test_without_redis_every_call_is_unavailable() -> None:
    async with Redis.from_url("redis://127.0.0.1:1/0") as nobody:
        keys = RedisIdempotency(lambda: nobody)
        for call in (keys.claim("k", ONE), keys.finish("k", ONE, CREATED), keys.abandon("k")):
            with pytest.raises(UnavailableError, match="idempotency"):
                await call
