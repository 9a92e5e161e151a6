"""Offers of a page: compared with what is kept, then written in at most three statements.

An offer that several sources bring ends when the last of them takes it back.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from shared.adapters.sql.ingest.page import Rows, Seen, Told, json_text
from shared.adapters.sql.ingest.prepared import run, scalar
from shared.adapters.sql.statement import statement
from shared.catalog.item import Offer
from shared.catalog.receipts import claims, heir, renewed
from shared.catalog.values import OfferType, Quality
from shared.matching.offers import KeptOffer, OfferDifference, OfferKey, compare

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

READ_OFFERS = statement(__file__, "read_offers")
WRITE_OFFERS = statement(__file__, "write_offers")
WITHDRAW_OFFERS = statement(__file__, "withdraw_offers")
END_OFFERS = statement(__file__, "end_offers")

Place = tuple[UUID, str, str]
"""Title, platform, region: where two offers can be one."""
Where = tuple[Place, OfferKey]
Row = dict[str, Any]


@dataclass
class _Offers:
    """Offers of a page's titles: as they are kept, who brings them, and what is to be written."""

    kept: dict[Place, dict[OfferKey, KeptOffer]] = field(default_factory=dict)
    sources: dict[Where, dict[str, list[Any]]] = field(default_factory=dict)
    written: dict[Where, Row] = field(default_factory=dict)
    withdrawn: dict[tuple[Where, str], Row] = field(default_factory=dict)
    ended: dict[Where, Row] = field(default_factory=dict)


def write_availability(
    connection: Connection, observed: Iterable[tuple[Seen, UUID]], *, created: set[UUID]
) -> list[Told]:
    """Make the kept offers of each listing equal to what its item brings.

    Args:
        connection: The page's transaction.
        observed: Items whose offers may have changed, each with its title; the last of a listing,
            region and source counts.
        created: Titles made on this page, which have no offers yet.

    Returns:
        What changed, in order.
    """
    latest = {one.observed: (one, content_id) for one, content_id in observed}
    offers = _read(connection, latest.values(), created)
    told: list[Told] = []
    for one, content_id in latest.values():
        place = (content_id, one.item.platform, one.item.region)
        compared = _compared(offers.kept.setdefault(place, {}), one)
        found = _without_heirs(offers, place, one, compared)
        _take(offers, place, one, found)
        told += [Told(content_id, change) for change in found.changes]
    _write(connection, WRITE_OFFERS(), offers.written)
    _write(connection, WITHDRAW_OFFERS(), offers.withdrawn)
    _write(connection, END_OFFERS(), offers.ended)
    return told


def _compared(known: Mapping[OfferKey, KeptOffer], one: Seen) -> OfferDifference:
    item = one.item
    # Feeds go on naming offers whose time is over: these are none, or they would end at each turn.
    offers = [offer for offer in item.offers if not _is_over(offer, one.fetched_at)]
    return compare(known, offers, listing=item.platform_content_id, source=item.source.provider)


def _is_over(offer: Offer, at: datetime) -> bool:
    end = offer.expires_at
    return end is not None and (end if end.tzinfo else end.replace(tzinfo=UTC)) <= at


def _without_heirs(
    offers: _Offers, place: Place, one: Seen, found: OfferDifference
) -> OfferDifference:
    """Return a difference in which no offer ends that another source still brings.

    What the item's source no longer brings is noted, and the other source speaks for it from now.
    """
    source, listing = one.item.source.provider, one.item.platform_content_id
    seen = int(one.fetched_at.timestamp())
    brought = {offer.key for offer in found.kept}
    spared: set[OfferKey] = set()
    for key, offer in offers.kept[place].items():
        said = offers.sources.get((place, key), {})
        if not offer.live or key in brought or not claims(said, source, listing):
            continue
        found_heir = heir(said, source, now=seen)
        said[source] = [*said[source], seen]
        row = _row(place, offer, one.fetched_at) | {"source": source, "heir": None}
        if found_heir and (offer.source, offer.listing) == (source, listing):
            spared.add(key)
            name, its_listing = found_heir
            offers.kept[place][key] = replace(offer, source=name, listing=its_listing)
            row |= {"heir": name, "heir_listing": its_listing}
        offers.withdrawn[(place, key), source] = row
    if not spared:
        return found
    ended = tuple(offer for offer in found.ended if offer.key not in spared)
    changes = tuple(change for change in found.changes if change.key not in spared)
    return OfferDifference(found.kept, ended, changes)


def _take(offers: _Offers, place: Place, one: Seen, found: OfferDifference) -> None:
    source = one.item.source.provider
    seen = int(one.fetched_at.timestamp())
    for offer in found.kept:
        where = (place, offer.key)
        offers.kept[place][offer.key] = offer
        said = offers.sources.setdefault(where, {})
        said[source] = renewed(said.get(source), offer.listing, now=seen)
        offers.written[where] = _row(place, offer, one.fetched_at)
        offers.withdrawn.pop((where, source), None)
        offers.ended.pop(where, None)
    for offer in found.ended:
        where = (place, offer.key)
        offers.kept[place][offer.key] = offer
        offers.ended[where] = _row(place, offer, one.fetched_at)
        offers.written.pop(where, None)


def _write(connection: Connection, what: Any, rows: Mapping[Any, dict[str, Any]]) -> None:  # noqa: ANN401 - a statement
    if rows:
        ordered = [rows[key] for key in sorted(rows, key=str)]
        run(connection, what, rows=json_text(ordered))


def _row(place: Place, kept: KeptOffer, at: datetime) -> dict[str, Any]:
    content_id, platform, region = place
    return {
        **kept.offer.model_dump(mode="json"),
        "content_id": str(content_id),
        "platform": platform,
        "region": region,
        "listing": kept.listing,
        "source": kept.source,
        "observed_at": at.isoformat(),
        "seen": int(at.timestamp()),
    }


def _read(
    connection: Connection, observed: Iterable[tuple[Seen, UUID]], created: set[UUID]
) -> _Offers:
    places = {
        (content_id, one.item.platform, one.item.region)
        for one, content_id in observed
        if content_id not in created
    }
    offers = _Offers()
    if not places:
        return offers
    rows: Rows = [
        {"content_id": str(content_id), "platform": platform, "region": region}
        for content_id, platform, region in sorted(places)
    ]
    found = scalar(connection, READ_OFFERS(), rows=json_text(rows))
    for row in orjson.loads(found):
        place = (UUID(row["content_id"]), row["platform"], row["region"])
        offer = _kept(row)
        offers.kept.setdefault(place, {})[offer.key] = offer
        offers.sources[place, offer.key] = row["sources"]
    return offers


def _kept(row: Mapping[str, Any]) -> KeptOffer:
    offer = Offer.model_construct(
        type=OfferType(row["type"]),
        tier=row["tier"],
        quality=Quality(row["quality"]) if row["quality"] else None,
        price_minor=row["price_minor"],
        currency=row["currency"],
        link=row["link"],
        video_link=row["video_link"],
        available_from=_time(row["available_from"]),
        expires_at=_time(row["expires_at"]),
    )
    key = (row["type"], row["tier"], row["quality"])
    return KeptOffer(key, row["listing"], row["source"], offer, live=row["live"])


def _time(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


def change_data(told: Told) -> dict[str, Any]:
    """Return one change as the event tells it."""
    change = told.change
    offer_type, tier, quality = change.key
    return {
        "content_id": str(told.content_id),
        "offer_type": offer_type,
        "tier": tier,
        "quality": quality,
        "is_available": change.is_available,
        "was_available": change.was_available,
        "price_before": change.price_before,
        "price_after": change.price_after,
        "currency": change.currency,
        "expires_at": change.expires_at.isoformat() if change.expires_at else None,
    }
