"""Writing what a page decided: titles, what hangs on them, ids, listings, questions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from shared.adapters.sql.ingest.page import Known, Observation, RacedError, Rows, Seen, json_text
from shared.adapters.sql.ingest.prepared import run
from shared.adapters.sql.ingest.rows import block_rows, child_rows, title_row
from shared.adapters.sql.statement import statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from sqlalchemy import Connection

    from shared.kernel.ids import Ids
    from shared.matching.record import Record
    from shared.matching.resolve import Decision

CLEAR_CHILDREN = statement(__file__, "clear_children")
WRITE_TITLES = statement(__file__, "write_titles")
WRITE_CHILDREN = statement(__file__, "write_children")
WRITE_LINKS = statement(__file__, "write_links")
WRITE_OBSERVATIONS = statement(__file__, "write_observations")
WRITE_REVIEWS = statement(__file__, "write_reviews")
TOUCH_SEEN = statement(__file__, "touch_seen")
CONFIRM_EVERY = timedelta(hours=1)
"""How much later a title must be seen again for that to be written down."""


@dataclass
class Decided:
    """An item, where it goes, and whether anything of its title may have changed."""

    one: Seen
    decision: Decision
    unchanged: bool = False


@dataclass
class TitleChanges:
    """Titles to write: new ones, and those of which a reader sees something new."""

    created: dict[UUID, Record] = field(default_factory=dict)
    updated: dict[UUID, Record] = field(default_factory=dict)
    reowned: dict[UUID, Record] = field(default_factory=dict)

    @property
    def all(self) -> dict[UUID, Record]:
        """Every title with something to write."""
        return {**self.created, **self.updated, **self.reowned}


def write_titles(
    connection: Connection, changes: TitleChanges, known: Known, *, now: datetime
) -> None:
    """Write titles and replace what hangs on those that existed."""
    records = changes.all
    if not records:
        return
    existing = {**changes.updated, **changes.reowned}
    if existing:
        _clear(connection, {key: known.records[key] for key in existing})
    rows = [title_row(content_id, record) for content_id, record in sorted(records.items())]
    run(connection, WRITE_TITLES(), rows=json_text(rows), now=now.isoformat())
    tables = child_rows(records, now)
    run(connection, WRITE_CHILDREN(), **{name: json_text(found) for name, found in tables.items()})


def _clear(connection: Connection, stored: Mapping[UUID, Record]) -> None:
    blocks = [
        row for content_id, record in stored.items() for row in block_rows(content_id, record)
    ]
    ids = sorted(str(content_id) for content_id in stored)
    run(connection, CLEAR_CHILDREN(), ids=json_text(ids), blocks=json_text(blocks))


def write_links(
    connection: Connection,
    decided: Sequence[Decided],
    before: Mapping[Any, float],
    *,
    now: datetime,
) -> None:
    """Record ids and listings that are not known yet.

    Args:
        connection: The page's transaction.
        decided: The page's items.
        before: Confidence of the external ids that were known, listings that were known as well.
        now: When.

    Raises:
        RacedError: Somebody else recorded one of them since the page was looked up.
    """
    ids: dict[Any, dict[str, Any]] = {}
    listings: dict[Any, dict[str, Any]] = {}
    for one in decided:
        content_id, confidence = str(one.decision.content_id), one.decision.confidence
        for kind, value in one.decision.claims:
            known = max(before.get((kind, value), -1), _confidence(ids.get((kind, value))))
            if confidence > known:
                ids[kind, value] = {
                    "kind": kind.value,
                    "value": value,
                    "content_id": content_id,
                    "confidence": confidence,
                    "source": one.one.item.source.provider,
                }
        if one.one.listing not in before and one.one.listing not in listings:
            listings[one.one.listing] = _listing_row(one)
    _record(connection, list(ids.values()), list(listings.values()), now)


def _confidence(row: Mapping[str, Any] | None) -> float:
    return -1 if row is None else float(row["confidence"])


def _listing_row(one: Decided) -> dict[str, Any]:
    item = one.one.item
    return {
        "platform": item.platform,
        "listing": item.platform_content_id,
        "content_id": str(one.decision.content_id),
        "url": next((offer.link for offer in item.offers if offer.link), None),
        "method": one.decision.method,
        "confidence": one.decision.confidence,
    }


def _record(connection: Connection, ids: Rows, listings: Rows, now: datetime) -> None:
    if not ids and not listings:
        return
    ids.sort(key=lambda row: (row["kind"], row["value"]))
    listings.sort(key=lambda row: (row["platform"], row["listing"]))
    given = {"ids": json_text(ids), "listings": json_text(listings), "now": now.isoformat()}
    written = run(connection, WRITE_LINKS(), **given)[0]
    if tuple(written) != (len(ids), len(listings)):
        raise RacedError(f"{len(ids)} ids and {len(listings)} listings, written {tuple(written)}")


def write_observations(connection: Connection, decided: Sequence[Decided], known: Known) -> None:
    """Note what each source said last, and that titles, listings and offers were seen."""
    latest = {one.one.observed: one for one in decided}
    ordered = [latest[key] for key in sorted(latest)]
    changed = [_observation_row(one) for one in ordered if _differs(one.one, known)]
    if changed:
        run(connection, WRITE_OBSERVATIONS(), rows=json_text(changed))
    _touch(connection, [one for one in ordered if _was_long_ago(one.one, known)])


def _was_long_ago(one: Seen, known: Known) -> bool:
    before = known.observations.get(one.observed)
    return before is not None and one.fetched_at - before.observed_at >= CONFIRM_EVERY


def _touch(connection: Connection, decided: Sequence[Decided]) -> None:
    """Note that titles, listings and offers are still there, all as of the oldest of them."""
    if not decided:
        return
    given = {
        "ids": sorted({str(one.decision.content_id) for one in decided}),
        "listings": sorted({"\x1f".join(one.one.listing) for one in decided}),
        "offers": sorted({"\x1f".join(one.one.observed) for one in decided}),
    }
    at = min(one.one.fetched_at for one in decided)
    texts = {name: json_text(values) for name, values in given.items()}
    moment = {"at": at.isoformat(), "seen": int(at.timestamp())}
    run(connection, TOUCH_SEEN(), **texts, **moment)


def _differs(one: Seen, known: Known) -> bool:
    now = Observation(one.item_hash, one.offers_hash, one.fetched_at)
    return known.observations.get(one.observed) != now


def _observation_row(one: Decided) -> dict[str, Any]:
    item = one.one.item
    return {
        "platform": item.platform,
        "listing": item.platform_content_id,
        "region": item.region,
        "source": item.source.provider,
        "item_hash": one.one.item_hash,
        "offers_hash": one.one.offers_hash,
        "observed_at": one.one.fetched_at.isoformat(),
        "runtime": item.runtime_minutes,
        "content_id": str(one.decision.content_id),
    }


def write_reviews(
    connection: Connection, decided: Sequence[Decided], *, ids: Ids, now: datetime
) -> None:
    """Ask a person what the page could not decide."""
    rows: Rows = []
    for one in decided:
        item = one.one.item
        for review in one.decision.reviews:
            kind, value = review.external_id or (None, None)
            rows.append(
                {
                    "id": str(ids.new()),
                    "reason": review.reason,
                    "platform": item.platform,
                    "listing": item.platform_content_id,
                    "region": item.region,
                    "raw_uri": item.source.raw_uri,
                    "content_id": str(one.decision.content_id),
                    "candidate_id": str(review.candidate_id),
                    "id_type": kind.value if kind else None,
                    "id_value": value,
                    "score": round(review.score, 4),
                    "features": review.features,
                }
            )
    if rows:
        given = {"rows": json_text(rows), "now": now.isoformat()}
        run(connection, WRITE_REVIEWS(), **given)
