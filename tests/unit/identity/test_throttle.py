"""Pauses behind tries that failed."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity.throttle import (
    ACCOUNT,
    LETTERS,
    LOCAL_MOST,
    NETWORK,
    Count,
    LocalThrottle,
    Pace,
    TooManyTriesError,
    admit,
)
from shared.kernel.clock import FixedClock


def test_the_fifth_failure_costs_a_second_and_each_further_one_twice_as_much() -> None:
    assert [ACCOUNT.pause(n) for n in (4, 5, 6, 7, 14, 15, 40)] == [0, 1, 2, 4, 512, 900, 900]


@given(st.integers(1, 10), st.floats(0.1, 100), st.floats(1, 10_000))
def test_pauses_never_shrink_and_never_pass_the_longest(
    free: int, first: float, longest: float
) -> None:
    pace = Pace("x", free, first, longest, 60)
    pauses = [pace.pause(n) for n in range(60)]

    assert all(before <= after <= longest for before, after in pairwise(pauses))
    assert all(pause == 0 for pause in pauses[:free])


def test_a_key_names_nobody() -> None:
    key = Count(ACCOUNT, "nora@example.com").key
    assert key.startswith("auth:login_fail:")
    assert "nora" not in key


def test_what_a_process_counts_alone_is_stricter_and_bounded() -> None:
    throttle = LocalThrottle(FixedClock())
    own = [Count(LETTERS, "first")]
    assert (throttle.begin(own), throttle.begin(own)) == (0.0, 3600.0)
    for number in range(LOCAL_MOST):
        throttle.begin([Count(LETTERS, str(number))])

    assert len(throttle._tries) == LOCAL_MOST
    assert (ACCOUNT.strict().free, NETWORK.strict().free, LETTERS.strict().free) == (2, 2, 1)


def test_who_has_to_wait_is_told_how_long() -> None:
    clock = FixedClock()
    throttle = LocalThrottle(clock)
    counts = [Count(ACCOUNT, "nora")]
    for _ in range(2):
        admit(throttle, counts)
    clock.advance(timedelta(milliseconds=250))

    with pytest.raises(TooManyTriesError) as refused:
        admit(throttle, counts)
    assert refused.value.retry_after_seconds == 0.75
