"""Genres that platforms name and no map of ours knows, counted by week (spec/ingestion §5.4)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.sql.ingest.page import json_text
from shared.adapters.sql.statement import statement, translated
from shared.catalog.links_health import week_of
from shared.catalog.quality_report import GenreMiss
from shared.kernel.clock import Clock, SystemClock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Engine

COUNT = statement(__file__, "genres_count")
RECENT = statement(__file__, "genres_recent")
FORGET = statement(__file__, "genres_forget")
SHOWN = timedelta(weeks=4)
KEPT = timedelta(weeks=26)


class GenreMisses:
    """Table ``genre_miss``."""

    def __init__(self, engine: Engine | None = None, clock: Clock | None = None) -> None:
        self._given = engine
        self._clock = clock or SystemClock()

    @property
    def _engine(self) -> Engine:
        return self._given or connect.engine()

    def count(self, connection: Connection, misses: Mapping[tuple[str, str], int]) -> None:
        """Add to this week's counts in the caller's transaction.

        Args:
            connection: The transaction in which the page is remembered, so that it counts once.
            misses: Times by platform and name.
        """
        if not misses:
            return
        # In one order, so that two pages never wait for each other crosswise.
        rows = [
            {"platform": platform, "name": name, "times": times}
            for (platform, name), times in sorted(misses.items())
        ]
        week = week_of(self._clock.now().date()).isoformat()
        connection.execute(COUNT(), {"rows": json_text(rows), "week": week})

    def latest(self, *, limit: int = 50) -> list[GenreMiss]:
        """Return what was said most within four weeks."""
        since = (self._clock.now() - SHOWN).date().isoformat()
        with translated("genre misses"), self._engine.connect() as connection:
            rows = connection.execute(RECENT(), {"since": since, "limit": limit}).mappings().all()
        return [GenreMiss.model_validate(dict(row)) for row in rows]

    def forget(self) -> None:
        """Forget what is older than half a year."""
        before = (self._clock.now() - KEPT).date().isoformat()
        with translated("genre misses"), self._engine.begin() as connection:
            connection.execute(FORGET(), {"before": before})
