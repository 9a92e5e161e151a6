"""What votes on a template come to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from math import exp, log
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.links_health import (
    BROKEN,
    PROBE_SHARE,
    QUARANTINE_AT,
    WORKS,
    Health,
    is_probed,
    reporter,
    voted,
    week_of,
)
from shared.catalog.links_templates import Device

if TYPE_CHECKING:
    from collections.abc import Iterable

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WEEK = date(2025, 12, 29)
votes = st.lists(st.booleans(), max_size=60)


def after(outcomes: Iterable[bool], health: Health | None = None, *, days: float = 0) -> Health:
    """Return what is concluded after votes so many days apart."""
    found, at = health or Health(), NOW
    for opened in outcomes:
        at += timedelta(days=days)
        found = voted(found, opened=opened, at=at)
    return found


def until_out(share: float, chance: Random, *, most: int = 10_000) -> int:
    """Return how many votes it takes until a template that opens such a share is out."""
    health = Health()
    for number in range(1, most + 1):
        health = voted(health, opened=chance.random() < share, at=NOW)
        if health.quarantined_at:
            return number
    return most


def test_a_template_that_opens_nothing_is_out_after_ten_votes() -> None:
    assert after([False] * 9).quarantined_at is None
    assert after([False] * 10).quarantined_at == NOW


def test_a_long_good_history_does_not_delay_the_finding() -> None:
    assert after([True] * 5_000 + [False] * 10).quarantined_at is not None


def test_a_broken_template_is_found_within_the_delay_that_theory_gives() -> None:
    chance = Random(1)
    mean = sum(until_out(BROKEN, chance) for _ in range(400)) / 400
    gain = BROKEN * log(BROKEN / WORKS) + (1 - BROKEN) * log((1 - BROKEN) / (1 - WORKS))
    assert QUARANTINE_AT / gain * 0.8 < mean < QUARANTINE_AT / gain * 1.4


def test_a_template_that_opens_nine_times_in_ten_stays() -> None:
    chance = Random(2)
    assert min(until_out(0.9, chance) for _ in range(5)) == 10_000


def test_false_alarms_are_as_rare_as_the_bound_says() -> None:
    chance = Random(5)
    mean = sum(until_out(WORKS, chance, most=100_000) for _ in range(4)) / 4
    assert mean > exp(QUARANTINE_AT) / 4


@given(votes)
def test_evidence_is_never_negative_and_votes_are_counted(outcomes: list[bool]) -> None:
    found = after(outcomes)
    assert found.evidence >= 0
    assert found.votes == len(outcomes)


@given(votes, st.integers(0, 59))
def test_another_outcome_for_the_worse_never_helps_a_template(
    outcomes: list[bool], place: int
) -> None:
    worse = [opened and n != place for n, opened in enumerate(outcomes)]
    if after(outcomes).quarantined_at is None and after(worse).quarantined_at is None:
        assert after(worse).evidence >= after(outcomes).evidence


@pytest.mark.parametrize("liars", [1, 2, 3, 4])
def test_four_liars_never_get_a_template_out_however_long_they_lie(liars: int) -> None:
    health, at = Health(), NOW
    for _week in range(520):
        for _liar in range(liars):
            health = voted(health, opened=False, at=at)
            assert health.quarantined_at is None
        at += timedelta(days=7)


def test_a_tenth_of_liars_gets_nothing_out_that_opens_nine_times_in_ten() -> None:
    chance = Random(3)
    assert min(until_out(0.9 * 0.9, chance) for _ in range(5)) == 10_000


def test_it_comes_back_when_it_opens_again_and_not_before() -> None:
    out = after([False] * 10)

    assert after([True] * 7, out).quarantined_at is not None
    assert after([True] * 8, out).quarantined_at is None
    assert after([True, False] * 30, out).quarantined_at is not None


def test_a_template_that_came_back_starts_anew() -> None:
    back = after([True] * 8, after([False] * 10))
    assert (back.evidence, back.quarantined_at) == (0.0, None)


@given(votes, st.floats(0, 30))
def test_time_between_votes_never_adds_evidence(outcomes: list[bool], days: float) -> None:
    slow, fast = after(outcomes, days=days), after(outcomes)
    if slow.quarantined_at is None and fast.quarantined_at is None:
        assert slow.evidence <= fast.evidence + 1e-9


def test_a_vote_dated_before_the_last_is_taken_as_of_now() -> None:
    late = voted(after([False] * 2), opened=False, at=NOW - timedelta(days=90))
    assert late.evidence == after([False] * 3).evidence


def told(user: str = "u-1", *, key: bytes = b"k" * 32, week: date = WEEK) -> bytes:
    return reporter(key, user, template="netflix.page", device=Device.IOS, week=week)


def test_what_stands_for_a_viewer_is_the_same_within_a_week_and_template_alone() -> None:
    assert told() == told()
    others = [told("u-2"), told(key=b"l" * 32), told(week=WEEK + timedelta(days=7))]
    others.append(reporter(b"k" * 32, "u-1", template="hulu.page", device=Device.IOS, week=WEEK))
    others.append(reporter(b"k" * 32, "u-1", template="netflix.page", device=Device.WEB, week=WEEK))
    assert len({told(), *others}) == 6


def test_a_week_begins_on_monday() -> None:
    assert {week_of(date(2025, 12, day)) for day in (29, 30, 31)} == {WEEK}
    assert week_of(date(2025, 12, 28)) == date(2025, 12, 22)


def test_a_share_of_titles_is_probed_another_one_each_day() -> None:
    def probed(day: date) -> set[str]:
        titles = (str(n) for n in range(4_000))
        return {each for each in titles if is_probed("netflix.page", Device.IOS, each, day)}

    first, second = probed(WEEK), probed(WEEK + timedelta(days=1))
    assert len(first) == pytest.approx(4_000 * PROBE_SHARE, rel=0.25)
    assert len(first & second) < len(first) / 4
