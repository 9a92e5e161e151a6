"""What providers may be asked: periods, prices, and who may use how much."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.quota import Allowance, Debit, Plan, debits, limits
from shared.kernel.errors import InvalidInputError

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)
moments = st.integers(1_577_836_800, 2_208_988_800).map(lambda at: datetime.fromtimestamp(at, UTC))
zones = st.sampled_from(["UTC", "America/Los_Angeles", "Asia/Kolkata", "Australia/Lord_Howe"])
periods = st.sampled_from(["day", "month"])


def test_youtubes_day_begins_at_midnight_of_the_pacific() -> None:
    (allowance,) = limits().plan("youtube").allowances

    start, end = allowance.window(NOON)

    assert (start, end) == (NOON.replace(hour=7), NOON.replace(hour=7) + timedelta(days=1))


def test_day_on_which_clocks_go_back_is_an_hour_longer() -> None:
    autumn = Allowance(period="day", units=1, zone="America/Los_Angeles")

    start, end = autumn.window(datetime(2026, 11, 1, 12, tzinfo=UTC))

    assert end - start == timedelta(hours=25)


@given(moment=moments, zone=zones, period=periods)
def test_every_moment_is_in_one_period_and_the_next_begins_where_it_ends(
    moment: datetime, zone: str, period: str
) -> None:
    allowance = Allowance.model_validate({"period": period, "units": 1, "zone": zone})

    start, end = allowance.window(moment)

    assert start <= moment < end
    assert allowance.window(end)[0] == end
    assert allowance.window(start) == (start, end)


def test_search_of_youtube_costs_a_hundred_units_and_a_list_one() -> None:
    plan = limits().plan("youtube")

    assert (plan.cost("search"), plan.cost("call")) == (100, 1)


def test_availability_may_use_what_the_catalog_must_leave_and_enrichment_leaves_more() -> None:
    known = limits()
    plan = known.plan("watchmode")
    kinds = ("availability", "changes", "catalog", "enrichment")

    ceilings = [
        debits(plan, "call", share=known.share(kind), now=NOON)[0].ceiling for kind in kinds
    ]

    assert ceilings == [1000, 900, 900, 600]


@given(limit=st.integers(1, 500), cost=st.integers(1, 60), alert=st.floats(0.1, 1))
def test_somebody_is_told_at_most_once_a_period(limit: int, cost: int, alert: float) -> None:
    one = Debit("day", NOON, NOON + timedelta(days=1), cost, limit, limit)
    reached = range(cost, limit + 1, cost)

    told = [used for used in reached if one.crossed(used, alert)]

    assert len(told) == any(used >= alert * limit for used in reached)


def test_plan_of_a_deployment_replaces_that_of_the_file() -> None:
    changed = '{"watchmode": {"allowances": [{"period": "month", "units": 2500}]}}'

    plan = limits(changed).plan("watchmode")

    assert [(a.period, a.units) for a in plan.allowances] == [("month", 2500)]
    assert limits(changed).plan("youtube") == limits().plan("youtube")
    assert limits(changed).plan("letterboxd") == Plan()


@pytest.mark.parametrize("changed", ["{", "[1]", '{"tmdb": {"pace": 7}}', '{"tmdb": {"speed": 7}}'])
def test_plans_that_cannot_be_are_refused(changed: str) -> None:
    with pytest.raises(InvalidInputError, match="plans of providers"):
        limits(changed)
