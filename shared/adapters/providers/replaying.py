"""Records that were set aside, tried again after what was wrong with them has been mended.

They are read where they lie, in the raw folder, by the normalizer of today. What can be taken in
now goes the way of every item; what cannot stays set aside. An item that has been seen since is
older than what is stored, and changes nothing.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from shared.adapters.outbox import Outbox, Publisher, publish_pending
from shared.adapters.providers.normalizing import (
    FetchedPage,
    carry,
    normalized_event,
    record_errors,
)
from shared.adapters.providers.stops import ProviderStops
from shared.adapters.sql.errors import IngestErrors
from shared.adapters.sql.ingest.page import json_text
from shared.adapters.sql.statement import statement, translated
from shared.catalog.drift import Tally
from shared.catalog.normalize import normalize_page
from shared.catalog.replay import Aside, Trial, tried_again
from shared.kernel.errors import REJECTED, NotFoundError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine, Row

    from shared.adapters.raw_pages import RawFolder
    from shared.kernel.clock import Clock
    from shared.kernel.events import Event
    from shared.kernel.ids import Ids

logger = logging.getLogger(__name__)

PAGES = statement(__file__, "replay_pages")
FORGET = statement(__file__, "replay_forget")
COUNT = statement(__file__, "replay_count")
RUN = statement(__file__, "replay_run")


@dataclass(frozen=True)
class Replayed:
    """What became of the records of one page, or of several, that had been set aside.

    Attributes:
        pages: Pages that were read again.
        freed: Records, or parts of them, that are set aside no longer.
        items: Items on their way because of that.
        kept: Records that stay set aside.
    """

    pages: int = 0
    freed: int = 0
    items: int = 0
    kept: int = 0

    def plus(self, other: Replayed) -> Replayed:
        """Return both together."""
        return Replayed(
            self.pages + other.pages,
            self.freed + other.freed,
            self.items + other.items,
            self.kept + other.kept,
        )


@dataclass(frozen=True)
class Replayer:
    """Tries records again with what one process has."""

    engine: Engine
    publisher: Publisher
    raw: RawFolder
    clock: Clock
    ids: Ids

    def replay(self, *, run_id: str = "", provider: str = "") -> Replayed:
        """Try what was set aside of a run, of a provider, or of all; a second time changes nothing.

        A run that stopped its provider ends the stop where no more than bad records are left of it.

        Raises:
            UnavailableError: Database or raw folder do not answer; pages before are done.
        """
        done, runs = Replayed(), set[str]()
        for row in self._pages(run_id, provider):
            done = done.plus(self._page(row))
            runs.add(row.run_id)
        for run in sorted(runs):
            self._lift(run)
        return done

    def _pages(self, run_id: str, provider: str) -> Iterator[Row[Any]]:
        after, given = "", {"run_id": run_id, "provider": provider}
        while True:
            with translated("ingest_error"), self.engine.connect() as connection:
                rows = connection.execute(PAGES(), {**given, "after": after}).all()
            if not rows:
                return
            yield from rows
            after = rows[-1].raw_uri

    def _page(self, row: Row[Any]) -> Replayed:
        trial = self._tried(row)
        aside = len(row.unread) + len(row.refused)
        if not trial.freed:
            return Replayed(1, kept=aside)
        with translated("ingest_error"), self.engine.begin() as connection:
            if not _forget(connection, row, trial):
                connection.rollback()  # another replay was quicker
                return Replayed(1)
            outbox = self._write(connection, row, trial)
        try:
            publish_pending(self.engine, self.publisher, outbox)
        except UnavailableError as error:
            # The row is committed: the relay publishes it.
            told = {"raw_uri": row.raw_uri, "detail": error.message}
            logger.warning("event.waiting", extra=told)
        kept = aside - len(trial.freed) + len(trial.errors)
        return Replayed(1, len(trial.freed), len(trial.items), kept)

    def _tried(self, row: Row[Any]) -> Trial:
        try:
            raw = self.raw.read(row.raw_uri)
            if raw is None:
                raise NotFoundError(f"there is no raw page {row.raw_uri} any more")
            found = normalize_page(raw, row.raw_uri)
        except REJECTED as error:
            logger.warning("page.unreadable", extra={"detail": error.message})
            return Trial()
        unread, refused = frozenset(row.unread), frozenset(row.refused)
        return tried_again(Aside(row.raw_uri, unread, refused, row.read), found)

    def _write(self, connection: Connection, row: Row[Any], trial: Trial) -> list[int]:
        page = FetchedPage(
            run_id=row.run_id,
            provider=row.provider,
            platform=row.platform,
            region=row.region,
            page=row.page,
            raw_uri=row.raw_uri,
            count=len(trial.items),
        )
        IngestErrors.record(connection, record_errors(page, trial.errors))
        connection.execute(COUNT(), {"raw_uri": row.raw_uri, **asdict(trial.counts)})
        return Outbox.add(connection, [self._told(page, trial)] if trial.items else [])

    def _told(self, page: FetchedPage, trial: Trial) -> Event:
        event_id = self.ids.new()
        carried = carry(self.raw, trial.items, f"{page.raw_uri}.{event_id}.items.json.gz")
        data = {**page.model_dump(), **carried}
        return normalized_event(event_id, data, at=self.clock.now(), correlation_id=page.run_id)

    def _lift(self, run_id: str) -> None:
        with translated("provider_stop"), self.engine.begin() as connection:
            row = connection.execute(RUN(), {"run_id": run_id}).one()
            if Tally(row.read, row.set_aside, row.faulty).has_drifted:
                return
            if ProviderStops.lift(connection, run_id):
                logger.info("provider.resumed", extra={"run_id": run_id})


def _forget(connection: Connection, row: Row[Any], trial: Trial) -> bool:
    """Forget that records were set aside; tells whether all of them still were."""
    unread, refused = (sorted(trial.freed.intersection(of)) for of in (row.unread, row.refused))
    given = {"unread": json_text(unread), "refused": json_text(refused)}
    return connection.execute(FORGET(), given).rowcount == len(unread) + len(refused)
