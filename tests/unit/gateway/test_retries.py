"""Retries: what may be repeated, after how long, and that repetition never becomes the load."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.gateway.retries import POLICIES, RetryBudget, RetryPolicy, may_retry, pause
from shared.kernel.errors import ConflictError, TimedOutError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT = POLICIES["default"]


@pytest.mark.parametrize(
    ("method", "has_key", "result", "expected"),
    [
        ("GET", False, 503, True),
        ("PUT", False, 502, True),
        ("DELETE", False, 504, True),
        ("POST", False, 503, False),
        ("PATCH", False, UnavailableError("search cannot be reached"), False),
        ("POST", True, 503, True),
        ("GET", False, UnavailableError("search cannot be reached"), True),
        ("GET", False, ConnectionResetError(), True),
        ("GET", False, TimedOutError("search did not answer"), False),
        ("GET", False, ConflictError("somebody else wrote"), False),
    ],
)
def test_only_what_may_be_done_twice_is(
    method: str, has_key: bool, result: int | BaseException, expected: bool
) -> None:
    assert may_retry(method, has_key=has_key, result=result) is expected


@given(st.integers(100, 599))
def test_only_statuses_that_say_later_are_repeated(status: int) -> None:
    expected = status in {408, 425, 429, 502, 503, 504}

    assert may_retry("GET", has_key=False, result=status) is expected


@pytest.mark.parametrize(
    ("name", "ceilings"),
    [
        ("default", [0.1, 0.2]),
        ("aggressive", [0.05, 0.1, 0.2, 0.4]),
        ("gentle", [0.5]),
        ("network-timeout", [1, 2, 4, 8]),
        ("rate-limited", [2, 4]),
        ("token-refresh", [0]),
    ],
)
def test_policies_are_those_of_the_specification(name: str, ceilings: Sequence[float]) -> None:
    policy = POLICIES[name]

    assert [policy.ceiling(attempt) for attempt in range(policy.tries - 1)] == ceilings


@given(st.integers(0, 2**32), st.integers(0, 40), st.floats(0.01, 5), st.floats(0.01, 30))
def test_pause_is_within_its_ceiling_and_the_cap(
    seed: int, attempt: int, base: float, cap: float
) -> None:
    policy = RetryPolicy(50, base, cap)

    found = pause(policy, attempt, random=Random(seed), remaining_seconds=1000)

    assert found is not None
    assert 0 <= found <= min(cap, base * 2**attempt)


@given(st.integers(0, 2**32), st.integers(0, 5), st.floats(0, 10), st.none() | st.floats(0, 10))
def test_no_pause_reaches_the_deadline_or_comes_before_the_service_asked(
    seed: int, attempt: int, remaining: float, asked: float | None
) -> None:
    found = pause(
        RetryPolicy(9, 1, 30),
        attempt,
        random=Random(seed),
        remaining_seconds=remaining,
        retry_after_seconds=asked,
    )

    assert found is None or (asked or 0) <= found < remaining


def test_jitter_fills_its_range_evenly() -> None:
    random = Random(4)

    pauses = [pause(DEFAULT, 1, random=random, remaining_seconds=9) or 0 for _ in range(4000)]

    assert sum(pauses) / len(pauses) == pytest.approx(0.1, rel=0.05)
    assert (min(pauses) < 0.01, max(pauses) > 0.19) == (True, True)


def test_last_try_is_the_last() -> None:
    assert pause(DEFAULT, 1, random=Random(1), remaining_seconds=9) is not None
    assert pause(DEFAULT, 2, random=Random(1), remaining_seconds=9) is None


def test_service_that_asks_for_more_time_than_there_is_is_not_called_again() -> None:
    found = pause(DEFAULT, 0, random=Random(1), remaining_seconds=3, retry_after_seconds=5)

    assert found is None


@given(st.lists(st.tuples(st.floats(0, 3), st.booleans()), max_size=200))
def test_retries_never_exceed_a_tenth_of_any_ten_seconds(steps: list[tuple[float, bool]]) -> None:
    budget, now = RetryBudget(), 1_767_225_600.0
    calls: list[float] = []
    retries: list[float] = []
    for passed, is_retry in steps:
        now += passed
        if not is_retry:
            budget.count("search-query", now)
            calls.append(now)
        elif budget.spend("search-query", now):
            retries.append(now)
            of_late = [at for at in calls if int(at) > int(now) - 10]
            assert len([at for at in retries if int(at) > int(now) - 10]) <= max(
                1, len(of_late) // 10
            )


def test_storm_of_failures_makes_one_retry_in_ten() -> None:
    budget = RetryBudget()
    granted = 0
    for i in range(1000):
        budget.count("search-query", i / 100)
        granted += budget.spend("search-query", i / 100)

    assert 90 <= granted <= 100


def test_single_caller_has_one_retry_in_ten_seconds() -> None:
    budget = RetryBudget()
    budget.count("search-query", 0)

    assert [budget.spend("search-query", at) for at in (0, 1, 9.9, 10.5)] == [
        True,
        False,
        False,
        True,
    ]


def test_upstreams_have_a_budget_each() -> None:
    budget = RetryBudget()

    assert budget.spend("search-query", 0)
    assert budget.spend("catalog-read", 0)
    assert not budget.spend("search-query", 0)
