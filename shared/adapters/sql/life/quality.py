"""Quality of all titles: rated again with their age, and reported."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.adapters import connect
from shared.adapters.sql.ingest.page import json_text
from shared.adapters.sql.statement import statement, translated
from shared.catalog.quality import Completeness, quality
from shared.catalog.quality_report import (
    PoorTitle,
    PoorTitles,
    QualityReport,
    QualityTally,
    missing_fields,
)
from shared.catalog.runtimes import runtimes_apart
from shared.catalog.values import ContentType
from shared.kernel.clock import Clock, SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Engine, Row

BATCH_OF_TITLES = statement(__file__, "quality_batch", "quality_facts")
LOW_TITLES = statement(__file__, "quality_low", "quality_facts")
COUNT = statement(__file__, "quality_count")
KEEP = statement(__file__, "quality_keep")
REPORT = statement(__file__, "quality_report")
BATCH = 1000
DAY = timedelta(days=1)
WITHOUT_RUNTIME = frozenset({ContentType.SERIES, ContentType.SEASON})


class SqlQuality:
    """Scores in ``content``, reports in ``quality_report``."""

    def __init__(self, engine: Engine | None = None, clock: Clock | None = None) -> None:
        self._given = engine
        self._clock = clock or SystemClock()

    @property
    def _engine(self) -> Engine:
        return self._given or connect.engine()

    def rescore(self) -> QualityReport:
        """Rate every living title as of now, a thousand a transaction, and keep the report.

        Stopped in the middle and begun again, it does what is left and what was done once more,
        which changes nothing.
        """
        now, tally = self._clock.now(), QualityTally()
        for rows in self._batches():
            scores = {row.id: self._scored(row, now, tally) for row in rows}
            given = [{"id": str(id_), "quality": score} for id_, score in scores.items()]
            with translated("quality"), self._engine.begin() as connection:
                connection.execute(KEEP(), {"rows": json_text(given)})
        report = tally.report(now)
        bound = {"made_at": now, "report": report.model_dump_json()}
        with translated("quality"), self._engine.begin() as connection:
            connection.execute(REPORT(), bound)
        return report

    def poorest(self, threshold: float, *, limit: int) -> PoorTitles:
        """Return titles below a threshold, the poorest first, with the latest report."""
        bound = {"threshold": threshold, "limit": limit}
        with translated("quality"), self._engine.connect() as connection:
            rows = connection.execute(LOW_TITLES(), bound).all()
            counted = connection.execute(COUNT(), bound).one()
        report = counted.report
        return PoorTitles(
            total_low_quality=counted.low,
            threshold=threshold,
            low_quality_items=[_poor(row) for row in rows],
            report=None if report is None else QualityReport.model_validate_json(report),
        )

    def _batches(self) -> Iterator[Sequence[Row[Any]]]:
        after = UUID(int=0)
        while True:
            with translated("quality"), self._engine.connect() as connection:
                given = {"after": after, "limit": BATCH}
                rows = connection.execute(BATCH_OF_TITLES(), given).all()
            if rows:
                yield rows
            if len(rows) < BATCH:
                return
            after = rows[-1].id

    @staticmethod
    def _scored(row: Row[Any], now: datetime, tally: QualityTally) -> float:
        record = _completeness(row)
        score = quality(record, days_since_checked=max(0.0, (now - row.checked_at) / DAY))
        tally.add(record, score, runtimes_apart=_has_runtimes_apart(row))
        return score


def _has_runtimes_apart(row: Row[Any]) -> bool:
    if row.content_type in WITHOUT_RUNTIME:
        return False
    return bool(runtimes_apart(row.runtime, {str(one): one for one in row.runtimes}))


def _completeness(row: Row[Any]) -> Completeness:
    return Completeness(
        description_length=row.description_length,
        poster_width=row.poster_width,
        has_backdrop=row.has_backdrop,
        has_year=row.has_year,
        has_runtime=None if row.content_type in WITHOUT_RUNTIME else row.has_runtime,
        genres=row.genres,
        has_rating=row.has_rating,
        vote_count=row.vote_count,
        external_ids=row.external_ids,
    )


def _poor(row: Row[Any]) -> PoorTitle:
    return PoorTitle(
        id=row.id,
        title=row.title,
        quality_score=round(row.quality_score, 4),
        missing_fields=missing_fields(_completeness(row)),
        platform=row.platform,
        content_type=row.content_type,
    )
