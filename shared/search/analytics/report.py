"""What administrators are told of searches (spec/discovery §3, §5.10)."""

from datetime import timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Period(StrEnum):
    """How far back."""

    HOUR = "1h"
    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"

    @property
    def length(self) -> timedelta:
        """The same as a duration."""
        return _LENGTHS[self]


_LENGTHS = {
    Period.HOUR: timedelta(hours=1),
    Period.DAY: timedelta(days=1),
    Period.WEEK: timedelta(days=7),
    Period.MONTH: timedelta(days=30),
}


class AnalyticsQuery(BaseModel):
    """Which searches, and how many texts of each list."""

    model_config = ConfigDict(extra="forbid")

    period: Period = Period.DAY
    limit: int = Field(default=10, ge=1, le=100)


class TopQuery(BaseModel):
    """A text that five people or more used in the week of each of these searches.

    Attributes:
        ctr: Share of its searches from which a title was opened, 0 to 1.
    """

    model_config = ConfigDict(extra="forbid")

    query: str
    count: int = Field(ge=1)
    ctr: float = Field(ge=0, le=1)
    avg_results: float = Field(ge=0)
    avg_latency_ms: float = Field(ge=0)


class ZeroResultQuery(BaseModel):
    """A text, as above, and how often it found nothing."""

    model_config = ConfigDict(extra="forbid")

    query: str
    count: int = Field(ge=1)


class SearchAnalytics(BaseModel):
    """Every search that was answered in the period, cached and degraded ones too.

    Where there is nothing to divide by, a figure is null. Latencies are those of the service.

    Attributes:
        unique_queries: How many different texts, the empty one among them.
        avg_ctr: Share of searches from which a title was opened.
        mean_reciprocal_rank: Of the first title opened, over searches from which one was.
        refinement_rate: Share of the searches of people who are known after which the same person
            asked something else within a minute, and had opened nothing.
        degraded_rate: Share of searches that some source did not answer.
        cache_hit_rate: Share of searches that were answered from before.
        top_queries: The most frequent first; never a text that fewer than five people used that
            week, which is counted above without its words.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "period": "24h",
                    "total_searches": 1204,
                    "unique_queries": 611,
                    "avg_latency_ms": 21.4,
                    "p50_latency_ms": 17.0,
                    "p95_latency_ms": 49.5,
                    "p99_latency_ms": 88.1,
                    "zero_result_rate": 0.021,
                    "avg_ctr": 0.42,
                    "mean_reciprocal_rank": 0.71,
                    "refinement_rate": 0.12,
                    "degraded_rate": 0.0,
                    "cache_hit_rate": 0.38,
                    "top_queries": [
                        {
                            "query": "dune",
                            "count": 61,
                            "ctr": 0.66,
                            "avg_results": 38.0,
                            "avg_latency_ms": 15.2,
                        }
                    ],
                    "zero_result_queries": [{"query": "dnue part thre", "count": 5}],
                }
            ]
        },
    )

    period: Period
    total_searches: int = Field(ge=0)
    unique_queries: int = Field(ge=0)
    avg_latency_ms: float | None
    p50_latency_ms: float | None
    p95_latency_ms: float | None
    p99_latency_ms: float | None
    zero_result_rate: float | None
    avg_ctr: float | None
    mean_reciprocal_rank: float | None
    refinement_rate: float | None
    degraded_rate: float | None
    cache_hit_rate: float | None
    top_queries: list[TopQuery]
    zero_result_queries: list[ZeroResultQuery]
