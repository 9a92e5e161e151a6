"""Churn and delays, counted from offers as pages left them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from shared.adapters.sql.receipts.churn import recount
from shared.catalog.receipts import PRIOR_ENDS, PRIOR_LAG_DAYS, PRIOR_LAG_WEIGHT
from shared.catalog.values import ExternalIdType
from tests.contracts.sql.test_receipts import OTHER, days
from tests.unit.matching.items import NOON, item, stream

if TYPE_CHECKING:
    from tests.contracts.sql.conftest import Catalog

HEAT = {"external_ids": {ExternalIdType.IMDB: "tt0113277"}}
CHURN = "SELECT platform, region, ended, offer_days FROM offer_churn ORDER BY 1, 2"


def test_ends_and_days_are_counted_by_platform_and_region(catalog: Catalog) -> None:
    catalog.take(item("netflix", "60"), item("hulu", "1"))
    catalog.take(item("netflix", "60", offers=(), fetched_at=NOON + days(10)))
    catalog.take(item("hulu", "1", fetched_at=NOON + days(4)))

    assert recount(catalog.engine, catalog.clock) == (2, 0)
    assert catalog.rows(CHURN) == [("hulu", "US", 0, 4.0), ("netflix", "US", 1, 10.0)]
    shapes = catalog.rows("SELECT shape FROM offer_churn ORDER BY platform")
    assert shapes == [(PRIOR_ENDS,), (PRIOR_ENDS + 1,)]


def test_an_announced_end_is_no_churn(catalog: Catalog) -> None:
    leaving = stream(expires_at=NOON + days(3))
    catalog.take(item("netflix", "60", offers=(leaving,)))
    catalog.take(item("netflix", "60", offers=(), fetched_at=NOON + days(4)))

    assert recount(catalog.engine, catalog.clock) == (0, 0)


def test_what_a_merged_title_left_behind_is_no_churn(catalog: Catalog) -> None:
    catalog.take(item("netflix", "60"), item("hulu", "1", title="Ronin", release_year=1998))
    with catalog.engine.begin() as connection:
        merge = (
            "UPDATE content SET merged_into = (SELECT id FROM content WHERE title = 'Heat') "
            "WHERE title = 'Ronin'"
        )
        connection.execute(text(merge))
        connection.execute(text("UPDATE availability SET ended_at = now()"))

    recount(catalog.engine, catalog.clock)

    assert [row[:3] for row in catalog.rows(CHURN)] == [("netflix", "US", 1)]


def test_a_lapse_counts_though_the_offer_came_back(catalog: Catalog) -> None:
    catalog.take(item("netflix", "60"))
    catalog.take(item("netflix", "60", offers=(), fetched_at=NOON + days(5)))
    catalog.take(item("netflix", "60", fetched_at=NOON + days(6)))

    recount(catalog.engine, catalog.clock)

    assert catalog.rows(CHURN) == [("netflix", "US", 1, 6.0)]


def test_a_source_is_as_late_as_it_takes_back_after_another(catalog: Catalog) -> None:
    catalog.take(item("netflix", "60", **HEAT))
    catalog.take(item("netflix", "tm1", provider=OTHER, **HEAT))
    catalog.take(item("netflix", "60", offers=(), fetched_at=NOON + days(10), **HEAT))
    catalog.take(
        item("netflix", "tm1", provider=OTHER, offers=(), fetched_at=NOON + days(16), **HEAT)
    )

    assert recount(catalog.engine, catalog.clock) == (1, 2)

    late = dict(catalog.rows("SELECT source, lag_days FROM source_lag"))
    prior = PRIOR_LAG_DAYS * PRIOR_LAG_WEIGHT
    assert late[OTHER] == pytest.approx((prior + 6) / (PRIOR_LAG_WEIGHT + 1))
    assert late["streaming_availability"] == pytest.approx(prior / (PRIOR_LAG_WEIGHT + 1))


def test_a_dispute_that_is_not_settled_says_nothing_of_lateness(catalog: Catalog) -> None:
    catalog.take(item("netflix", "60", **HEAT))
    catalog.take(item("netflix", "tm1", provider=OTHER, **HEAT))
    catalog.take(item("netflix", "60", offers=(), fetched_at=NOON + days(10), **HEAT))
    catalog.take(item("netflix", "tm1", provider=OTHER, fetched_at=NOON + days(13), **HEAT))

    assert recount(catalog.engine, catalog.clock) == (1, 0)


def test_what_is_no_longer_there_is_forgotten_and_counting_twice_changes_nothing(
    catalog: Catalog,
) -> None:
    catalog.take(item("netflix", "60"))
    recount(catalog.engine, catalog.clock)
    before = catalog.rows("SELECT * FROM offer_churn")
    assert recount(catalog.engine, catalog.clock) == (1, 0)
    assert catalog.rows("SELECT * FROM offer_churn") == before

    with catalog.engine.begin() as connection:
        connection.execute(text("DELETE FROM availability"))
    assert recount(catalog.engine, catalog.clock) == (0, 0)
    assert catalog.count("offer_churn") == 0
