"""Places made anew of what the entries say: after a page, a merge or a split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.adapters.outbox import Outbox
from shared.adapters.sql.ingest.page import json_text
from shared.adapters.sql.statement import statement
from shared.catalog.lifecycle import linked_event

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Connection

HOLD_LINKS = statement(__file__, "hold_links")
WAKE = statement(__file__, "wake")
FIND_SERIES = statement(__file__, "find_series", "named_title")
PROJECT = statement(__file__, "project")
AN_EVENT = 500
"""Titles of one event at most."""

Parts = set[tuple[str, str, str]]
"""Platform, its own id of the entry, and the source that tells of it."""


def relink(
    connection: Connection, titles: Sequence[UUID], *, at: datetime, cause: str
) -> tuple[int, ...]:
    """Link anew what hangs on titles that were merged or split, in the caller's transaction.

    As seasons and episodes they stand where their entries say; as series they are found anew by
    whoever belongs to one of them.

    Returns:
        The outbox rows that tell of other titles whose pages changed.
    """
    connection.execute(HOLD_LINKS())
    parts = {*titles_of_parts(connection, awake(connection, titles, anew=titles)), *titles}
    changed = [one for one in projected(connection, parts) if one not in titles]
    return tuple(tell(connection, changed, at=at, cause=(cause, cause)))


def found_parts(rows: Iterable[Any]) -> Parts:
    """Return the parts that a statement's rows name."""
    return {(row.platform, row.listing, row.source) for row in rows}


def awake(connection: Connection, series: Sequence[UUID], *, anew: Sequence[UUID]) -> Parts:
    """Return the parts whose series may be one of some titles; see ``wake.sql``."""
    given = {"ids": _ids(series), "anew": _ids(anew)}
    return found_parts(connection.execute(WAKE(), given)) if series else set()


def _ids(titles: Iterable[UUID]) -> str:
    return json_text(sorted(map(str, titles)))


def titles_of_parts(connection: Connection, parts: Parts) -> set[UUID]:
    """Find the series of parts; return the titles that they are of."""
    rows = [dict(zip(("platform", "listing", "source"), one, strict=True)) for one in sorted(parts)]
    if not rows:
        return set()
    found = connection.execute(FIND_SERIES(), {"parts": json_text(rows)})
    return {row.content_id for row in found}


def projected(connection: Connection, titles: Iterable[UUID]) -> list[UUID]:
    """Make the links of some titles say what their parts do; return whose pages changed."""
    ids = list(titles)
    if not ids:
        return []
    return [row.content_id for row in connection.execute(PROJECT(), {"ids": _ids(ids)})]


def tell(
    connection: Connection, changed: Sequence[UUID], *, at: datetime, cause: tuple[str, str]
) -> list[int]:
    """Write the events of one cause, which is its id and its correlation id."""
    events = [
        linked_event(page, at=at, cause=cause[0], correlation_id=cause[1])
        for page in (changed[n : n + AN_EVENT] for n in range(0, len(changed), AN_EVENT))
    ]
    return Outbox.add(connection, events)
