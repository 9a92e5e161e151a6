"""Answers of search in a real Redis, and where there is none."""

from __future__ import annotations

import logging
import socket
from threading import Event
from typing import TYPE_CHECKING

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from shared.adapters.redis.answers import LATE, PREFIX, RedisAnswers
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulators.managed.redis import Redis

PATIENT = 5.0
"""Others share this machine."""
ONCE = Retry(NoBackoff(), 0)


@pytest.fixture
def plain(server: Redis) -> Iterator[redis.Redis]:
    """A client of an empty server."""
    with redis.Redis.from_url(server.url, socket_timeout=PATIENT) as client:
        client.flushall()
        yield client


@pytest.fixture
def answers(plain: redis.Redis) -> Iterator[RedisAnswers]:
    made = RedisAnswers(lambda: plain, budget_seconds=PATIENT)
    yield made
    made.close()


def test_what_one_process_keeps_another_gives(plain: redis.Redis, answers: RedisAnswers) -> None:
    value = b'{"total": 1}\n{"a": "\xc3\xa9"}'
    answers.put("k", value, seconds=300)
    answers.close()
    other = RedisAnswers(lambda: plain, budget_seconds=PATIENT)

    assert (other.get("k"), other.get("another")) == (value, None)
    assert 290 < int(plain.ttl(f"{PREFIX}k")) <= 300
    other.close()


def test_a_redis_that_refuses_costs_an_answer_and_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        gone = redis.Redis(port=taken.getsockname()[1], socket_timeout=PATIENT, retry=ONCE)
        answers = RedisAnswers(lambda: gone, budget_seconds=PATIENT)
        answers.put("k", b"v", seconds=300)
        assert [answers.get("k") for _ in range(3)] == [None] * 3
        answers.close()

    assert [r.message for r in caplog.records if r.message == "answers.lost"] == ["answers.lost"]


def test_a_redis_that_nobody_named_is_none() -> None:
    def nowhere() -> redis.Redis:
        raise UnavailableError("redis is not configured")

    answers = RedisAnswers(nowhere, budget_seconds=PATIENT)
    answers.put("k", b"v", seconds=300)
    assert answers.get("k") is None
    answers.close()


def test_a_redis_that_says_nothing_is_waited_for_no_longer_than_the_budget() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mute = redis.Redis(port=silent.getsockname()[1], socket_timeout=0.2, retry=ONCE)
        answers = RedisAnswers(lambda: mute, budget_seconds=0.001)
        assert [answers.get(f"k{n}") for n in range(LATE + 3)] == [None] * (LATE + 3)
        answers.close()
        mute.close()


def test_a_redis_that_keeps_some_waiting_is_not_asked_until_one_has_ended(
    plain: redis.Redis,
) -> None:
    let, asked = Event(), 0

    def slow() -> redis.Redis:
        nonlocal asked
        asked += 1
        assert let.wait(PATIENT)
        return plain

    plain.set(f"{PREFIX}k", b"v")
    answers = RedisAnswers(slow, budget_seconds=0.001)
    assert [answers.get("k") for _ in range(LATE + 5)] == [None] * (LATE + 5)
    assert asked == LATE
    let.set()
    assert any(answers.get("k") == b"v" or Event().wait(0.005) for _ in range(400))
    answers.close()


def test_it_says_when_redis_is_back(plain: redis.Redis, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clients = iter([None, plain, plain])

    def coming() -> redis.Redis:
        found = next(clients)
        if found is None:
            raise UnavailableError("not yet")
        return found

    answers = RedisAnswers(coming, budget_seconds=PATIENT)
    plain.set(f"{PREFIX}k", b"v")
    assert [answers.get("k") for _ in range(3)] == [None, b"v", b"v"]
    answers.close()

    said = [r.message for r in caplog.records if r.message.startswith("answers.")]
    assert said == ["answers.lost", "answers.back"]
