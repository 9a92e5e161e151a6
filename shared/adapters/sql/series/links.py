"""Seasons and episodes, linked to their series whichever of the two comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.sql.ingest.page import json_text
from shared.adapters.sql.series.relink import (
    HOLD_LINKS,
    Parts,
    awake,
    found_parts,
    projected,
    tell,
    titles_of_parts,
)
from shared.adapters.sql.statement import statement, translated
from shared.catalog.values import ContentType
from shared.kernel.clock import Clock, SystemClock
from shared.matching.facts import Facts, facts_of
from shared.matching.series import objection, place_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy import Connection, Engine

    from shared.adapters.sql.ingest.store import Outcome
    from shared.catalog.item import CanonicalItem
    from shared.kernel.events import Event

KEEP_PARTS = statement(__file__, "keep_parts")
KNOWN_PLACES = statement(__file__, "known_places", "named_title")
TITLES_OF = statement(__file__, "titles_of")

Row = dict[str, Any]


class SeriesLinks:
    """Tables ``series_part`` and ``series_link``.

    A part whose series is not there waits; a series that comes finds what waits for it. Two that
    come at the same moment see each other, because only one of them links at a time.
    """

    def __init__(self, engine: Engine | None = None, clock: Clock | None = None) -> None:
        self._given = engine
        self._clock = clock or SystemClock()

    def placed(self, items: Sequence[CanonicalItem]) -> list[CanonicalItem]:
        """Return the items, those that stand where a title stands already naming that title.

        An entry that is known keeps its title, and one whose name, year or ids speak against the
        title at its place is left to be resolved by them. Cost: a statement where there are parts.

        Raises:
            UnavailableError: The database does not answer.
        """
        rows = [row for n, item in enumerate(items) if (row := _asked(n, item))]
        if not rows:
            return list(items)
        with translated("series_link"), self._engine.connect() as connection:
            found = connection.execute(KNOWN_PLACES(), {"rows": json_text(rows)}).all()
        given = {row.n: row.content_id for row in found if _fits(row, items[row.n])}
        return [
            item.model_copy(update={"entity_id": given[n]}) if n in given else item
            for n, item in enumerate(items)
        ]

    def take(self, items: Sequence[CanonicalItem], outcome: Outcome, *, cause: Event) -> list[int]:
        """Link what a stored page brought, and return the outbox rows that tell of it.

        Doing it again changes nothing, so it may follow the page's own transaction.

        Args:
            items: The page's items.
            outcome: What became of the page.
            cause: The event that brought it; the same one gives the same events.

        Raises:
            ConflictError: Somebody else was in the way.
            UnavailableError: The database does not answer.
        """
        parts = [row for item in items if (row := _part(item))]
        series = [_entry(item) for item in items if item.content_type is ContentType.SERIES]
        if not parts and not series:
            return []
        with translated("series_link"), self._engine.begin() as connection:
            connection.execute(HOLD_LINKS())
            found = found_parts(connection.execute(KEEP_PARTS(), {"rows": json_text(parts)}))
            found |= _awake_by_page(connection, series, outcome)
            changed = projected(connection, titles_of_parts(connection, found))
            return self._told(connection, changed, cause)

    def _told(self, connection: Connection, changed: Sequence[UUID], cause: Event) -> list[int]:
        at, page = self._clock.now(), (str(cause.event_id), cause.correlation_id)
        return tell(connection, changed, at=at, cause=page)

    @property
    def _engine(self) -> Engine:
        return self._given or connect.engine()


def _part(item: CanonicalItem) -> Row | None:
    place = place_of(item)
    if place is None:
        return None
    return {
        **_entry(item),
        "source": item.source.provider,
        "observed_at": item.source.fetched_at.isoformat(),
        "season": place.season,
        "episode": place.episode,
        "series_key": place.series_key,
        "series_ids": list(place.series_ids),
    }


def _entry(item: CanonicalItem) -> Row:
    return {"platform": item.platform, "listing": item.platform_content_id}


def _asked(n: int, item: CanonicalItem) -> Row | None:
    part = _part(item)
    if part is None or item.entity_id or not part["series_ids"]:
        return None
    ids = [f"{kind}:{value}" for kind, value in item.external_ids.items()]
    return {"n": n, "ids": ids, **part}


def _fits(row: Any, item: CanonicalItem) -> bool:  # noqa: ANN401 - a row
    there = Facts(row.content_type, tuple(row.keys), year=row.release_year)
    return objection(facts_of(item), there) is None


def _awake_by_page(connection: Connection, series: Sequence[Row], outcome: Outcome) -> Parts:
    """Return the parts that wait for series of a page; of a repeated one, all parts."""
    if not series:
        return set()
    titles = connection.execute(TITLES_OF(), {"rows": json_text(series)}).scalars().all()
    anew = titles if outcome.repeated else [one for one in titles if one in outcome.created]
    return awake(connection, titles, anew=anew)
