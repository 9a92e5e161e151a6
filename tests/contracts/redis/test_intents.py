"""Readings in a real Redis."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

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


def test_a_reading_comes_back_as_it_was_kept_with_the_time_it_has_left(client: Redis) -> None:
    readings = RedisReadings(lambda: client)
    assert readings.get(KEY) is None

    readings.put(KEY, FOUND, seconds=600)

    found = RedisReadings(lambda: client).get(KEY)
    assert found is not None
    assert found.reading == FOUND
    assert 590 < found.seconds <= 600


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b'{"intent": "obey"}', b"\xff\xfe"])
def test_what_another_version_wrote_is_no_reading(client: Redis, value: bytes) -> None:
    client.set(PREFIX + KEY, value, ex=600)
    assert RedisReadings(lambda: client).get(KEY) is None


def test_a_redis_that_is_silent_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, says nothing
        port = silent.getsockname()[1]
        once = Retry(NoBackoff(), 0)
        with Redis(host="127.0.0.1", port=port, socket_timeout=0.02, retry=once) as made:
            readings = RedisReadings(lambda: made)
            with pytest.raises(UnavailableError, match="redis does not answer for readings"):
                readings.get(KEY)
            with pytest.raises(UnavailableError):
                readings.put(KEY, FOUND, seconds=600)
