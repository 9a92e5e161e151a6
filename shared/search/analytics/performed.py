"""What analytics are told of an answer, searched for or kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.search.analytics.events import PerformedSearch

if TYPE_CHECKING:
    from uuid import UUID

    from shared.search.answers.serving import Served
    from shared.search.query import SearchQuery


def of_served(
    served: Served, query: SearchQuery, *, search_id: UUID, user: str, milliseconds: float
) -> PerformedSearch:
    """Return the search that was answered.

    Args:
        served: Its answer.
        query: What was asked, with the filters that were asked for.
        search_id: As the answer names it.
        user: Id of the person who asked, empty for nobody who is known.
        milliseconds: How long the answer took.
    """
    return PerformedSearch(
        search_id=search_id,
        typed=query.query,
        user=user,
        result_count=served.parts.total,
        latency_ms=milliseconds,
        filters=query.filters,
        cache_hit=served.cached,
        degraded=served.parts.degraded,
        ranking_version=served.tuned.version,
        variant=served.tuned.variant,
    )
