"""What changed between kept offers and those an item brings."""

from __future__ import annotations

from datetime import timedelta

from shared.catalog.item import Offer
from shared.catalog.values import OfferType
from shared.matching.offers import KeptOffer, OfferDifference, OfferKey, compare, key_of
from tests.unit.matching.items import NOON, stream

RENTAL = Offer(type=OfferType.RENTAL, price_minor=399, currency="USD")


def kept(*offers: Offer, listing: str = "1", live: bool = True) -> dict[OfferKey, KeptOffer]:
    return {
        key_of(offer): KeptOffer(key_of(offer), listing, "sa", offer, live=live) for offer in offers
    }


def difference(known: dict[OfferKey, KeptOffer], *offers: Offer) -> OfferDifference:
    return compare(known, offers, listing="1", source="sa")


def test_a_new_offer_was_not_available_before() -> None:
    (change,) = difference({}, stream()).changes
    assert (change.was_available, change.is_available) == (False, True)


def test_the_same_offer_again_is_no_change() -> None:
    assert difference(kept(stream()), stream()).changes == ()


def test_another_link_is_written_but_not_told() -> None:
    found = difference(kept(stream()), stream(link="https://www.netflix.com/title/1"))
    assert found.changes == ()
    assert found.kept[0].offer.link is not None


def test_an_offer_no_longer_brought_ends_once() -> None:
    found = difference(kept(stream(), RENTAL), stream())
    assert [offer.key for offer in found.ended] == [key_of(RENTAL)]
    assert [(c.was_available, c.is_available) for c in found.changes] == [(True, False)]

    over = kept(stream()) | kept(RENTAL, live=False)
    assert difference(over, stream()).changes == ()


def test_an_offer_that_comes_back_was_not_available() -> None:
    (change,) = difference(kept(stream(), live=False), stream()).changes
    assert (change.was_available, change.is_available) == (False, True)


def test_another_price_is_told_with_both_prices() -> None:
    (change,) = difference(kept(RENTAL), RENTAL.model_copy(update={"price_minor": 299})).changes
    assert (change.price_before, change.price_after) == (399, 299)
    assert change.was_available


def test_another_end_is_told() -> None:
    (change,) = difference(kept(stream()), stream(expires_at=NOON + timedelta(days=3))).changes
    assert change.expires_at == NOON + timedelta(days=3)


def test_what_another_listing_brought_stays() -> None:
    assert difference(kept(RENTAL, listing="2"), stream()).ended == ()
