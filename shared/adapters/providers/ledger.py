"""The record of a fetch in SQL: run, pages and their events, and how far change feeds were read."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from shared.adapters.outbox import Publisher, publish_pending
from shared.adapters.sql.runs import Page, Part, Runs
from shared.adapters.sql.statement import statement, translated
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from shared.kernel.events import Event

logger = logging.getLogger(__name__)

READ_WATERMARK = statement(__file__, "watermark_read")
KEEP_WATERMARK = statement(__file__, "watermark_keep")


class SqlLedger:
    """`shared.catalog.ports.Ledger` on ``ingest_run`` and ``ingest_page``.

    An event is published right after its commit; where that fails the relay does it.
    """

    def __init__(self, part: Part, *, engine: Engine, publisher: Publisher) -> None:
        self._part = part
        self._runs = Runs(engine)
        self._engine = engine
        self._publisher = publisher

    def opened(self) -> None:
        """Say that the part is being fetched."""
        self._runs.start(self._part)

    def kept(self, page: int, raw_uri: str, *, read: int, event: Event) -> bool:
        """Record a page with its event, once; tells whether it was new."""
        rows = self._runs.add_page(Page(self._part, page, raw_uri, read), [event])
        try:
            publish_pending(self._engine, self._publisher, rows)
        except UnavailableError as error:
            logger.warning("event.waiting", extra={"raw_uri": raw_uri, "detail": error.message})
        return bool(rows)

    def finished(self, error: str | None = None) -> None:
        """Say that everything is in, or why the rest will not come."""
        self._runs.fetched(self._part, error=error)


class Watermarks:
    """Table ``sync_cursor``: up to when a change feed was read whole."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self, part: Part) -> datetime | None:
        """Return until when the part's feed was read, None where it never was."""
        given = {"provider": part.provider, "platform": part.platform, "region": part.region}
        with translated("sync_cursor"), self._engine.connect() as connection:
            row = connection.execute(READ_WATERMARK(), {**given, "kind": part.kind}).first()
        return None if row is None else row.watermark

    def keep(self, part: Part, until: datetime) -> None:
        """Say that the part's feed was read up to ``until``; an earlier moment changes nothing."""
        given = {"provider": part.provider, "platform": part.platform, "region": part.region}
        with translated("sync_cursor"), self._engine.begin() as connection:
            connection.execute(KEEP_WATERMARK(), {**given, "kind": part.kind, "watermark": until})
