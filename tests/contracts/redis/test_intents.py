"""Readings in a real Redis."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from redis import Redis

from shared.adapters.redis.intents import PREFIX, RedisReadings
from shared.kernel.errors import UnavailableError
from tests.fakes.language_models import reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulators.managed.redis import Redis as Server

KEY = "0" * 64
FOUND = reading(genres=("Drama",), themes=("lost letters",), year_from=1990)


@pytest.fixture
def client(server: Server) -> Iterator[Redis]:
    """An empty server's client."""
    with Redis.from_url(server.url) as made:
        made.flushall()
        yield made


def test_a_reading_comes_back_as_it_was_kept(client: Redis) -> None:
    readings = RedisReadings(lambda: client)
    assert readings.get(KEY) is None

    readings.put(KEY, FOUND, seconds=600)

    assert readings.get(KEY) == FOUND
    assert RedisReadings(lambda: client).get(KEY) == FOUND


def test_a_reading_ends_by_itself(client: Redis) -> None:
    RedisReadings(lambda: client).put(KEY, FOUND, seconds=600)

    left = client.pttl(PREFIX + KEY)
    assert isinstance(left, int)
    assert 590_000 < left <= 600_000


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b'{"intent": "obey"}', b"\xff\xfe"])
def test_what_another_version_wrote_is_no_reading(client: Redis, value: bytes) -> None:
    client.set(PREFIX + KEY, value)
    assert RedisReadings(lambda: client).get(KEY) is None


def test_our_patience_is_ours_alone(client: Redis) -> None:
    readings = RedisReadings(lambda: client)
    assert readings.get(KEY) is None

    ours = readings._client.connection_pool.connection_kwargs["socket_timeout"]
    theirs = client.connection_pool.connection_kwargs.get("socket_timeout")
    assert ours == 0.02
    assert theirs != ours


def test_a_redis_that_is_silent_is_unavailable_after_our_patience() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, says nothing
        port = silent.getsockname()[1]
        with Redis(host="127.0.0.1", port=port, socket_timeout=5) as made:
            readings = RedisReadings(lambda: made)
            with pytest.raises(UnavailableError, match="redis does not answer for readings"):
                readings.get(KEY)
            with pytest.raises(UnavailableError):
                readings.put(KEY, FOUND, seconds=600)
