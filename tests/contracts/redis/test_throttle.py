"""Tries, counted in a real Redis, alike by every instance, and here while that is gone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.redis.throttle import DegradingThrottle, RedisThrottle
from shared.identity.throttle import ACCOUNT, NETWORK, Count, LocalThrottle, Pace
from shared.kernel.clock import FixedClock
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from emulators.managed.redis import Redis

OWN = Count(ACCOUNT, "nora@example.com")
PACES = (ACCOUNT, NETWORK, Pace("mail", 3, 3600, 3600, 3600))


@pytest.fixture
def plain(server: Redis) -> Iterator[redis.Redis]:
    """A client of an empty server."""
    with redis.Redis.from_url(server.url, socket_timeout=5.0) as client:
        client.flushall()
        yield client


@pytest.fixture
def two(plain: redis.Redis) -> tuple[RedisThrottle, RedisThrottle]:
    """Two instances under one clock."""
    clock = FixedClock()
    return RedisThrottle(clock, lambda: plain), RedisThrottle(clock, lambda: plain)


@pytest.mark.behavior("attacks:password:brute-force")
def test_of_many_tries_at_once_as_many_are_judged_as_are_free(
    two: tuple[RedisThrottle, RedisThrottle],
) -> None:
    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(lambda n: two[n % 2].begin([OWN]), range(40)))

    assert sorted(waits) == [0.0] * ACCOUNT.free + [1.0] * 35


def test_a_refused_try_counts_nowhere(two: tuple[RedisThrottle, RedisThrottle]) -> None:
    shared = Count(NETWORK, "203.0.113.7")
    for _ in range(ACCOUNT.free):
        two[0].begin([OWN])
    for _ in range(10):
        assert two[0].begin([OWN, shared]) == 1.0

    assert [two[1].begin([shared]) for _ in range(6)] == [0.0] * 5 + [1.0]


def test_keys_end_by_themselves(
    two: tuple[RedisThrottle, RedisThrottle], plain: redis.Redis
) -> None:
    two[0].begin([OWN])
    assert 0 < plain.ttl(OWN.key) <= ACCOUNT.window_seconds + ACCOUNT.longest_seconds


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("begin"), st.integers(0, 2)),
        st.tuples(st.just("good"), st.integers(0, 2)),
        st.tuples(st.just("forget"), st.integers(0, 2)),
        st.tuples(st.just("wait"), st.integers(0, 5000)),
    ),
    max_size=40,
)


@given(steps=STEPS)
def test_redis_counts_as_one_process_does(server: Redis, steps: list[tuple[str, int]]) -> None:
    clock = FixedClock()
    with redis.Redis.from_url(server.url, socket_timeout=5.0) as plain:
        plain.flushall()
        local, shared = LocalThrottle(clock), RedisThrottle(clock, lambda: plain)
        for step, number in steps:
            if step == "wait":
                clock.advance(timedelta(seconds=number))
                continue
            pace = PACES[number]
            here, there = [Count(pace, "x")], [Count(replace(pace.strict()), "x")]
            if step == "begin":
                assert local.begin(here) == pytest.approx(shared.begin(there))
            else:
                forgets = step == "forget"
                local.good([] if forgets else here, forget=here if forgets else [])
                shared.good([] if forgets else there, forget=there if forgets else [])


def test_while_redis_is_gone_tries_are_counted_here_and_then_there_again(
    two: tuple[RedisThrottle, RedisThrottle],
) -> None:
    clock = FixedClock()
    gone = _Gone(two[0])
    both = DegradingThrottle(gone, LocalThrottle(clock), clock=clock)
    assert both.begin([OWN]) == 0.0
    gone.answers = False
    assert [both.begin([OWN]) for _ in range(3)] == [0.0, 0.0, 1.0]
    both.good([OWN])

    gone.answers = True
    clock.advance(timedelta(seconds=2))
    assert [both.begin([OWN]) for _ in range(5)] == [0.0] * 4 + [1.0]


class _Gone:
    """A throttle that can be lost."""

    def __init__(self, throttle: RedisThrottle) -> None:
        self._throttle, self.answers = throttle, True

    def begin(self, counts: Sequence[Count]) -> float:
        """Count, or be gone."""
        if not self.answers:
            raise UnavailableError("gone")
        return self._throttle.begin(counts)

    def left(self, counts: Sequence[Count]) -> float:
        """Tell, or be gone."""
        if not self.answers:
            raise UnavailableError("gone")
        return self._throttle.left(counts)

    def good(self, counts: Sequence[Count], *, forget: Sequence[Count] = ()) -> None:
        """Take back, or be gone."""
        if not self.answers:
            raise UnavailableError("gone")
        self._throttle.good(counts, forget=forget)
