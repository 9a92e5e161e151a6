"""Two titles become one, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters.outbox import Outbox
from shared.adapters.sql.ingest.page import json_text
from shared.adapters.sql.life.records import (
    clear_record,
    hold,
    joined,
    read_records,
    write_record,
)
from shared.adapters.sql.series.relink import relink
from shared.adapters.sql.statement import statement
from shared.catalog.lifecycle import merged_events, older_first
from shared.kernel.errors import FieldIssue, InvalidInputError
from shared.matching.facts import family

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Connection

    from shared.matching.record import Record

MOVE_CHILDREN = statement(__file__, "move_children")
MOVE_OFFERS = statement(__file__, "move_offers")
RETIRE = statement(__file__, "retire")
KEEP_MERGE = statement(__file__, "keep_merge")
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Act:
    """Who does something to titles, and when.

    Attributes:
        id: Of the act; the events it leads to follow from it.
    """

    id: UUID
    by: str
    at: datetime


@dataclass(frozen=True)
class Merged:
    """What became of two titles, and the outbox rows that say so."""

    kept: UUID
    merged: UUID
    outbox: tuple[int, ...]


def merge_titles(connection: Connection, left: UUID, right: UUID, *, act: Act) -> Merged:
    """Make one title of two in the caller's transaction: the older is kept, the other leads to it.

    Listings, ids, offers, names, people and everything else go to the older, whose record takes in
    the other's field by field.

    Raises:
        InvalidInputError: They are the same, or one is a film and the other is not.
        AppError: One does not live any more; see `shared.adapters.sql.life.records.hold`.
    """
    if left == right:
        raise _unfit("a title cannot become part of itself")
    living = hold(connection, id=left, into=right)
    kept, merged = (one.id for one in older_first(*living))
    stored = read_records(connection, [kept, merged])
    _require_one_family(stored[kept].record, stored[merged].record)
    record = joined(stored[kept].record, stored[merged].record)
    write_record(connection, kept, record, stored[kept], now=act.at)
    clear_record(connection, merged, stored[merged].record)
    before = _moved(connection, kept, merged, act)
    before |= {"kept": stored[kept].row, "merged": stored[merged].row}
    before |= {"became": record.digest().hex()}
    _remember(connection, kept, merged, before, act)
    events = merged_events(kept=kept, merged=merged, at=act.at, cause=str(act.id))
    outbox = tuple(Outbox.add(connection, events))
    linked = relink(connection, [kept, merged], at=act.at, cause=str(act.id))
    return Merged(kept, merged, outbox + linked)


def _require_one_family(left: Record, right: Record) -> None:
    """Refuse what no source takes for one: a film and a series, or a season of one."""
    found = {family(record.scalars["content_type"]) for record in (left, right)} - {UNKNOWN}
    if len(found) > 1:
        raise _unfit(f"a title cannot be {' and '.join(sorted(found))} at once")


def _unfit(message: str) -> InvalidInputError:
    return InvalidInputError(message, issues=[FieldIssue("into", "mergeable", message)])


def _moved(connection: Connection, kept: UUID, merged: UUID, act: Act) -> dict[str, Any]:
    given = {"kept": kept, "merged": merged, "now": act.at}
    children = connection.execute(MOVE_CHILDREN(), {**given, "by": act.by}).one()
    twins = connection.execute(MOVE_OFFERS(), given).scalar_one()
    redirects = connection.execute(RETIRE(), given).scalar_one()
    return {
        "listings": orjson.loads(children.listings),
        "external_ids": orjson.loads(children.external_ids),
        "twins": orjson.loads(twins),
        "redirects": orjson.loads(redirects),
    }


def _remember(
    connection: Connection, kept: UUID, merged: UUID, before: dict[str, Any], act: Act
) -> None:
    given = {"id": act.id, "kept": kept, "merged": merged, "before": json_text(before)}
    connection.execute(KEEP_MERGE(), {**given, "by": act.by, "now": act.at})
