"""Rate limits: the cell rate's laws, tiers and classes, what callers are told, a lost Redis."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.manifest import read_all
from shared.gateway.gcra import MemoryLimiter, decide
from shared.gateway.limits import (
    DegradingLimiter,
    Limits,
    Tier,
    limit_headers,
    principal_of,
    refusal,
    standard_limits,
)
from shared.gateway.ports import MICROSECONDS, Admission, Quota
from shared.kernel.clock import FixedClock
from shared.kernel.errors import UnavailableError
from shared.runtime.problems import status_of

if TYPE_CHECKING:
    from collections.abc import Sequence

START = 1_767_225_600 * MICROSECONDS
PLAYBACK = Quota("playback", "playback:free:user:ada", 60, 60.0, 10)

quotas = st.builds(
    Quota,
    name=st.just("any"),
    key=st.just("any"),
    limit=st.integers(1, 1000),
    window_seconds=st.floats(0.5, 86_400),
    burst=st.integers(1, 50),
)
gaps = st.lists(st.integers(0, 3 * MICROSECONDS), min_size=1, max_size=60)


def moments(between: Sequence[int]) -> list[int]:
    return [START + sum(between[: i + 1]) for i in range(len(between))]


@given(quotas, gaps)
def test_never_more_than_burst_plus_rate_times_any_span_come_in(
    quota: Quota, between: list[int]
) -> None:
    arrivals, admitted = [0], []
    for now in moments(between):
        told, arrivals = decide([quota], arrivals, now)
        admitted += [now] if told.admitted else []

    for first, begin in enumerate(admitted):
        for last, end in enumerate(admitted[first:], first):
            rate = quota.limit / quota.window_seconds / MICROSECONDS
            assert last - first + 1 <= quota.burst + rate * (end - begin) + 1e-6


@given(st.lists(quotas, min_size=1, max_size=4), gaps)
def test_refused_request_leaves_no_trace(several: list[Quota], between: list[int]) -> None:
    arrivals = [0] * len(several)
    for now in moments(between):
        told, after = decide(several, arrivals, now)
        if not told.admitted:
            assert after == arrivals
        arrivals = after


@given(st.lists(quotas, min_size=1, max_size=4), gaps)
def test_retry_after_is_exact(several: list[Quota], between: list[int]) -> None:
    arrivals = [0] * len(several)
    for now in moments(between):
        told, arrivals = decide(several, arrivals, now)
        if not told.admitted:
            wait = round(told.retry_after_seconds * MICROSECONDS)
            assert not decide(several, arrivals, now + wait - 1)[0].admitted
            assert decide(several, arrivals, now + wait)[0].admitted


@given(st.lists(quotas, min_size=1, max_size=4), gaps)
def test_as_many_as_remain_may_come_at_once_and_not_one_more(
    several: list[Quota], between: list[int]
) -> None:
    arrivals = [0] * len(several)
    *earlier, last = moments(between)
    for now in earlier:
        _, arrivals = decide(several, arrivals, now)
    told, arrivals = decide(several, arrivals, last)

    for _ in range(told.remaining):
        again, arrivals = decide(several, arrivals, last)
        assert again.admitted
    assert not decide(several, arrivals, last)[0].admitted


@given(quotas, st.integers(1, 10**12))
def test_clock_that_steps_back_costs_at_most_one_full_burst(quota: Quota, back: int) -> None:
    told, _ = decide([quota], [START + back], START)

    assert told.retry_after_seconds * MICROSECONDS <= quota.interval + 1


def test_request_refused_by_one_quota_counts_against_none() -> None:
    roomy = replace(PLAYBACK, name="second", burst=100)
    arrivals = [0, 0]
    for _ in range(10):
        _, arrivals = decide([roomy, PLAYBACK], arrivals, START)

    told, after = decide([roomy, PLAYBACK], arrivals, START)

    assert (told.admitted, told.quota, after) == (False, PLAYBACK, arrivals)


def test_playback_takes_ten_at_once_and_then_one_a_second() -> None:
    arrivals = [0]
    for _ in range(10):
        told, arrivals = decide([PLAYBACK], arrivals, START)
        assert told.admitted

    assert decide([PLAYBACK], arrivals, START)[0].retry_after_seconds == 1.0


@pytest.mark.parametrize(
    ("tier", "expected"),
    [
        (Tier.ANONYMOUS, [5, 100, 1000, 5000]),
        (Tier.FREE, [10, 200, 2000, 10_000]),
        (Tier.PREMIUM, [50, 1000, 10_000, 100_000]),
        (Tier.ENTERPRISE, [200, 5000, 50_000, 500_000]),
    ],
)
def test_tiers_are_those_of_the_specification(tier: Tier, expected: list[int]) -> None:
    found = standard_limits().quotas_for("user:ada", tier, None)

    assert [quota.limit for quota in found] == expected
    assert [quota.window_seconds for quota in found] == [1, 60, 3600, 86_400]


@pytest.mark.parametrize(
    ("rate_class", "limit", "burst"),
    [("playback", 60, 10), ("personalization", 30, 5), ("sync", 120, 20), ("search", 500, 83)],
)
def test_class_comes_after_the_tier(rate_class: str, limit: int, burst: int) -> None:
    *_, last = standard_limits().quotas_for("user:ada", "free", rate_class)

    assert last == Quota(rate_class, f"{rate_class}:free:user:ada", limit, 60.0, burst)


def test_tier_can_have_its_own_limit_in_a_class() -> None:
    limits = standard_limits()

    assert limits.quotas_for("ip:1.2.3.4", "anonymous", "mcp")[-1].limit == 100
    assert limits.quotas_for("user:ada", "free", "mcp")[-1].limit == 1000


def test_a_class_that_stands_alone_counts_without_the_tier() -> None:
    found = standard_limits().quotas_for("ip:1.2.3.4", "anonymous", "webhook")

    assert [quota.name for quota in found] == ["webhook"]


def test_exempt_class_has_no_quota() -> None:
    assert standard_limits().quotas_for("ip:1.2.3.4", "anonymous", "none") == ()


def test_unknown_tier_has_the_least() -> None:
    found = standard_limits().quotas_for("user:ada", "pro", None)

    assert [quota.limit for quota in found] == [5, 100, 1000, 5000]


def test_unknown_class_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no rate class serach"):
        standard_limits().quotas_for("user:ada", "free", "serach")


def test_every_manifest_names_a_class_that_exists() -> None:
    named = {route.rate for manifest in read_all().values() for route in manifest.http}

    assert named - {None} <= standard_limits().classes


def test_factor_multiplies_everything() -> None:
    *_, last = standard_limits(100).quotas_for("user:ada", "free", "playback")

    assert (last.limit, last.burst) == (6000, 1000)


@pytest.mark.parametrize("factor", [0.0, -1.0])
def test_factor_that_is_not_above_zero_is_refused(factor: float) -> None:
    with pytest.raises(ValueError, match="cannot be multiplied"):
        standard_limits(factor)


def test_table_without_a_tier_is_refused() -> None:
    with pytest.raises(ValueError, match="enterprise"):
        Limits({"tiers": {"anonymous": {}, "free": {}, "premium": {}}, "classes": {}})


@pytest.mark.parametrize(
    ("known", "principal"),
    [
        ({"subject": "ada", "key_id": "k1", "address": "192.0.2.1"}, "user:ada"),
        ({"key_id": "k1", "address": "192.0.2.1"}, "key:k1"),
        ({"address": "192.0.2.1"}, "ip:192.0.2.1"),
        ({"address": "2001:db8:1:2:aaaa::1"}, "ip:2001:db8:1:2::/64"),
        ({"address": "2001:db8:1:2:bbbb::9"}, "ip:2001:db8:1:2::/64"),
        ({"address": "::ffff:192.0.2.1"}, "ip:192.0.2.1"),
        ({"address": "a strange peer"}, "ip:unknown"),
    ],
)
def test_principal_is_user_then_key_then_network(known: dict[str, str], principal: str) -> None:
    assert principal_of(**known) == principal


def test_admitted_caller_is_told_what_is_left() -> None:
    second = Quota("second", "all:free:user:ada", 10, 1.0, 20)
    told, _ = decide([second, PLAYBACK], [0, 0], START)

    assert limit_headers(told, [second, PLAYBACK]) == {
        "ratelimit-policy": '"second";q=10;w=1;mg-burst=20,"playback";q=60;w=60;mg-burst=10',
        "ratelimit": '"playback";r=9;t=1',
        "x-ratelimit-limit": "60",
        "x-ratelimit-remaining": "9",
        "x-ratelimit-reset": "1",
    }


def test_refused_caller_is_told_when_to_come_again() -> None:
    rare = Quota("register", "register:anonymous:ip:192.0.2.1", 5, 3600.0, 1)
    _, arrivals = decide([rare], [0], START)
    told, _ = decide([rare], arrivals, START + 1)

    headers = limit_headers(told)

    assert headers["retry-after"] == "720"
    assert headers["ratelimit"] == '"register";r=0;t=720'


def test_admitted_caller_is_told_when_one_more_could_come() -> None:
    rare = Quota("register", "register:anonymous:ip:192.0.2.1", 5, 3600.0, 2)
    _, arrivals = decide([rare], [0], START)
    told, _ = decide([rare], arrivals, START + 20 * MICROSECONDS)

    headers = limit_headers(told)

    assert headers["ratelimit"] == '"register";r=0;t=700'
    assert headers["x-ratelimit-reset"] == "1420"


def test_refusal_names_the_quota_and_becomes_429() -> None:
    told = Admission(False, PLAYBACK, 0, 10.0, 0.25)

    error = refusal(told)

    assert (error.code, status_of(error), error.retry_after_seconds) == ("rate-limited", 429, 0.25)
    assert error.message == "more than 60 requests in 60 s (playback)"


async def test_memory_forgets_whoever_was_idle_longest() -> None:
    limiter = MemoryLimiter(FixedClock(), most=2)
    ada, bea, cal = (replace(PLAYBACK, key=name, burst=1) for name in ("ada", "bea", "cal"))
    for quota in (ada, bea, cal):
        await limiter.admit([quota])

    assert len(limiter) == 2
    assert not (await limiter.admit([cal])).admitted
    assert (await limiter.admit([ada])).admitted


class FlakyLimiter:
    """A shared limiter that can be taken away."""

    def __init__(self, clock: FixedClock) -> None:
        self.gone = False
        self.asked = 0
        self._inner = MemoryLimiter(clock)

    async def admit(self, quotas: Sequence[Quota]) -> Admission:
        """Count one request, while it is there."""
        self.asked += 1
        if self.gone:
            raise UnavailableError("redis is gone")
        return await self._inner.admit(quotas)


def degrading(clock: FixedClock, share: float = 0.5) -> tuple[DegradingLimiter, FlakyLimiter]:
    shared = FlakyLimiter(clock)
    return DegradingLimiter(shared, MemoryLimiter(clock), share=share, clock=clock), shared


async def admitted_at_once(limiter: DegradingLimiter, quota: Quota) -> int:
    return sum([(await limiter.admit([quota])).admitted for _ in range(50)])


async def test_lost_redis_leaves_an_instance_its_share() -> None:
    limiter, shared = degrading(FixedClock())
    assert await admitted_at_once(limiter, PLAYBACK) == 10

    shared.gone = True

    assert await admitted_at_once(limiter, PLAYBACK) == 5
    assert limiter.degraded


async def test_share_below_one_request_widens_the_window() -> None:
    clock = FixedClock()
    limiter, shared = degrading(clock, share=0.1)
    shared.gone = True
    slow = Quota("second", "all:anonymous:ip:192.0.2.1", 5, 1.0, 10)

    told = [await limiter.admit([slow]) for _ in range(2)]

    assert [each.admitted for each in told] == [True, False]
    assert told[1].retry_after_seconds == 2.0


async def test_lost_redis_is_asked_once_a_second_and_taken_back_at_once() -> None:
    clock = FixedClock()
    limiter, shared = degrading(clock)
    shared.gone = True
    await admitted_at_once(limiter, PLAYBACK)
    assert shared.asked == 1

    shared.gone = False
    clock.advance(timedelta(seconds=1))
    await limiter.admit([PLAYBACK])

    assert not limiter.degraded
    assert shared.asked == 2


async def test_lost_redis_is_warned_of_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    clock = FixedClock()
    limiter, shared = degrading(clock)
    shared.gone = True

    for _ in range(120):
        await limiter.admit([PLAYBACK])
        clock.advance(timedelta(seconds=1))

    assert [record.getMessage() for record in caplog.records] == ["limits.degraded"] * 2
