"""One Redis a session, empty for every test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import redis
from redis.asyncio import BlockingConnectionPool
from redis.asyncio import Redis as AsyncRedis

from emulators.managed.redis import Redis, temporary_redis

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@pytest.fixture(scope="session")
def server() -> Iterator[Redis]:
    """One server for the whole session, nothing durable."""
    with temporary_redis() as running:
        yield running


@pytest.fixture
async def client(server: Redis) -> AsyncIterator[AsyncRedis]:
    """One instance's client of an empty server."""
    with redis.Redis.from_url(server.url) as plain:
        plain.flushall()
    async with _client(server) as made:
        yield made


@pytest.fixture
async def other_client(server: Redis) -> AsyncIterator[AsyncRedis]:
    """Another instance's client of the same server."""
    async with _client(server) as made:
        yield made


def _client(server: Redis) -> AsyncRedis:
    """Return a client of ten connections, for which the eleventh caller waits."""
    return AsyncRedis.from_pool(BlockingConnectionPool.from_url(server.url, max_connections=10))
