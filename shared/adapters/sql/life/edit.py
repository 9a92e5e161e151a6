"""What a person writes of a title, and its end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters.outbox import Outbox
from shared.adapters.sql.life.records import (
    hold_one,
    read_records,
    require_living,
    write_record,
)
from shared.adapters.sql.statement import statement
from shared.catalog.life_edit import EditedTitle, ListingOf
from shared.catalog.lifecycle import deleted_event, edited_event
from shared.catalog.runtimes import runtimes_apart
from shared.matching.merge import MANUAL
from shared.matching.record import SCALARS, Record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from sqlalchemy import Connection

    from shared.adapters.sql.life.merge import Act

IDENTITY = statement(__file__, "identity")
LISTINGS = statement(__file__, "listings")
DELETE = statement(__file__, "delete")


def read_title(connection: Connection, content_id: UUID) -> EditedTitle:
    """Return a living title with where each of its fields comes from.

    Raises:
        AppError: It does not live; see `shared.adapters.sql.life.records.hold`.
    """
    require_living(connection, content_id)
    record = read_records(connection, [content_id])[content_id].record
    known = connection.execute(IDENTITY(), {"id": content_id}).one()
    rows = connection.execute(LISTINGS(), {"id": content_id}).all()
    minutes: dict[str, int] = {}
    for row in rows:
        minutes |= orjson.loads(row.runtimes)
    listings = [
        ListingOf(
            platform=row.platform,
            platform_content_id=row.platform_content_id,
            sources=orjson.loads(row.sources),
        )
        for row in rows
    ]
    return EditedTitle(
        id=content_id,
        content_type=record.scalars["content_type"],
        fields=_shown(record),
        sources=dict(sorted(record.owners.items())),
        listings=listings,
        runtimes_apart=runtimes_apart(record.scalars.get("runtime_minutes"), minutes),
        merged=orjson.loads(known.merged),
        created_at=known.created_at,
        updated_at=known.updated_at,
    )


def _shown(record: Record) -> dict[str, Any]:
    lists = {name: getattr(record, name) for name in ("genres", "themes", "moods", "countries")}
    return {**record.scalars, **{name: list(values) for name, values in lists.items()}}


def edit_title(
    connection: Connection, content_id: UUID, changes: Mapping[str, Any], *, act: Act
) -> tuple[int, ...]:
    """Write fields over what sources say, in the caller's transaction; returns the outbox rows.

    Writing what stands there already only makes it the person's word.

    Args:
        connection: The transaction.
        content_id: The title.
        changes: Value by field of a record, as JSON has it.
        act: Who does it.

    Raises:
        AppError: The title does not live; see `shared.adapters.sql.life.records.hold`.
    """
    hold_one(connection, content_id)
    stored = read_records(connection, [content_id])[content_id]
    before = stored.record
    scalars = {name: value for name, value in changes.items() if name in SCALARS}
    record = replace(
        before,
        scalars={**before.scalars, **scalars},
        genres=tuple(dict.fromkeys(changes.get("genres", before.genres))),
        owners={**before.owners, **dict.fromkeys(changes, MANUAL)},
    )
    write_record(connection, content_id, record, stored, now=act.at)
    if record.digest().hex() == stored.hash:
        return ()
    event = edited_event(content_id, at=act.at, cause=str(act.id))
    return tuple(Outbox.add(connection, [event]))


def delete_title(
    connection: Connection, content_id: UUID, reason: str, *, act: Act
) -> tuple[int, ...]:
    """Delete a title in the caller's transaction; returns the outbox rows.

    Its listings stay its own, so that sources who go on naming it do not bring it back.

    Raises:
        AppError: It does not live; see `shared.adapters.sql.life.records.hold`.
    """
    hold_one(connection, content_id)
    connection.execute(DELETE(), {"id": content_id, "now": act.at})
    event = deleted_event(content_id, reason, at=act.at, cause=str(act.id))
    return tuple(Outbox.add(connection, [event]))
