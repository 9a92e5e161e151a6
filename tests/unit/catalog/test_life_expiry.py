"""Windows before a title leaves, and what is told in which."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.expiry import (
    Leaving,
    days_until,
    expiring_event,
    notices,
    rounded,
    window_of,
    windows,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HEAT, RONIN = UUID(int=1), UUID(int=2)
USUAL = windows()


def leaving(
    left: timedelta, content_id: UUID = HEAT, platform: str = "netflix", region: str = "US"
) -> Leaving:
    return Leaving(content_id, "Heat", platform, region, NOW + left)


@pytest.mark.parametrize(
    ("left", "name"),
    [
        (timedelta(0), None),
        (timedelta(seconds=1), "1d"),
        (timedelta(days=1), "1d"),
        (timedelta(days=1, seconds=1), "3d"),
        (timedelta(days=3), "3d"),
        (timedelta(days=3, seconds=1), "7d"),
        (timedelta(days=7), "7d"),
        (timedelta(days=7, seconds=1), None),
    ],
)
def test_windows_are_open_at_their_near_end_and_closed_at_their_far_one(
    left: timedelta, name: str | None
) -> None:
    found = window_of(left, USUAL)
    assert (found.name if found else None) == name


@given(
    st.sets(st.integers(1, 90), min_size=1, max_size=6), st.timedeltas(timedelta(0), timedelta(90))
)
def test_every_moment_up_to_the_widest_window_is_in_exactly_one(
    days: set[int], left: timedelta
) -> None:
    among = windows(days)

    inside = [w for w in among if timedelta(w.after) < left <= timedelta(w.up_to)]

    assert len(inside) == (1 if timedelta(0) < left <= timedelta(max(days)) else 0)
    assert window_of(left, among) == (inside[0] if inside else None)


@pytest.mark.parametrize("days", [[], [0], [91], [-1, 3]])
def test_windows_of_no_use_are_refused(days: list[int]) -> None:
    with pytest.raises(ValueError, match="1 to 90 days"):
        windows(days)


def test_a_title_that_ends_in_twelve_hours_is_told_of_in_the_last_window_alone() -> None:
    (only,) = notices([leaving(timedelta(hours=12))], now=NOW, among=USUAL)

    assert only.window.name == "1d"
    assert expiring_event(only, NOW).data["days_until_expiration"] == 1


def test_of_two_ends_in_one_window_and_place_the_earlier_is_told() -> None:
    found = notices(
        [
            leaving(timedelta(days=6)),
            leaving(timedelta(days=5)),
            leaving(timedelta(days=5), region="GB"),
            leaving(timedelta(hours=3), RONIN),
        ],
        now=NOW,
        among=USUAL,
    )

    assert [(one.leaving.content_id, one.leaving.region, one.window.name) for one in found] == [
        (RONIN, "US", "1d"),
        (HEAT, "GB", "7d"),
        (HEAT, "US", "7d"),
    ]
    assert found[2].leaving.expires_at == NOW + timedelta(days=5)


@given(st.timedeltas(timedelta(seconds=1), timedelta(days=90)))
def test_days_that_are_left_are_counted_up(left: timedelta) -> None:
    assert timedelta(0) <= timedelta(days=days_until(NOW + left, NOW)) - left < timedelta(days=1)


@given(st.timedeltas(timedelta(0), timedelta(days=3)))
def test_an_end_is_rounded_to_the_nearest_hour(left: timedelta) -> None:
    moment = NOW + left
    assert rounded(moment).minute == 0
    assert -timedelta(minutes=30) < rounded(moment) - moment <= timedelta(minutes=30)


def test_the_same_notice_is_the_same_event() -> None:
    first, moved = leaving(timedelta(days=2)), leaving(timedelta(days=2, minutes=4))
    (one,), (again,) = (notices([each], now=NOW, among=USUAL) for each in (first, moved))

    assert expiring_event(one, NOW).event_id == expiring_event(again, NOW).event_id
    assert expiring_event(one, NOW).subject == str(HEAT)
