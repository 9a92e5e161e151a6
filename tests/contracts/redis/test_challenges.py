"""What is kept for minutes and used up once, over a real Redis."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from shared.adapters.redis.challenges import RedisChallenges
from shared.identity.factors_challenges import LIFE, digest
from shared.kernel.clock import FixedClock
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulators.managed.redis import Redis as Server

NOW = FixedClock().now()
NAME = digest("a random text")
SAID = {"user_id": "nora", "methods": ["pwd"]}


@pytest.fixture
def client(server: Server) -> Iterator[Redis]:
    """A client that waits, of an empty server."""
    with Redis.from_url(server.url) as made:
        made.flushall()
        yield made


@pytest.fixture
def kept(client: Redis) -> RedisChallenges:
    """A Redis that keeps one thing."""
    made = RedisChallenges("test", lambda: client)
    made.keep(NAME, SAID, NOW + LIFE)
    return made


def test_what_is_kept_is_taken_once_and_only_under_its_name(kept: RedisChallenges) -> None:
    assert kept.take(digest("another text"), NOW) is None
    assert [kept.take(NAME, NOW) for _ in range(2)] == [SAID, None]


def test_of_many_who_take_at_once_one_gets_it(kept: RedisChallenges) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: kept.take(NAME, NOW), range(16)))
    assert [each for each in found if each] == [SAID]


def test_the_clock_decides_when_it_is_over(kept: RedisChallenges) -> None:
    instant = timedelta(milliseconds=1)
    assert kept.look(NAME, NOW + LIFE - instant, most=9) == SAID
    assert kept.look(NAME, NOW + LIFE, most=9) is None
    assert kept.take(NAME, NOW + LIFE) is None


def test_looks_are_counted_side_by_side_and_leave_it_there(kept: RedisChallenges) -> None:
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: kept.look(NAME, NOW, most=5), range(16)))
    assert len([each for each in found if each]) == 5
    assert kept.take(NAME, NOW) == SAID


def test_kinds_share_no_name_and_nothing_stays_for_good(
    kept: RedisChallenges, client: Redis
) -> None:
    assert RedisChallenges("other", lambda: client).take(NAME, NOW) is None
    kept.look(NAME, NOW, most=9)
    kept.look(digest("nothing"), NOW, most=9)
    assert [client.pttl(key) > 0 for key in client.keys("auth:*")] == [True]


def test_a_redis_that_is_gone_is_said_to_be() -> None:
    with (
        Redis(port=1, retry=Retry(NoBackoff(), 0)) as nobody,
        pytest.raises(UnavailableError, match="challenges"),
    ):
        RedisChallenges("test", lambda: nobody).take(NAME, NOW)
