"""The answer to a search, as callers see it (spec/discovery §3)."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.catalog.answers import ImageAnswer
from shared.catalog.values import ContentType
from shared.search.facets import Facets
from shared.search.hybrid import Found
from shared.search.intent.model import Kind, Purpose
from shared.search.ports import Card
from shared.search.query import SearchQuery
from shared.search.ranking import Ranked
from shared.search.understanding.model import State, Strength, Understood

_REASONS = {
    "vector": "meaning",
    "keyword": "words",
    "graph": "related",
    "popularity": "popular",
}


class _Answer(BaseModel):
    # What handlers answer is described by these, not passed through them: they are built where the
    # API's document is made, not at every start.
    model_config = ConfigDict(extra="forbid", defer_build=True)


class FoundTitle(_Answer):
    """What a result shows of a title; its page has the rest.

    Attributes:
        platforms: Where it can be watched now, in the asked region where one was asked for.
        images: One of each kind, the widest of those that its page names as ``pictures``; its
            address takes another ``width``.
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
        match_reasons: ``title``, ``words``, ``meaning``, ``related`` or ``popular``.
        component_scores: What the score is made of, where ``explain`` was asked for; ``personal``
            where the viewer's taste counted.
    """

    content: FoundTitle
    relevance_score: float
    match_reasons: list[str] = Field(min_length=1)
    component_scores: dict[str, float] | None = None


class SpanAnswer(_Answer):
    """A place in `QueryParsed.original`: code points, the end is not in it."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)


class ChipAnswer(_Answer):
    """One thing that was read from the words of a search.

    Attributes:
        id: What `without` takes it away by.
        value: A word, a list of them, ``{low, high}`` or ``{name, role}``.
        strength: ``hard``: every result satisfies it. ``soft``: those that do are lifted.
            ``words``: it is searched by, or started from.
        state: ``applied``, ``relaxed`` where some results do not satisfy it, ``overridden`` where
            the request's own filter holds instead.
    """

    id: str
    kind: Kind
    value: Any
    label: str
    span: SpanAnswer
    strength: Strength
    state: State


class QueryParsed(_Answer):
    """What a search was taken for.

    Attributes:
        original: The query as it is compared: NFC, no control characters, white space collapsed.
        search_text: The words that were looked for.
        filters: Every hard filter, asked for or read; those that nobody meant are not there.
        confidence: .5 to 1, by the share of the words that was read; 1 for one taken verbatim.
        chips: What was read, in the order of the text.
    """

    original: str
    search_text: str
    filters: dict[str, Any]
    purpose: Purpose
    confidence: float = Field(ge=0, le=1)
    chips: list[ChipAnswer]


class CorrectedQuery(_Answer):
    """A search that was mended: searched for one thing instead of another.

    Attributes:
        searched: What was searched for.
        original: As it was written; `verbatim` searches that.
    """

    searched: str
    original: str


class SearchAnswer(_Answer):
    """The answer to a search, as `search_answer` makes it.

    Attributes:
        total_count: How many titles passed, at most 1000.
        total_is_estimate: It may be too low.
        facets: Null where `facets` was not asked for.
        elsewhere: On the first page, where few titles can be watched where the words said: what
            satisfies the other filters and can be watched elsewhere, or nowhere now.
        corrected_query: Null where the words were searched as they were written.
        degraded: Sources that did not answer; ``traits`` where results could not be told apart,
            ``facets`` where they could not be counted.
        experiment_variant: What of the ranking is tried on this viewer, if anything.
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
                    "facets": None,
                    "page": 1,
                    "page_size": 20,
                    "elsewhere": [],
                    "query_parsed": {
                        "original": "films with linguists since 2010",
                        "search_text": "linguists",
                        "filters": {"year_from": 2010},
                        "purpose": "search",
                        "confidence": 0.75,
                        "chips": [
                            {
                                "id": "years:2010-any",
                                "kind": "years",
                                "value": {"low": 2010, "high": None},
                                "label": "Since 2010",
                                "span": {"start": 21, "end": 31},
                                "strength": "hard",
                                "state": "applied",
                            }
                        ],
                    },
                    "corrected_query": None,
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
    facets: Facets | None
    page: int
    page_size: int
    elsewhere: list[SearchResult]
    query_parsed: QueryParsed
    corrected_query: CorrectedQuery | None
    search_time_ms: float
    degraded: list[str]
    experiment_variant: str | None = None


def search_answer(
    query: SearchQuery, found: Found, *, search_id: UUID, milliseconds: float
) -> dict[str, Any]:
    """Return the answer to ``query``; component scores only where they were asked for."""

    def shown(items: Sequence[Ranked]) -> list[dict[str, Any]]:
        cards = found.cards
        return [_result(item, cards[item.candidate.id], explain=query.explain) for item in items]

    return {
        "search_id": search_id,
        "results": shown(found.page),
        "total_count": found.total,
        "total_is_estimate": found.is_estimate,
        "facets": found.facets and asdict(found.facets),
        "page": query.page,
        "page_size": query.page_size,
        "elsewhere": shown(found.elsewhere),
        "query_parsed": _parsed(found.understood),
        "corrected_query": _corrected(found.understood),
        "search_time_ms": round(milliseconds, 1),
        "degraded": found.degraded,
    }


def _parsed(asked: Understood) -> dict[str, Any]:
    return {
        "original": asked.original,
        "search_text": asked.text,
        "filters": asked.filters.model_dump(mode="json", exclude_defaults=True),
        "purpose": asked.purpose,
        "confidence": round(asked.confidence, 2),
        "chips": [asdict(chip) for chip in asked.chips],
    }


def _corrected(asked: Understood) -> dict[str, str] | None:
    if asked.searched is None:
        return None
    return {"searched": asked.searched, "original": asked.original}


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
    """Return why it was found; popularity counts only where nothing else does.

    What has the words is where the graph was entered, so being there says nothing more of it.
    """
    silent = {"popularity", "personal"} | ({"graph"} if "keyword" in item.parts else set())
    named = [_REASONS[source] for source in item.parts if source not in silent]
    return (["title"] if item.exact else []) + (named or [_REASONS["popularity"]])
