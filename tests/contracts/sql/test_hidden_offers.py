"""Offers whose source has long been silent: left out, and back when they are seen again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from shared.adapters.sql.dictionary.entries import SqlEntries
from shared.adapters.sql.expiry.offers import OfferEnds
from shared.adapters.sql.links.offers import SqlLinkedTitles
from shared.adapters.sql.resident.rows import SqlRows
from shared.adapters.sql.search import SqlDocuments
from shared.adapters.sql.titles import SqlTitlePages
from shared.catalog.links_templates import Device
from shared.search.suggest.entries import Kind
from tests.unit.matching.items import NOON, bare, stream

if TYPE_CHECKING:
    from tests.contracts.sql.conftest import Catalog

FORTNIGHT = timedelta(days=14)
NOWHERE: dict[str, list[str]] = {
    "page": [], "offers": [], "all platforms": [], "links": [],
    "memory": [], "index": [], "suggested in": [], "suggested": [],
}  # fmt: skip
ON_NETFLIX = {place: ["netflix"] for place in NOWHERE} | {
    "index": ["netflix:US"], "suggested in": ["US"], "suggested": ["Netflix"]
}  # fmt: skip
MOMENT = timedelta(seconds=1)
pytestmark = pytest.mark.usefixtures("connected")


def tidy(catalog: Catalog) -> tuple[int, int]:
    """Show and hide what is due; return how many of each."""
    ends = OfferEnds(catalog.engine, catalog.clock)
    shown = sum(count for count, _ in ends.show_seen())
    return shown, sum(count for count, _ in ends.hide_silent())


def changes(catalog: Catalog) -> list[tuple[bool, bool]]:
    """Return of every told change whether the offer could be watched before, and can be now."""
    return [
        (change["was_available"], change["is_available"])
        for event in catalog.announced("availability.changed")
        for change in event.data["changes"]
    ]


def offered(catalog: Catalog) -> dict[str, list[str]]:
    """Return on which platforms, or in which regions, every read has the title."""
    ((content_id,),) = catalog.rows("SELECT id FROM content WHERE title = 'Heat'")
    pages = SqlTitlePages(catalog.engine, catalog.clock)
    links = SqlLinkedTitles(catalog.engine, catalog.clock)
    linked = links.title(content_id, region="US", platform=None, device=Device.WEB)
    _, offers = pages.availability(content_id, "US", None)
    (resident,) = SqlRows("any@1", catalog.engine).some([str(content_id)])
    with catalog.engine.connect() as connection:
        (indexed,) = SqlDocuments(catalog.clock).read(connection, [content_id])
    suggested = list(SqlEntries(catalog.clock))
    (title,) = (entry for entry in suggested if entry.kind is Kind.TITLE)
    return {
        "page": pages.page(content_id, "US")["platforms"] or [],
        "offers": [offer["platform"] for offer in offers],
        "all platforms": [each["id"] for each in pages.platforms()],
        "links": sorted(linked.offers),
        "memory": sorted(offer.platform for offer in resident.offers),
        "index": sorted(indexed.document.offers),
        "suggested in": sorted(title.regions or ()),
        "suggested": sorted(each.text for each in suggested if each.kind is Kind.PLATFORM),
    }


def test_an_offer_unseen_for_fourteen_days_is_left_out_and_told_of_once(catalog: Catalog) -> None:
    catalog.take(bare("netflix", "1"))
    catalog.clock.advance(FORTNIGHT)
    assert tidy(catalog) == (0, 0)
    assert offered(catalog) == ON_NETFLIX

    catalog.clock.advance(MOMENT)

    assert tidy(catalog) == (0, 1)
    assert tidy(catalog) == (0, 0)
    assert offered(catalog) == NOWHERE
    assert changes(catalog) == [(False, True), (True, False)]


def test_offers_are_hidden_in_whatever_windows_and_batches_they_are_looked_through(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.adapters.sql.expiry.offers.WINDOW", 3)
    monkeypatch.setattr("shared.adapters.sql.expiry.offers.BATCH", 2)
    for number in range(7):
        catalog.take(bare("netflix", str(number), title=f"Ronin {number}"))
    catalog.clock.advance(FORTNIGHT + MOMENT)

    batches = [
        count for count, _ in OfferEnds(catalog.engine, catalog.clock).hide_silent() if count
    ]

    assert sum(batches) == 7
    assert max(batches) == 2
    assert tidy(catalog) == (0, 0)


def test_a_hidden_offer_is_back_when_it_is_seen_again(catalog: Catalog) -> None:
    catalog.take(bare("netflix", "1"))
    catalog.clock.advance(FORTNIGHT + MOMENT)
    tidy(catalog)

    catalog.take(bare("netflix", "1", fetched_at=catalog.clock.now()))

    assert tidy(catalog) == (1, 0)
    assert offered(catalog) == ON_NETFLIX
    assert changes(catalog)[2:] == [(False, True)]
    ((first_seen,),) = catalog.rows("SELECT first_seen FROM availability")
    assert first_seen == NOON


def test_what_nobody_confirms_every_week_is_never_hidden(catalog: Catalog) -> None:
    catalog.take(bare("netflix", "1", provider="justwatch"))
    catalog.take(bare("hulu", "2", provider="manual"))
    catalog.take(bare("hulu", "2"))
    catalog.clock.advance(timedelta(days=900))

    assert tidy(catalog) == (0, 0)
    assert offered(catalog)["offers"] == ["hulu", "netflix"]


def test_one_source_that_still_confirms_keeps_an_offer_in_sight(catalog: Catalog) -> None:
    catalog.take(bare("netflix", "1"))
    catalog.take(bare("netflix", "1", provider="watchmode"))
    catalog.clock.advance(FORTNIGHT + MOMENT)
    catalog.take(bare("netflix", "1", provider="watchmode", fetched_at=catalog.clock.now()))

    assert tidy(catalog) == (0, 0)


def test_an_offer_that_ends_while_it_is_hidden_is_not_told_of_again(catalog: Catalog) -> None:
    end = NOON + timedelta(days=15)
    catalog.take(bare("netflix", "1", offers=(stream(expires_at=end),)))
    catalog.clock.advance(FORTNIGHT + MOMENT)
    tidy(catalog)
    catalog.clock.advance(timedelta(days=1))

    list(OfferEnds(catalog.engine, catalog.clock).by_time())

    assert catalog.rows("SELECT ended_at FROM availability") == [(end,)]
    assert changes(catalog) == [(False, True), (True, False)]
    assert tidy(catalog) == (0, 0)
    assert catalog.rows("SELECT hidden_at FROM availability") == [(None,)]


def test_an_offer_is_called_stale_when_a_weekly_comparison_has_passed_it_by(
    catalog: Catalog,
) -> None:
    catalog.take(bare("netflix", "1"))
    pages = SqlTitlePages(catalog.engine, catalog.clock)
    ((content_id,),) = catalog.rows("SELECT id FROM content")

    said = []
    for days in (0, 8, 1):
        catalog.clock.advance(timedelta(days=days))
        _, (offer,) = pages.availability(content_id, "US", None)
        said.append(offer["stale"])

    assert said == [False, False, True]
