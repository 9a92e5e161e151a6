"""The answer to a search, as callers see it (spec/discovery §3)."""

from typing import Any
from uuid import UUID

from shared.search.hybrid import Found
from shared.search.ports import Card
from shared.search.query import SearchQuery
from shared.search.ranking import Ranked

_REASONS = {"vector": "meaning", "keyword": "words", "popularity": "popular"}


def search_answer(
    query: SearchQuery, found: Found, *, search_id: UUID, milliseconds: float
) -> dict[str, Any]:
    """Return the answer to ``query``; component scores only where they were asked for."""
    return {
        "search_id": search_id,
        "results": [
            _result(item, found.cards[item.candidate.id], explain=query.explain)
            for item in found.page
        ],
        "total_count": found.total,
        "total_is_estimate": found.is_estimate,
        "page": query.page,
        "page_size": query.page_size,
        "query_parsed": {
            "search_text": query.text,
            "filters": query.filters.model_dump(mode="json", exclude_defaults=True),
        },
        "search_time_ms": round(milliseconds, 1),
        "degraded": found.degraded,
    }


def _result(item: Ranked, card: Card, *, explain: bool) -> dict[str, Any]:
    candidate = item.candidate
    result: dict[str, Any] = {
        "content": {
            "id": candidate.id,
            "title": candidate.title,
            "overview": card.overview,
            "content_type": card.content_type,
            "release_year": candidate.release_year,
            "genres": card.genres,
            "platforms": card.platforms,
            "popularity_score": round(candidate.popularity, 4),
            "images": card.images,
            "maturity_rank": card.maturity_rank,
        },
        "relevance_score": round(item.score, 6),
        "match_reasons": _reasons(item),
    }
    if explain:
        result["component_scores"] = {name: round(part, 6) for name, part in item.parts.items()}
    return result


def _reasons(item: Ranked) -> list[str]:
    """Return why it was found; popularity counts only where nothing else does."""
    named = [_REASONS[source] for source in item.parts if source != "popularity"]
    return (["title"] if item.exact else []) + (named or [_REASONS["popularity"]])
