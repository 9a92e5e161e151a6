"""One title becomes two again, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from shared.adapters.outbox import Outbox
from shared.adapters.sql.ingest.page import json_text
from shared.adapters.sql.ingest.reading import to_record
from shared.adapters.sql.life.records import (
    Stored,
    hold,
    make_record,
    pairs,
    parted,
    read_records,
    write_record,
)
from shared.adapters.sql.series.relink import relink
from shared.adapters.sql.statement import statement
from shared.catalog.lifecycle import Listing, chosen_listings, parted_events, sides
from shared.kernel import ids as identifiers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from shared.adapters.sql.life.merge import Act
    from shared.kernel.ids import Ids
    from shared.matching.record import Record

LISTINGS = statement(__file__, "listings")
MERGES = statement(__file__, "merges")
IDS_OF_SOURCES = statement(__file__, "ids_of_sources")
PART_CHILDREN = statement(__file__, "part_children")
PART_OFFERS = statement(__file__, "part_offers")
RESTORE_TWINS = statement(__file__, "restore_twins")
REVIVE = statement(__file__, "revive")
CALL_SEPARATE = statement(__file__, "call_separate")


@dataclass(frozen=True)
class Parted:
    """What became of a title, and the outbox rows that say so.

    Attributes:
        kept: The title that was split.
        parted: The title its listings went to.
        is_new: It was made for them; otherwise a merge was undone.
        listings: What went there.
    """

    kept: UUID
    parted: UUID
    is_new: bool
    listings: tuple[Listing, ...]
    outbox: tuple[int, ...]


@dataclass(frozen=True)
class _Plan:
    """How a title is parted.

    Attributes:
        merge: The merge that is undone, None where there was none.
        forget: Sources are to tell of all its listings again: the records are a best guess.
    """

    parted: UUID
    kept_record: Record
    parted_record: Record
    ids: list[Any]
    forget: bool
    merge: UUID | None = None
    merged_at: datetime | None = None
    twins: list[Any] = field(default_factory=list)
    redirects: list[str] = field(default_factory=list)


def split_title(
    connection: Connection, content_id: UUID, platform_ids: Sequence[str], *, act: Act, ids: Ids
) -> Parted:
    """Give some of a title's listings to a title of their own, in the caller's transaction.

    Where they are what a merge had brought, that merge is undone: the title they had lives again,
    with its id and, as far as nothing has changed since, with its record. Otherwise a title is
    made, and fields go with the sources that wrote them. Nobody is asked again whether the two are
    one.

    Args:
        connection: The transaction.
        content_id: The title.
        platform_ids: ``netflix``, or ``netflix:80057281``; see `chosen_listings`.
        act: Who does it.
        ids: Makes the id of a new title, and of decisions.

    Raises:
        InvalidInputError: The listings are not the title's, or all of them.
        AppError: It does not live any more; see `shared.adapters.sql.life.records.hold`.
    """
    hold(connection, id=content_id)
    sources = _sources(connection, content_id)
    chosen = chosen_listings(platform_ids, sources)
    stored = read_records(connection, [content_id])[content_id]
    plan = _undoing(connection, stored, sources, chosen) or _parting(
        connection, stored, sources, chosen, ids
    )
    _write(connection, stored, plan, chosen, act)
    _separate(connection, content_id, plan.parted, sources, chosen, act)
    events = parted_events(
        kept=content_id,
        parted=plan.parted,
        is_new=plan.merge is None,
        at=act.at,
        cause=str(act.id),
    )
    outbox = tuple(Outbox.add(connection, events))
    outbox += relink(connection, [content_id, plan.parted], at=act.at, cause=str(act.id))
    return Parted(content_id, plan.parted, plan.merge is None, tuple(sorted(chosen)), outbox)


def _sources(connection: Connection, content_id: UUID) -> dict[Listing, set[str]]:
    rows = connection.execute(LISTINGS(), {"id": content_id})
    return {(r.platform, r.platform_content_id): set(orjson.loads(r.sources)) for r in rows}


def _undoing(
    connection: Connection,
    stored: Stored,
    sources: Mapping[Listing, set[str]],
    chosen: frozenset[Listing],
) -> _Plan | None:
    """Return how to undo the newest merge that brought just these listings."""
    content_id = UUID(stored.row["id"])
    for row in connection.execute(MERGES(), {"id": content_id}):
        before = orjson.loads(row.before)
        brought = {(platform, listing) for platform, listing in before["listings"]}
        if brought & sources.keys() != chosen:
            continue
        unchanged = stored.hash == before["became"]
        now, staying = stored.record, sources.keys() - chosen
        kept = to_record(before["kept"]) if unchanged else _side(now, sources, staying, chosen)
        return _Plan(
            parted=row.merged_id,
            kept_record=kept,
            parted_record=to_record(before["merged"]),
            ids=pairs(before["external_ids"], ("kind", "value")),
            forget=not unchanged,
            merge=row.id,
            merged_at=row.merged_at,
            twins=before["twins"],
            redirects=before["redirects"],
        )
    return None


def _parting(
    connection: Connection,
    stored: Stored,
    sources: Mapping[Listing, set[str]],
    chosen: frozenset[Listing],
    ids: Ids,
) -> _Plan:
    staying = sources.keys() - chosen
    alone = _told_by(sources, chosen) - _told_by(sources, staying)
    given = {"id": UUID(stored.row["id"]), "sources": json_text(sorted(alone))}
    rows = connection.execute(IDS_OF_SOURCES(), given).mappings().all()
    return _Plan(
        parted=ids.new(),
        kept_record=_side(stored.record, sources, staying, chosen),
        parted_record=_side(stored.record, sources, chosen, staying),
        ids=[dict(row) for row in rows],
        forget=True,
    )


def _told_by(sources: Mapping[Listing, set[str]], listings: Iterable[Listing]) -> set[str]:
    return set().union(*(sources[listing] for listing in listings))


def _side(
    record: Record,
    sources: Mapping[Listing, set[str]],
    own: Iterable[Listing],
    others: Iterable[Listing],
) -> Record:
    """Return what a record says of its own listings, without what only others' sources wrote."""
    leaving, staying = _told_by(sources, others), _told_by(sources, own)
    return parted(record, sides(record.owners, leaving=leaving, staying=staying).staying)


def _write(
    connection: Connection, stored: Stored, plan: _Plan, chosen: frozenset[Listing], act: Act
) -> None:
    content_id = UUID(stored.row["id"])
    write_record(connection, content_id, plan.kept_record, stored, now=act.at)
    make_record(connection, plan.parted, plan.parted_record, now=act.at)
    both = {"kept": content_id, "parted": plan.parted}
    listings = json_text(pairs(sorted(chosen), ("platform", "listing")))
    given = {"listings": listings, "ids": json_text(plan.ids), "forget": plan.forget}
    connection.execute(PART_CHILDREN(), {**both, **given})
    if plan.merge is not None:
        twins = {"twins": json_text(plan.twins), "merged_at": plan.merged_at, "now": act.at}
        connection.execute(RESTORE_TWINS(), {**both, **twins})
    connection.execute(PART_OFFERS(), {**both, "listings": listings})
    undone = {"redirects": json_text(plan.redirects), "merge": plan.merge, "by": act.by}
    connection.execute(REVIVE(), {**both, **undone, "now": act.at})


def _separate(
    connection: Connection,
    content_id: UUID,
    other: UUID,
    sources: Mapping[Listing, set[str]],
    chosen: frozenset[Listing],
    act: Act,
) -> None:
    """Remember for both titles that they are not one; one listing of each speaks for all."""
    ways = [
        (min(chosen), other, content_id),
        (min(sources.keys() - chosen), content_id, other),
    ]
    rows = [
        {
            "id": str(identifiers.named("separate", str(act.id), *listing)),
            "platform": listing[0],
            "listing": listing[1],
            "content_id": str(here),
            "candidate_id": str(there),
        }
        for listing, here, there in ways
    ]
    connection.execute(CALL_SEPARATE(), {"rows": json_text(rows), "by": act.by, "now": act.at})
