"""Seasons and episodes, linked to their series whichever of the two comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.outbox import Outbox
from shared.adapters.sql.ingest.page import json_text
from shared.adapters.sql.statement import statement, translated
from shared.catalog.lifecycle import linked_event
from shared.catalog.values import ContentType
from shared.kernel.clock import Clock, SystemClock
from shared.matching.facts import Facts, facts_of
from shared.matching.series import objection, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Connection, Engine

    from shared.adapters.sql.ingest.store import Outcome
    from shared.catalog.item import CanonicalItem
    from shared.kernel.events import Event

HOLD_LINKS = statement(__file__, "hold_links")
KEEP_PARTS = statement(__file__, "keep_parts")
WAKE = statement(__file__, "wake")
FIND_SERIES = statement(__file__, "find_series")
PROJECT = statement(__file__, "project")
KNOWN_PLACES = statement(__file__, "known_places")
TITLES_OF = statement(__file__, "titles_of")
AN_EVENT = 500
"""Titles of one event at most."""

Row = dict[str, Any]
Parts = set[tuple[str, str, str]]
"""Platform, its own id of the entry, and the source that tells of it."""


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
            found = _parts(connection.execute(KEEP_PARTS(), {"rows": json_text(parts)}))
            found |= _awake_by_page(connection, series, outcome)
            changed = _projected(connection, _found(connection, found))
            return self._told(connection, changed, cause)

    def _told(self, connection: Connection, changed: Sequence[UUID], cause: Event) -> list[int]:
        at, page = self._clock.now(), (str(cause.event_id), cause.correlation_id)
        return _told(connection, changed, at=at, cause=page)

    @property
    def _engine(self) -> Engine:
        return self._given or connect.engine()


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
    parts = {*_found(connection, _awake(connection, titles, anew=titles)), *titles}
    changed = [one for one in _projected(connection, parts) if one not in titles]
    return tuple(_told(connection, changed, at=at, cause=(cause, cause)))


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


def _parts(rows: Iterable[Any]) -> Parts:
    return {(row.platform, row.listing, row.source) for row in rows}


def _awake_by_page(connection: Connection, series: Sequence[Row], outcome: Outcome) -> Parts:
    """Return the parts that wait for series of a page; of a repeated one, all parts."""
    if not series:
        return set()
    titles = connection.execute(TITLES_OF(), {"rows": json_text(series)}).scalars().all()
    anew = titles if outcome.repeated else [one for one in titles if one in outcome.created]
    return _awake(connection, titles, anew=anew)


def _awake(connection: Connection, series: Sequence[UUID], *, anew: Sequence[UUID]) -> Parts:
    given = {"ids": _ids(series), "anew": _ids(anew)}
    return _parts(connection.execute(WAKE(), given)) if series else set()


def _ids(titles: Iterable[UUID]) -> str:
    return json_text(sorted(map(str, titles)))


def _found(connection: Connection, parts: Parts) -> set[UUID]:
    """Find the series of parts; return the titles that they are of."""
    rows = [dict(zip(("platform", "listing", "source"), one, strict=True)) for one in sorted(parts)]
    if not rows:
        return set()
    found = connection.execute(FIND_SERIES(), {"parts": json_text(rows)})
    return {row.content_id for row in found}


def _projected(connection: Connection, titles: Iterable[UUID]) -> list[UUID]:
    ids = list(titles)
    if not ids:
        return []
    return [row.content_id for row in connection.execute(PROJECT(), {"ids": _ids(ids)})]


def _told(
    connection: Connection, changed: Sequence[UUID], *, at: datetime, cause: tuple[str, str]
) -> list[int]:
    """Write the events of one cause, which is its id and its correlation id."""
    events = [
        linked_event(page, at=at, cause=cause[0], correlation_id=cause[1])
        for page in (changed[n : n + AN_EVENT] for n in range(0, len(changed), AN_EVENT))
    ]
    return Outbox.add(connection, events)
