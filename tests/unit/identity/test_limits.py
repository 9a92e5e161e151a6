"""What viewers may see, and when: ceilings of two, and windows through a year of clocks."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.identity.limits import Limits, Window, is_higher, lower
from shared.kernel.principal import RATINGS

ZONES = ("Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Etc/UTC")
START = datetime(2024, 1, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=1100)).map(lambda passed: START + passed)
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
WINDOWS = st.builds(Window, TIMES, TIMES, st.sampled_from(ZONES)).filter(
    lambda window: window.start != window.end
)
CEILINGS = st.sampled_from(["", *RATINGS])
LIMITS = st.builds(
    Limits, CEILINGS, st.sets(st.sampled_from(["Crime", "Horror", "War"])).map(sorted).map(tuple)
)


def is_open(window: Window, now: datetime) -> bool:
    """Tell whether may be watched."""
    opens, closes = window.opening(now)
    return opens <= now < closes


def by_the_clock(window: Window, now: datetime) -> bool:
    """Tell the same by a look at the clock on the wall."""
    shown = now.astimezone(ZoneInfo(window.timezone)).time()
    if window.is_overnight:
        return shown >= window.start or shown < window.end
    return window.start <= shown < window.end


def offset(window: Window, now: datetime) -> timedelta | None:
    """Return how far the window's clocks are from UTC."""
    return now.astimezone(ZoneInfo(window.timezone)).utcoffset()


@given(WINDOWS, MOMENTS)
def test_a_window_is_what_the_clock_on_the_wall_says(window: Window, now: datetime) -> None:
    days = timedelta(days=2)
    assume(offset(window, now - days) == offset(window, now + days))  # clocks were not changed
    assert is_open(window, now) == by_the_clock(window, now)


@given(WINDOWS, MOMENTS)
def test_the_opening_that_is_told_has_not_passed_and_has_a_length(
    window: Window, now: datetime
) -> None:
    opens, closes = window.opening(now)
    assert now < closes
    assert timedelta(0) < closes - opens <= timedelta(hours=25)
    assert closes - now <= timedelta(days=3)


@given(WINDOWS, MOMENTS, st.timedeltas(timedelta(0), timedelta(days=2)))
def test_openings_follow_one_another(window: Window, now: datetime, later: timedelta) -> None:
    first, second = window.opening(now), window.opening(now + later)
    assert first == second or first[1] <= second[0]


@given(WINDOWS, MOMENTS)
def test_between_two_tokens_nothing_changes(window: Window, now: datetime) -> None:
    opens, closes = window.opening(now)
    for moment in (now, opens, closes - timedelta(microseconds=1)):
        if now <= moment:
            assert window.opening(moment) == (opens, closes)
    assert window.opening(closes)[0] >= closes


MADRID = "Europe/Madrid"


@pytest.mark.parametrize(
    ("start", "end", "day", "opens", "closes"),
    [
        ("16:00", "19:30", "2026-07-01T12:00Z", "2026-07-01T14:00Z", "2026-07-01T17:30Z"),
        ("16:00", "19:30", "2026-01-05T12:00Z", "2026-01-05T15:00Z", "2026-01-05T18:30Z"),
        ("22:00", "06:00", "2026-07-01T23:00Z", "2026-07-01T20:00Z", "2026-07-02T04:00Z"),
        ("22:00", "06:00", "2026-03-28T23:00Z", "2026-03-28T21:00Z", "2026-03-29T04:00Z"),
        ("22:00", "06:00", "2026-10-24T23:00Z", "2026-10-24T20:00Z", "2026-10-25T05:00Z"),
        ("02:30", "05:00", "2026-03-29T00:00Z", "2026-03-29T01:30Z", "2026-03-29T03:00Z"),
        ("02:30", "03:15", "2026-03-29T00:00Z", "2026-03-30T00:30Z", "2026-03-30T01:15Z"),
        ("03:00", "02:59", "2026-03-29T00:59Z", "2026-03-28T02:00Z", "2026-03-29T01:00Z"),
        ("02:00", "02:30", "2026-10-25T00:10Z", "2026-10-25T00:00Z", "2026-10-25T00:30Z"),
        ("02:00", "02:30", "2026-10-25T01:10Z", "2026-10-26T01:00Z", "2026-10-26T01:30Z"),
    ],
    ids=[
        "in summer", "in winter", "overnight", "overnight in March is an hour shorter",
        "overnight in October is an hour longer", "an hour that is missing opens late",
        "a window in the missing hour stays closed", "one opening ends where the next begins",
        "an hour that comes twice counts once",
        "and not again",
    ],
)  # fmt: skip
def test_clocks_that_change(start: str, end: str, day: str, opens: str, closes: str) -> None:
    window = Window(time.fromisoformat(start), time.fromisoformat(end), MADRID)
    found = window.opening(datetime.fromisoformat(day))
    assert found == (datetime.fromisoformat(opens), datetime.fromisoformat(closes))


def test_a_zone_may_skip_a_day() -> None:
    window = Window(time(10), time(11), "Pacific/Apia")  # which had no 30 December 2011
    before = datetime(2011, 12, 29, 22, tzinfo=UTC)
    assert window.opening(before)[0] > before


@given(LIMITS, LIMITS)
def test_of_two_limits_the_stricter_holds_whichever_is_asked_first(a: Limits, b: Limits) -> None:
    both = a.within(b)
    assert both == b.within(a)
    assert not is_higher(both.max_rating, a.max_rating)
    assert not is_higher(both.max_rating, b.max_rating)
    assert set(both.blocked_genres) == {*a.blocked_genres, *b.blocked_genres}
    assert both.within(a) == both


@given(CEILINGS, CEILINGS, CEILINGS)
def test_ceilings_have_an_order(a: str, b: str, c: str) -> None:
    assert lower(a, lower(b, c)) == lower(lower(a, b), c)
    assert lower(a, "") == a
    assert is_higher(a, b) != is_higher(b, a) or a == b
