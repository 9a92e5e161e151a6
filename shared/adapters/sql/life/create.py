"""Titles and offers that a person adds, with what there is to tell of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters.outbox import Outbox
from shared.adapters.sql.ingest.availability import READ_OFFERS, WRITE_OFFERS, change_data
from shared.adapters.sql.ingest.page import RacedError, Told, json_text, lock_keys, seen
from shared.adapters.sql.ingest.store import LOCK_KEYS
from shared.adapters.sql.ingest.write import Decided, write_links
from shared.adapters.sql.life.records import hold_one, make_record, read_records, require_living
from shared.adapters.sql.statement import statement
from shared.catalog.item import CanonicalItem, Offer
from shared.catalog.life_create import (
    MANUAL,
    OfferKept,
    TitleExistsError,
    chosen_listing,
    made_event,
    offered_event,
    source,
)
from shared.catalog.values import ContentType
from shared.kernel.errors import ConflictError
from shared.kernel.text import title_key
from shared.matching.directory import BRIDGE
from shared.matching.offers import KeptOffer, compare, key_of
from shared.matching.record import record_of
from shared.matching.resolve import Decision

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Connection

    from shared.adapters.sql.life.merge import Act
    from shared.catalog.life_create import OfferGiven
    from shared.matching.offers import OfferKey

TAKEN = statement(__file__, "create_taken")
ON_PLATFORM = statement(__file__, "create_listings")
TERMS = (
    "type", "tier", "quality", "price_minor", "currency", "link", "video_link",
    "available_from", "expires_at",
)  # fmt: skip
"""What is read of a kept offer."""


@dataclass(frozen=True)
class Offered:
    """What became of an offer, and the outbox rows that say so."""

    kept: OfferKept
    outbox: tuple[int, ...]


def create_title(
    connection: Connection, item: CanonicalItem, content_id: UUID, *, act: Act
) -> tuple[int, ...]:
    """Make a title of what a person says, in the caller's transaction; returns the outbox rows.

    It is a title of its own whatever else has its name: a person said so.

    Raises:
        TitleExistsError: Its listing, or one of its external ids, belongs to another title.
        ConflictError: Somebody took one of them at the same moment.
    """
    _lock(connection, item)
    _require_free(connection, item)
    make_record(connection, content_id, record_of(item), now=act.at)
    _link(connection, item, content_id, act)
    event = made_event(content_id, at=act.at, cause=str(act.id))
    return tuple(Outbox.add(connection, [event]))


def put_offer(connection: Connection, content_id: UUID, asked: OfferGiven, *, act: Act) -> Offered:
    """Write an offer of a title over what is known of it, in the caller's transaction.

    Other offers stay. A source that names the same one later has the last word on its terms, as
    sources have among themselves; none of them ends it, since the person never takes it back.

    Raises:
        AppError: The title does not live; see `shared.adapters.sql.life.records.hold`.
        InvalidInputError: The offer cannot be; see `OfferGiven.offer` and `chosen_listing`.
        TitleExistsError: The platform's id belongs to another title.
    """
    offer = asked.offer(act.at)
    require_living(connection, content_id)
    known = read_records(connection, [content_id])[content_id].record
    listings = _listings(connection, content_id, asked.platform)
    item = CanonicalItem(
        source=source(act.id, act.at),
        platform=asked.platform,
        platform_content_id=chosen_listing(asked, listings),
        region=asked.region,
        title=known.scalars["title"],
        content_type=ContentType(known.scalars["content_type"]),
        offers=(offer,),
    )
    _lock(connection, item)
    hold_one(connection, content_id)
    if item.platform_content_id not in listings:
        _require_free(connection, item)
        _link(connection, item, content_id, act)
    told = _write_offer(connection, content_id, item, act)
    events = [offered_event(item, [change_data(one) for one in told], act.at)] if told else []
    kept = OfferKept(
        content_id=content_id,
        platform=item.platform,
        region=item.region,
        platform_content_id=item.platform_content_id,
        offer=offer.model_dump(mode="json"),
        changed=bool(events),
    )
    return Offered(kept, tuple(Outbox.add(connection, events)))


def _listings(connection: Connection, content_id: UUID, platform: str) -> list[str]:
    given = {"id": content_id, "platform": platform}
    return [row.platform_content_id for row in connection.execute(ON_PLATFORM(), given)]


def _lock(connection: Connection, item: CanonicalItem) -> None:
    """Wait for pages that speak of the same title, and let them wait."""
    keys = lock_keys([item], lambda one: title_key(one.title))
    connection.execute(LOCK_KEYS(), {"keys": json_text(keys)})


def _require_free(connection: Connection, item: CanonicalItem) -> None:
    ids = [{"kind": kind.value, "value": value} for kind, value in item.external_ids.items()]
    listing = {"platform": item.platform, "listing": item.platform_content_id}
    given = {**listing, "ids": json_text(ids), "bridge": BRIDGE}
    row = connection.execute(TAKEN(), given).first()
    if row is not None:
        raise TitleExistsError(row.what, row.content_id)


def _link(connection: Connection, item: CanonicalItem, content_id: UUID, act: Act) -> None:
    claims = tuple(item.external_ids.items())
    decision = Decision(content_id, is_new=False, method=MANUAL, confidence=1.0, claims=claims)
    try:
        write_links(connection, [Decided(seen(item), decision)], {}, now=act.at)
    except RacedError as error:
        raise ConflictError(f"somebody took an id of {content_id} just now") from error


def _write_offer(
    connection: Connection, content_id: UUID, item: CanonicalItem, act: Act
) -> list[Told]:
    place = {"content_id": str(content_id), "platform": item.platform, "region": item.region}
    rows = orjson.loads(
        connection.execute(READ_OFFERS(), {"rows": json_text([place])}).scalar_one()
    )
    [offer] = item.offers
    before = {key: kept for key, kept in map(_kept, rows) if key == key_of(offer)}
    found = compare(before, [offer], listing=item.platform_content_id, source=MANUAL)
    said = {"listing": item.platform_content_id, "source": MANUAL}
    at = {"observed_at": act.at.isoformat(), "seen": int(act.at.timestamp())}
    row = {**offer.model_dump(mode="json"), **place, **said, **at}
    connection.execute(WRITE_OFFERS(), {"rows": json_text([row])})
    return [Told(content_id, change) for change in found.changes]


def _kept(row: dict[str, Any]) -> tuple[OfferKey, KeptOffer]:
    offer = Offer.model_validate({name: row[name] for name in TERMS})
    key = key_of(offer)
    return key, KeptOffer(key, row["listing"], row["source"], offer, live=row["live"])
