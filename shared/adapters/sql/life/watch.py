"""What of ingestion is watched: when places were fetched, what waits for review, and reports."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from shared.adapters.sql.statement import array, statement, translated
from shared.catalog.quality_report import QualityReport
from shared.catalog.watch import STALE_AFTER, Fetched

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

FETCHED = statement(__file__, "watch_fetched")
IN_REVIEW = statement(__file__, "watch_reviews")
REPORTS = statement(__file__, "watch_reports")
FOLLOWED = timedelta(days=14)
"""What was not fetched for longer, nobody follows any more."""
LEAST_FETCHES = 3
"""Within `FOLLOWED`; a place that was fetched less often was somebody's single wish."""
NEW = timedelta(hours=1)
"""Age of a report up to which it is looked at: as often as somebody looks."""


class SqlWatch:
    """Tables ``ingest_run``, ``review_item`` and ``quality_report``, read only.

    Each method raises `UnavailableError` where the database does not answer.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def fetched(self, now: datetime) -> list[Fetched]:
        """Return when each feed that is followed was last read whole."""
        given = {
            "kinds": array(STALE_AFTER),
            "since": now - FOLLOWED,
            "least": LEAST_FETCHES,
        }
        with translated("ingestion"), self._engine.connect() as connection:
            rows = connection.execute(FETCHED(), given).all()
        return [Fetched(row.kind, row.platform, row.region, row.fetched_at) for row in rows]

    def in_review(self) -> int:
        """Return how many questions wait for a person."""
        with translated("reviews"), self._engine.connect() as connection:
            return int(connection.execute(IN_REVIEW()).scalar_one())

    def reports(self, now: datetime) -> list[QualityReport]:
        """Return a report of the last hour and the one before it; none without a new one."""
        with translated("quality"), self._engine.connect() as connection:
            rows = connection.execute(REPORTS(), {"now": now}).all()
        if not rows or rows[0].made_at <= now - NEW:
            return []
        return [QualityReport.model_validate_json(row.report) for row in rows]
