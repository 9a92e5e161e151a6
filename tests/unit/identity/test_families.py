"""What is done about a refresh token that is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity.families import GRACE, Family, Shown, Verdict, judge
from shared.identity.sessions import Subject

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)
FAMILY = Family(
    subject=Subject("ada"),
    id="session",
    client_id="mg-web",
    device_id="sofa",
    scopes=("read:content",),
    methods=("pwd",),
    authenticated_at=NOON,
)
FRESH = Shown(
    family=FAMILY,
    status="active",
    enabled=True,
    ends_at=NOON + 30 * DAY,
    expires_at=NOON + 7 * DAY,
    used_at=None,
    sealed_successor=None,
    rotations=0,
    rotation_limit=100,
)
USED = replace(FRESH, used_at=NOON, sealed_successor="sealed")

MOMENTS = st.timedeltas(min_value=-DAY, max_value=40 * DAY).map(lambda rest: NOON + rest)
SHOWN = st.builds(
    Shown,
    family=st.just(FAMILY),
    status=st.sampled_from(["active", "revoked", "expired"]),
    enabled=st.booleans(),
    ends_at=MOMENTS,
    expires_at=MOMENTS,
    used_at=st.none() | MOMENTS,
    sealed_successor=st.none() | st.just("sealed"),
    rotations=st.integers(0, 120),
    rotation_limit=st.none() | st.just(100),
    earlier_at=st.none() | MOMENTS,
)


@given(SHOWN, MOMENTS)
def test_a_token_makes_a_successor_or_is_judged_never_both(shown: Shown, now: datetime) -> None:
    usable = shown.is_usable(now)
    verdict = judge(shown, now)

    assert not usable or verdict is Verdict.REFUSE
    assert verdict is not Verdict.REUSE or (shown.used_at is not None and shown.is_live)
    assert verdict is not Verdict.REPEAT or shown.sealed_successor


@given(SHOWN, MOMENTS)
def test_nothing_comes_of_a_session_that_has_ended(shown: Shown, now: datetime) -> None:
    ended = replace(shown, status="revoked")
    assert not ended.is_usable(now)
    assert judge(ended, now) is Verdict.REFUSE


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        (timedelta(0), Verdict.REPEAT),
        (-timedelta(seconds=1), Verdict.REPEAT),
        (GRACE - MOMENT, Verdict.REPEAT),
        (GRACE, Verdict.REUSE),
        (DAY, Verdict.REUSE),
    ],
)
def test_the_grace_ends_with_its_tenth_second(rest: timedelta, expected: Verdict) -> None:
    assert judge(USED, NOON + rest) is expected


def test_a_successor_that_is_not_kept_any_more_is_not_repeated() -> None:
    assert judge(replace(USED, sealed_successor=None), NOON) is Verdict.REUSE


@pytest.mark.parametrize(
    ("changed", "now", "usable"),
    [
        (FRESH, NOON + 7 * DAY - MOMENT, True),
        (FRESH, NOON + 7 * DAY, False),
        (replace(FRESH, expires_at=NOON + 90 * DAY), NOON + 30 * DAY, False),
        (replace(FRESH, rotations=99), NOON, True),
        (replace(FRESH, rotations=100), NOON, False),
        (replace(FRESH, rotations=100, rotation_limit=None), NOON, True),
        (replace(FRESH, enabled=False), NOON, False),
    ],
)
def test_a_token_is_usable_until_its_time_or_its_sessions_is_over(
    changed: Shown, now: datetime, *, usable: bool
) -> None:
    assert changed.is_usable(now) is usable


@given(st.none() | MOMENTS, MOMENTS)
def test_a_session_rests_until_a_minute_after_the_tenth_token_before(
    earlier: datetime | None, now: datetime
) -> None:
    rest = replace(FRESH, earlier_at=earlier).wait(now)

    assert rest >= timedelta(0)
    assert bool(rest) == (earlier is not None and now - earlier < timedelta(minutes=1))
