"""One page of canonical items: resolved, merged and written in one transaction."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.outbox import Outbox
from shared.adapters.sql.errors import IngestError, IngestErrors
from shared.adapters.sql.ingest.availability import change_data, write_availability
from shared.adapters.sql.ingest.lookups import hold_joined, is_outdated, is_unchanged, look_up
from shared.adapters.sql.ingest.page import (
    Changes,
    Known,
    RacedError,
    Seen,
    json_text,
    lock_keys,
    seen,
)
from shared.adapters.sql.ingest.prepared import run
from shared.adapters.sql.ingest.write import (
    Decided,
    TitleChanges,
    write_links,
    write_observations,
    write_reviews,
    write_titles,
)
from shared.adapters.sql.once import first_time
from shared.adapters.sql.runs import Runs
from shared.adapters.sql.statement import is_down, sqlstate, statement, translated
from shared.adapters.sql.wire import send_at_once
from shared.kernel import ids as identifiers
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import ConflictError
from shared.kernel.events import Event
from shared.kernel.ids import Ids, TimeOrderedIds
from shared.kernel.text import title_key
from shared.matching.merge import merge
from shared.matching.record import Record, record_of
from shared.matching.resolve import Decision, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Connection, Engine
    from sqlalchemy.exc import DBAPIError

    from shared.catalog.item import CanonicalItem

logger = logging.getLogger(__name__)

LOCK_KEYS = statement(__file__, "lock_keys")
CONSUMER = "catalog_resolve"
STAGE = "resolve"
ATTEMPTS = 5
SERIALIZATION = frozenset({"40001", "40P01"})


@dataclass(frozen=True)
class PageInput:
    """What one event brings.

    Attributes:
        cause: The event; its id is remembered with what the page writes.
        run_id: The run it belongs to.
        raw_uri: The raw page.
        platform: Platform of the page.
        region: Region of the page.
        items: Canonical items, in order.
        unusable: Items that are no canonical items; they are set aside with the page.
    """

    cause: Event
    run_id: str
    raw_uri: str
    platform: str
    region: str
    items: Sequence[CanonicalItem]
    unusable: Sequence[IngestError] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of a page.

    Attributes:
        resolved: Items stored under a title.
        set_aside: Items put into ``ingest_error``.
        created: New titles.
        updated: Titles of which a reader sees something new.
        outbox: Rows to publish now.
        repeated: The event had been taken in before; nothing was done.
    """

    resolved: int = 0
    set_aside: int = 0
    created: tuple[UUID, ...] = ()
    updated: tuple[UUID, ...] = ()
    outbox: tuple[int, ...] = ()
    repeated: bool = False


@dataclass
class _Written:
    changes: Changes = field(default_factory=Changes)
    errors: list[IngestError] = field(default_factory=list)


class IngestStore:
    """Where pages of canonical items are kept.

    About eleven statements a page of new titles and six for one that was seen before, whatever its
    size; each takes one JSON parameter a table.
    """

    def __init__(
        self, engine: Engine | None = None, clock: Clock | None = None, ids: Ids | None = None
    ) -> None:
        self._given = engine
        self._clock = clock or SystemClock()
        self._ids = ids or TimeOrderedIds(self._clock)

    @property
    def engine(self) -> Engine:
        """Where everything is kept."""
        return self._given or connect.engine()

    def ingest_page(self, page: PageInput) -> Outcome:
        """Resolve, merge and write a page, with its counters and events, once per event.

        An item the database refuses goes to ``ingest_error`` and the others are stored. Pages that
        speak of the same titles wait for each other; one that still meets another starts again.

        Raises:
            ConflictError: Other pages were in the way five times.
            UnavailableError: The database does not answer.
        """
        for attempt in range(ATTEMPTS):
            try:
                with translated("catalog page"), self.engine.begin() as connection:
                    return self._ingest(connection, page, hold=attempt > 0)
            except (RacedError, ConflictError):
                logger.info("page.raced", extra={"raw_uri": page.raw_uri})
        raise ConflictError(f"page {page.raw_uri}: other pages were in the way {ATTEMPTS} times")

    def _ingest(self, connection: Connection, page: PageInput, *, hold: bool) -> Outcome:
        send_at_once(connection)
        if not first_time(connection, CONSUMER, page.cause.event_id):
            return Outcome(repeated=True)
        items = list(page.items)
        run(connection, LOCK_KEYS(), keys=json_text(lock_keys(items, _name)))
        said = [seen(item) for item in items]
        written = self._attempt(connection, said, page, hold=hold)
        errors = [*page.unusable, *written.errors]
        IngestErrors.record(connection, errors)
        changes = written.changes
        set_aside = len(items) - changes.resolved + len(page.unusable)
        Runs.count(connection, page.raw_uri, resolved=changes.resolved, set_aside=set_aside)
        outbox = Outbox.add(connection, self._events(page, changes))
        return Outcome(
            resolved=changes.resolved,
            set_aside=set_aside,
            created=tuple(changes.created),
            updated=tuple(changes.updated),
            outbox=tuple(outbox),
        )

    def _attempt(
        self, connection: Connection, page: Sequence[Seen], cause: PageInput, *, hold: bool
    ) -> _Written:
        """Write items under a savepoint; where that fails, halve until the bad ones are alone."""
        from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - loaded with the connection

        if not page:
            return _Written()
        try:
            with connection.begin_nested():
                return _Written(self._write(connection, page, hold=hold))
        except DBAPIError as error:
            if is_down(error) or sqlstate(error) in SERIALIZATION:
                raise
            if len(page) == 1:
                return _Written(errors=[_refused(page[0], cause, error)])
        middle = len(page) // 2
        first = self._attempt(connection, page[:middle], cause, hold=hold)
        second = self._attempt(connection, page[middle:], cause, hold=hold)
        return _Written(first.changes.add(second.changes), first.errors + second.errors)

    def _write(self, connection: Connection, page: Sequence[Seen], *, hold: bool) -> Changes:
        now = self._clock.now()
        known = look_up(connection, page, hold=hold)
        before = _confidences(known)
        decided = [self._decide(one, known) for one in page if not is_outdated(one, known)]
        joined = {one.decision.content_id for one in decided if not one.unchanged}
        hold_joined(connection, joined, known)
        titles = _titles(decided, known)
        write_titles(connection, titles, known, now=now)
        fresh = [one for one in decided if not one.unchanged]
        write_links(connection, fresh, before, now=now)
        offered = [
            (one.one, one.decision.content_id) for one in decided if _offers_differ(one, known)
        ]
        told = write_availability(connection, offered, created=set(titles.created))
        write_observations(connection, decided, known)
        write_reviews(connection, fresh, ids=self._ids, now=now)
        return Changes(len(page), list(titles.created), list(titles.updated), told)

    def _decide(self, one: Seen, known: Known) -> Decided:
        if is_unchanged(one, known):
            link = known.directory.listings[one.listing]
            kept = Decision(
                link.content_id,
                is_new=False,
                method="listing",
                confidence=link.confidence,
                claims=(),
            )
            return Decided(one, kept, unchanged=True)
        return Decided(one, resolve(one.item, known.directory, self._ids, facts=one.facts))

    def _events(self, page: PageInput, changes: Changes) -> list[Event]:
        created = set(changes.created)
        updated = [found for found in dict.fromkeys(changes.updated) if found not in created]
        told = [change_data(one) for one in changes.told]
        offered = list(dict.fromkeys(one["content_id"] for one in told))
        said: list[tuple[str, list[str], Mapping[str, Any]]] = [
            ("content.ingested", [str(found) for found in changes.created], {}),
            ("content.updated", [str(found) for found in updated], {}),
            ("availability.changed", offered, {"changes": told}),
        ]
        at = self._clock.now()
        return [_event(page, kind, found, more, at) for kind, found, more in said if found]


def _event(
    page: PageInput, kind: str, content_ids: list[str], more: Mapping[str, Any], at: datetime
) -> Event:
    place = {"platform": page.platform, "region": page.region, "run_id": page.run_id}
    return Event(
        event_id=identifiers.named(str(page.cause.event_id), kind),
        event_type=kind,
        occurred_at=at,
        correlation_id=page.cause.correlation_id,
        data={"content_ids": content_ids, **place, **more},
    )


def _name(item: CanonicalItem) -> str:
    # Without the type: an item of unknown type may be the film or the series of another page.
    return title_key(item.title)


def _confidences(known: Known) -> dict[Any, float]:
    """Return what was known before the page: confidence by external id and by listing."""
    found: dict[Any, float] = {}
    for links in (known.directory.external, known.directory.listings):
        found.update({key: link.confidence for key, link in links.items()})
    return found


def _titles(decided: Sequence[Decided], known: Known) -> TitleChanges:
    """Merge every item into its title, in order, and keep the titles that change."""
    changes = TitleChanges()
    merged: dict[UUID, Record] = {}
    for one in decided:
        if one.unchanged:
            continue
        content_id, said = one.decision.content_id, record_of(one.one.item)
        stored = merged.get(content_id) or known.records.get(content_id)
        source = one.one.item.source.provider
        merged[content_id] = said if stored is None else merge(stored, said, source)
        if content_id not in known.records:
            changes.created[content_id] = merged[content_id]
    for content_id, record in merged.items():
        stored = known.records.get(content_id)
        if stored is None:
            continue
        if record.digest() != known.hashes[content_id]:
            changes.updated[content_id] = record
        elif record.owners != stored.owners:
            changes.reowned[content_id] = record
    return changes


def _offers_differ(one: Decided, known: Known) -> bool:
    before = known.observations.get(one.one.observed)
    return before is None or before.offers_hash != one.one.offers_hash


def _refused(one: Seen, page: PageInput, error: DBAPIError) -> IngestError:
    original = error.orig
    said = original.args[0] if original is not None and original.args else str(error)
    message = said.get("M", str(said)) if isinstance(said, dict) else str(said)
    return IngestError(
        page.run_id, STAGE, one.item.source.raw_uri, f"the database refused it: {message}"
    )
