"""What one instance revokes, every instance can look up."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import redis

from shared.adapters.redis.revocations import RedisRevocations, RedisRevoked
from shared.identity.revocations import KEPT
from shared.kernel.errors import UnavailableError
from shared.kernel.principal import Kind, Principal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redis.asyncio import Redis as AsyncRedis

    from emulators.managed.redis import Redis

ADA = Principal(Kind.USER, "ada", session="session", token_id="token", version=3)  # noqa: S106 - an id
SERVICE = Principal(Kind.SERVICE, "ada", token_id="other")  # noqa: S106 - an id


@pytest.fixture
def plain(server: Redis) -> Iterator[redis.Redis]:
    """A client of an empty server."""
    with redis.Redis.from_url(server.url) as made:
        made.flushall()
        yield made


async def test_a_session_a_token_and_a_version_are_dead_for_everybody(
    plain: redis.Redis, client: AsyncRedis
) -> None:
    revocations, revoked = RedisRevocations(lambda: plain), RedisRevoked(lambda: client)
    assert not await revoked.is_dead(ADA)

    assert revocations.sessions(["session"])
    assert await revoked.is_dead(ADA)
    assert not await revoked.is_dead(ADA._replace(session="another"))

    assert revocations.token("other", timedelta(seconds=1))
    assert await revoked.is_dead(SERVICE)
    assert revocations.is_dead("other")
    assert not revocations.is_dead("token")


async def test_a_version_outdates_those_below_it_of_that_user_alone(
    plain: redis.Redis, client: AsyncRedis
) -> None:
    revocations, revoked = RedisRevocations(lambda: plain), RedisRevoked(lambda: client)
    revocations.version("ada", 4)

    assert await revoked.is_dead(ADA)
    assert not await revoked.is_dead(ADA._replace(version=4))
    assert not await revoked.is_dead(ADA._replace(version=5))
    assert not await revoked.is_dead(ADA._replace(sub="ben"))
    assert not await revoked.is_dead(SERVICE)


async def test_a_version_that_is_told_late_takes_nothing_back(
    plain: redis.Redis, client: AsyncRedis
) -> None:
    revocations, revoked = RedisRevocations(lambda: plain), RedisRevoked(lambda: client)
    for version in (1_000_000, 4, 999_999):
        assert revocations.version("ada", version)
    assert await revoked.is_dead(ADA._replace(version=999_999))
    assert not await revoked.is_dead(ADA._replace(version=1_000_000))


def test_marks_last_as_long_as_what_they_kill(plain: redis.Redis) -> None:
    revocations = RedisRevocations(lambda: plain)
    revocations.sessions(["one", "two"])
    revocations.token("three", timedelta(seconds=7))
    revocations.version("four", 2)

    lives = {key.decode(): plain.pttl(key) for key in plain.scan_iter("auth:*")}
    assert {name: round(life / 1000) for name, life in lives.items()} == {
        "auth:revoked_sid:one": KEPT.total_seconds(),
        "auth:revoked_sid:two": KEPT.total_seconds(),
        "auth:revoked:three": 7,
        "auth:user_version:four": 86_400,
    }


async def test_without_redis_it_is_said_that_nobody_was_told() -> None:
    nowhere = redis.Redis.from_url("redis://127.0.0.1:1/0")
    revocations = RedisRevocations(lambda: nowhere)

    assert not revocations.sessions(["one"])
    assert not revocations.token("one", timedelta(seconds=1))
    assert not revocations.version("one", 2)
    assert revocations.sessions([])
    with pytest.raises(UnavailableError):
        revocations.is_dead("one")
    nowhere.close()
