"""What searches come to, told to administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.adapters.sql.reading import read
from shared.adapters.sql.statement import statement
from shared.kernel.clock import Clock, SystemClock
from shared.search.analytics.report import (
    AnalyticsQuery,
    SearchAnalytics,
    TopQuery,
    ZeroResultQuery,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine

TOTALS = statement(__file__, "totals")
TOP_QUERIES = statement(__file__, "top_queries")


class SqlSearchAnalytics:
    """Figures straight from ``search_event``, so that they are as fresh as it; three statements."""

    def __init__(self, engine: Engine | None = None, clock: Clock | None = None) -> None:
        self._engine = engine
        self._clock = clock or SystemClock()

    def report(self, asked: AnalyticsQuery) -> SearchAnalytics:
        """Return the figures of a period that ends now.

        Raises:
            UnavailableError: The database does not answer.
        """
        now = self._clock.now()
        given = {"since": now - asked.period.length, "until": now, "limit": asked.limit}
        (totals,) = read(TOTALS(), given, what="search analytics", engine=self._engine)
        p50, p95, p99 = totals.latencies or (None, None, None)
        return SearchAnalytics(
            period=asked.period,
            total_searches=totals.total,
            unique_queries=totals.unique_queries,
            avg_latency_ms=_rounded(totals.avg_latency, 1),
            p50_latency_ms=_rounded(p50, 1),
            p95_latency_ms=_rounded(p95, 1),
            p99_latency_ms=_rounded(p99, 1),
            zero_result_rate=_rounded(totals.zero_result_rate),
            avg_ctr=_rounded(totals.ctr),
            mean_reciprocal_rank=_rounded(totals.reciprocal_rank),
            refinement_rate=_rounded(totals.refinement_rate),
            degraded_rate=_rounded(totals.degraded_rate),
            cache_hit_rate=_rounded(totals.cache_hit_rate),
            top_queries=[_top(row) for row in self._texts(given, empty=False)],
            zero_result_queries=[
                ZeroResultQuery(query=row.query, count=row.searches)
                for row in self._texts(given, empty=True)
            ],
        )

    def _texts(self, given: Mapping[str, Any], *, empty: bool) -> list[Any]:
        bound = {**given, "empty": empty}
        return read(TOP_QUERIES(), bound, what="search analytics", engine=self._engine)


def _top(row: Any) -> TopQuery:  # noqa: ANN401 - a row
    return TopQuery(
        query=row.query,
        count=row.searches,
        ctr=round(row.ctr, 4),
        avg_results=round(row.results, 1),
        avg_latency_ms=round(row.latency, 1),
    )


def _rounded(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)
