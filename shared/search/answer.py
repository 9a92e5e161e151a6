"""The answer to a search, as callers see it (spec/discovery §3)."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.catalog.answers import ImageAnswer
from shared.catalog.values import ContentType
from shared.search.hybrid import Found
from shared.search.ports import Card
from shared.search.query import SearchQuery
from shared.search.ranking import Ranked

_REASONS = {"vector": "meaning", "keyword": "words", "popularity": "popular"}


class _Answer(BaseModel):
    # What handlers answer is described by these, not passed through them: they are built where the
    # API's document is made, not at every start.
    model_config = ConfigDict(extra="forbid", defer_build=True)


class FoundTitle(_Answer):
    """What a result shows of a title; its page has the rest.

    Attributes:
        platforms: Where it can be watched now, in the asked region where one was asked for.
        images: One of each kind.
    """

    id: UUID
    title: str
    overview: str | None
    content_type: ContentType
    release_year: int | None
    genres: list[str]
    platforms: list[str]
    popularity_score: float = Field(ge=0, le=1)
    images: list[ImageAnswer]
    maturity_rank: int | None


class SearchResult(_Answer):
    """One title that was found.

    Attributes:
        match_reasons: ``title``, ``words``, ``meaning`` or ``popular``.
        component_scores: What the score is made of, where ``explain`` was asked for.
    """

    content: FoundTitle
    relevance_score: float
    match_reasons: list[str] = Field(min_length=1)
    component_scores: dict[str, float] | None = None


class QueryParsed(_Answer):
    """What a search was taken for; filters that were not asked for are not there."""

    search_text: str
    filters: dict[str, Any]


class SearchAnswer(_Answer):
    """The answer to a search, as `search_answer` makes it.

    Attributes:
        total_count: How many titles passed, at most 1000.
        total_is_estimate: It may be too low.
        degraded: Sources that did not answer.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "search_id": "019b76da-a800-7b31-8000-2f3c5a1d9e41",
                    "results": [
                        {
                            "content": {
                                "id": "019b76da-a800-7b31-8000-2f3c5a1d9e40",
                                "title": "Arrival",
                                "overview": "A linguist speaks with heptapods",
                                "content_type": "movie",
                                "release_year": 2016,
                                "genres": ["Drama"],
                                "platforms": ["netflix"],
                                "popularity_score": 0.5,
                                "images": [],
                                "maturity_rank": None,
                            },
                            "relevance_score": 0.031,
                            "match_reasons": ["words", "meaning"],
                        }
                    ],
                    "total_count": 1,
                    "total_is_estimate": False,
                    "page": 1,
                    "page_size": 20,
                    "query_parsed": {"search_text": "linguist heptapods", "filters": {}},
                    "search_time_ms": 14.2,
                    "degraded": [],
                }
            ]
        },
    )

    search_id: UUID
    results: list[SearchResult]
    total_count: int
    total_is_estimate: bool
    page: int
    page_size: int
    query_parsed: QueryParsed
    search_time_ms: float
    degraded: list[str]


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
