"""Titles that leave, in a real database: the list, notices given once, offers that end by time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from shared.adapters.sql.expiry.notices import SqlExpiry
from shared.adapters.sql.expiry.offers import OfferEnds
from shared.catalog.expiry import windows
from shared.catalog.expiry_answers import Expiring
from shared.catalog.values import OfferType, Quality
from tests.unit.matching.items import NOON, bare, stream

if TYPE_CHECKING:
    from tests.contracts.sql.conftest import Catalog

USUAL = windows()
HOURS_12 = NOON + timedelta(hours=12)


@pytest.fixture
def expiry(catalog: Catalog) -> SqlExpiry:
    """Return what knows of ends, under the catalog's clock."""
    return SqlExpiry(catalog.engine, catalog.clock)


def ending(at: Any, listing: str = "1", title: str = "Heat", **changes: Any) -> Any:  # noqa: ANN401 - a moment, an item
    """Return a film on Netflix whose subscription ends then."""
    return bare("netflix", listing, title, offers=(stream(expires_at=at),), **changes)


def told(catalog: Catalog) -> list[tuple[str, str]]:
    """Return title and window of every notice in the outbox."""
    events = catalog.announced("content.expiring")
    return [(event.data["title"], event.data["notification_window"]) for event in events]


def notify(expiry: SqlExpiry) -> int:
    return sum(len(rows) for rows in expiry.notify(USUAL))


def listed(expiry: SqlExpiry, **asked: Any) -> dict[str, Any]:  # noqa: ANN401 - any filter
    usual = {"days": 7, "platform": None, "region": None, "limit": 100}
    return expiry.expiring(**{**usual, **asked})


def test_a_title_that_ends_in_twelve_hours_is_told_of_exactly_once(
    catalog: Catalog, expiry: SqlExpiry
) -> None:
    catalog.take(ending(HOURS_12))

    assert [notify(expiry), notify(expiry)] == [1, 0]

    assert told(catalog) == [("Heat", "1d")]
    (event,) = catalog.announced("content.expiring")
    assert event.data["expires_at"] == HOURS_12.isoformat()
    assert catalog.rows("SELECT notice_window, expires_at FROM expiration_notice") == [
        ("1d", HOURS_12)
    ]


def test_a_title_is_told_of_once_in_each_window_it_passes(
    catalog: Catalog, expiry: SqlExpiry
) -> None:
    catalog.take(ending(NOON + timedelta(days=8)))
    for _ in range(9 * 24):
        notify(expiry)
        catalog.clock.advance(timedelta(hours=1))

    assert [window for _, window in told(catalog)] == ["7d", "3d", "1d"]


@pytest.mark.parametrize(
    ("moved", "notices"), [(timedelta(hours=5), 1), (timedelta(hours=24), 1), (timedelta(30), 2)]
)
def test_an_end_that_moves_by_more_than_a_day_is_told_again(
    catalog: Catalog, expiry: SqlExpiry, moved: timedelta, notices: int
) -> None:
    end = NOON + timedelta(days=4)
    catalog.take(ending(end))
    notify(expiry)
    catalog.take(ending(end + moved, fetched_at=NOON + timedelta(hours=1)))
    catalog.clock.advance(moved)
    notify(expiry)

    assert [window for _, window in told(catalog)] == ["7d"] * notices


def test_a_stop_between_two_batches_tells_the_rest_later_and_nothing_twice(
    catalog: Catalog, expiry: SqlExpiry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.adapters.sql.expiry.notices.BATCH", 2)
    catalog.take(*(ending(HOURS_12, str(n), f"Film {n}") for n in range(5)))

    next(expiry.notify(USUAL))
    assert len(told(catalog)) == 2
    notify(expiry)

    assert sorted(told(catalog)) == [(f"Film {n}", "1d") for n in range(5)]


def test_history_is_forgotten_after_90_days(catalog: Catalog, expiry: SqlExpiry) -> None:
    catalog.take(ending(HOURS_12))
    notify(expiry)

    catalog.clock.advance(timedelta(days=90))
    assert expiry.purge() == 0
    catalog.clock.advance(timedelta(seconds=1))
    assert expiry.purge() == 1


def test_the_list_is_within_the_days_and_soonest_first(catalog: Catalog, expiry: SqlExpiry) -> None:
    catalog.take(
        ending(NOON + timedelta(days=7), "1", "Heat"),
        ending(NOON + timedelta(days=7, seconds=1), "2", "Ronin"),
        ending(HOURS_12, "3", "Arrival"),
        ending(NOON - timedelta(seconds=1), "4", "Amélie"),
        bare("netflix", "5", "The Matrix"),
    )

    found = listed(expiry)

    Expiring.model_validate({**found, "window_days": 7})
    said = [(item["title"], item["days_until_expiration"]) for item in found["items"]]
    assert (found["total"], said) == (2, [("Arrival", 1), ("Heat", 7)])
    assert listed(expiry, limit=1)["total"] == 2
    assert listed(expiry, platform="hulu")["items"] == listed(expiry, region="GB")["items"] == []
    assert listed(expiry, days=8)["total"] == 3


def test_a_title_leaves_when_the_last_offer_of_a_type_does(
    catalog: Catalog, expiry: SqlExpiry
) -> None:
    ends, lasts = stream(expires_at=HOURS_12), stream(quality=Quality.UHD)
    rental = stream(type=OfferType.RENTAL, expires_at=HOURS_12)
    catalog.take(
        bare("netflix", "1", offers=(ends, lasts)),
        bare("netflix", "2", "Ronin", offers=(lasts, rental)),
    )

    (only,) = listed(expiry)["items"]

    assert (only["title"], only["availability_type"]) == ("Ronin", "rental")
    notify(expiry)
    assert told(catalog) == [("Ronin", "1d")]


def test_what_is_merged_or_deleted_leaves_nothing(catalog: Catalog, expiry: SqlExpiry) -> None:
    catalog.take(ending(HOURS_12))
    with catalog.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE content SET deleted_at = now()")

    assert listed(expiry) == {"total": 0, "items": []}
    assert notify(expiry) == 0


def test_an_offer_ends_with_its_time_and_is_told_of_once(catalog: Catalog) -> None:
    catalog.take(ending(HOURS_12), bare("netflix", "2", "Ronin"))
    ends = OfferEnds(catalog.engine, catalog.clock)
    assert list(ends.by_time()) == [(0, [])]
    catalog.clock.advance(timedelta(hours=12))

    assert [count for count, _ in ends.by_time()] == [1]
    assert [count for count, _ in ends.by_time()] == [0]

    _, event = catalog.announced("availability.changed")
    (change,) = event.data["changes"]
    assert (change["was_available"], change["is_available"]) == (True, False)
    assert (event.data["platform"], event.data["region"]) == ("netflix", "US")
    assert catalog.rows("SELECT ended_at FROM availability WHERE ended_at IS NOT NULL") == [
        (HOURS_12,)
    ]


def test_the_same_page_after_an_end_does_not_bring_the_offer_back(catalog: Catalog) -> None:
    catalog.take(ending(HOURS_12))
    catalog.clock.advance(timedelta(hours=13))
    list(OfferEnds(catalog.engine, catalog.clock).by_time())
    before = catalog.everything()

    catalog.take(ending(HOURS_12))

    assert catalog.everything() == before


def test_many_ends_are_told_in_events_of_at_most_500(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.adapters.sql.expiry.offers.BATCH", 2)
    catalog.take(*(ending(HOURS_12, str(n), f"Film {n}") for n in range(5)))
    catalog.clock.advance(timedelta(days=1))

    ended = [count for count, _ in OfferEnds(catalog.engine, catalog.clock).by_time()]

    assert ended == [2, 2, 1]
    assert [len(e.data["changes"]) for e in catalog.announced("availability.changed")[1:]] == ended


def test_an_offer_whose_time_is_over_does_not_come_back_with_news_of_others(
    catalog: Catalog,
) -> None:
    rental = stream(type=OfferType.RENTAL, price_minor=399, currency="USD")
    ends = stream(expires_at=HOURS_12)
    catalog.take(bare("netflix", "1", offers=(ends,)))
    catalog.clock.advance(timedelta(hours=13))
    list(OfferEnds(catalog.engine, catalog.clock).by_time())

    catalog.take(bare("netflix", "1", offers=(ends, rental), fetched_at=NOON + timedelta(hours=13)))

    live = "SELECT offer_type FROM availability WHERE ended_at IS NULL"
    assert catalog.rows(live) == [("rental",)]
    (change,) = catalog.announced("availability.changed")[-1].data["changes"]
    assert change["offer_type"] == "rental"
