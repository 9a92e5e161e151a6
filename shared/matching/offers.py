"""What changed between the offers that are kept and those an item brings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from shared.catalog.item import Offer

OfferKey = tuple[str, str | None, str | None]
"""Offer type, tier, quality: what tells two offers of one title, platform and region apart."""


@dataclass(frozen=True, slots=True)
class KeptOffer:
    """One row of availability.

    Attributes:
        key: What tells it apart.
        listing: The platform's own id of the entry that offers it.
        source: Who said so last.
        offer: Its terms.
        live: It can be watched now, as far as is known.
    """

    key: OfferKey
    listing: str
    source: str
    offer: Offer
    live: bool = True


@dataclass(frozen=True, slots=True)
class OfferChange:
    """A change worth telling: an offer came, went, or has another price or end."""

    key: OfferKey
    is_available: bool
    was_available: bool
    price_before: int | None
    price_after: int | None
    currency: str | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class OfferDifference:
    """What to write: offers to keep as they are now, offers that end, and what to tell."""

    kept: tuple[KeptOffer, ...]
    ended: tuple[KeptOffer, ...]
    changes: tuple[OfferChange, ...]


def key_of(offer: Offer) -> OfferKey:
    """Return what tells an offer apart."""
    return offer.type.value, offer.tier, offer.quality.value if offer.quality else None


def compare(
    known: Mapping[OfferKey, KeptOffer], offers: Iterable[Offer], *, listing: str, source: str
) -> OfferDifference:
    """Compare the kept offers of one title, platform and region with one item's full list.

    An offer ends when the listing and source that last brought it no longer do; what other
    listings or sources brought stays.

    Args:
        known: Every kept offer, live or ended.
        offers: What the item brings; of two with one key the first counts.
        listing: The item's own id on the platform.
        source: The item's provider.
    """
    wanted: dict[OfferKey, Offer] = {}
    for offer in offers:
        wanted.setdefault(key_of(offer), offer)
    kept = tuple(KeptOffer(key, listing, source, offer) for key, offer in wanted.items())
    ended = tuple(
        replace(old, live=False)
        for key, old in known.items()
        if old.live and key not in wanted and (old.listing, old.source) == (listing, source)
    )
    told = [_change(known.get(new.key), new) for new in kept]
    told += [_change(known[old.key], old) for old in ended]
    return OfferDifference(kept, ended, tuple(change for change in told if change is not None))


def _change(old: KeptOffer | None, new: KeptOffer) -> OfferChange | None:
    was = old is not None and old.live
    before, after = (old.offer if old else None), new.offer
    if was == new.live and before is not None and _terms(before) == _terms(after):
        return None
    return OfferChange(
        key=new.key,
        is_available=new.live,
        was_available=was,
        price_before=before.price_minor if before and was else None,
        price_after=after.price_minor if new.live else None,
        currency=after.currency,
        expires_at=after.expires_at,
    )


def _terms(offer: Offer) -> tuple[object, ...]:
    return offer.price_minor, offer.currency, offer.available_from, offer.expires_at
