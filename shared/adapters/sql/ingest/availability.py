"""Offers of a page: compared with what is kept, then written in at most two statements."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from shared.adapters.sql.ingest.page import Rows, Seen, Told, json_text
from shared.adapters.sql.statement import statement
from shared.catalog.item import Offer
from shared.catalog.values import OfferType, Quality
from shared.matching.offers import KeptOffer, OfferDifference, OfferKey, compare

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

READ_OFFERS = statement(__file__, "read_offers")
WRITE_OFFERS = statement(__file__, "write_offers")
END_OFFERS = statement(__file__, "end_offers")

Place = tuple[UUID, str, str]
"""Title, platform, region: where two offers can be one."""
Kept = dict[Place, dict[OfferKey, KeptOffer]]


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
    kept = _read(connection, latest.values(), created)
    written: dict[tuple[Place, OfferKey], dict[str, Any]] = {}
    ended: dict[tuple[Place, OfferKey], dict[str, Any]] = {}
    told: list[Told] = []
    for one, content_id in latest.values():
        place = (content_id, one.item.platform, one.item.region)
        known = kept.setdefault(place, {})
        found = _compared(known, one)
        known.update({offer.key: offer for offer in (*found.kept, *found.ended)})
        for offer in found.kept:
            written[place, offer.key] = _row(place, offer, one.fetched_at)
            ended.pop((place, offer.key), None)
        for offer in found.ended:
            ended[place, offer.key] = _row(place, offer, one.fetched_at)
            written.pop((place, offer.key), None)
        told += [Told(content_id, change) for change in found.changes]
    _write(connection, WRITE_OFFERS(), written)
    _write(connection, END_OFFERS(), ended)
    return told


def _compared(known: Mapping[OfferKey, KeptOffer], one: Seen) -> OfferDifference:
    item = one.item
    return compare(
        known, item.offers, listing=item.platform_content_id, source=item.source.provider
    )


def _write(connection: Connection, what: Any, rows: Mapping[Any, dict[str, Any]]) -> None:  # noqa: ANN401 - a statement
    if rows:
        ordered = [rows[key] for key in sorted(rows, key=str)]
        connection.execute(what, {"rows": json_text(ordered)})


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
    }


def _read(
    connection: Connection, observed: Iterable[tuple[Seen, UUID]], created: set[UUID]
) -> Kept:
    places = {
        (content_id, one.item.platform, one.item.region)
        for one, content_id in observed
        if content_id not in created
    }
    if not places:
        return {}
    rows: Rows = [
        {"content_id": str(content_id), "platform": platform, "region": region}
        for content_id, platform, region in sorted(places)
    ]
    found = connection.execute(READ_OFFERS(), {"rows": json_text(rows)}).scalar_one()
    kept: Kept = {}
    for row in orjson.loads(found):
        place = (UUID(row["content_id"]), row["platform"], row["region"])
        offer = _kept(row)
        kept.setdefault(place, {})[offer.key] = offer
    return kept


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
