"""The statements that judge hard filters, and the parameters of these."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from shared.adapters.sql.statement import statement
from shared.matching.facts import person_key
from shared.search.filters import GenreMatch
from shared.search.maturity import RESTRICTED

if TYPE_CHECKING:
    from datetime import datetime

    from shared.search.filters import Filters

_PARTS = (
    "search_filters",
    "search_filter_rest",
    "search_filter_genres",
    "search_filter_platforms",
    "search_filter_years",
    "search_filter_ratings",
    "search_decade",
    "search_band",
    "search_offer",
    "search_live",
)
"""Files that make up ``/* search_filters */``, each before those that it holds."""
CANDIDATES = statement(__file__, "search_candidates", "search_prior", *_PARTS)
CARDS = statement(__file__, "search_cards", *_PARTS)
POPULAR = statement(__file__, "search_popular", *_PARTS)
WORDS = statement(__file__, "search_words", "search_prior", *_PARTS)
FACETS_OF_ALL = statement(__file__, "search_facets", *_PARTS)
FACETS_OF_SOME = statement(__file__, "search_facets", "search_facets_of", *_PARTS)


def bound(filters: Filters, now: datetime) -> dict[str, Any]:
    """Return the parameters of ``search_filters.sql``."""
    return {
        **_of_titles(filters),
        **_of_offers(filters, now),
        "genres": list(filters.genres),
        "genres_needed": len(set(filters.genres)) if filters.genre_match is GenreMatch.ALL else 1,
        "year_from": filters.year_from,
        "year_to": filters.year_to,
        "years": list(filters.years),
        "min_rating": filters.min_rating,
        "max_rating": filters.max_rating,
        "ratings": [str(band) for band in filters.ratings],
    }


def _of_titles(filters: Filters) -> dict[str, Any]:
    return {
        "content_types": [str(kind) for kind in filters.content_types],
        "blocked_genres": list(filters.blocked_genres),
        "maturity_rank": filters.maturity_rank,
        "unrated": 0 if filters.allow_unrated else RESTRICTED,
        "min_runtime": filters.min_runtime,
        "max_runtime": filters.max_runtime,
        "min_quality": filters.min_data_quality_score,
        "keywords": [keyword.lower() for keyword in filters.keywords],
        "creators": [person_key(name) for name in filters.creators],
    }


def _of_offers(filters: Filters, now: datetime) -> dict[str, Any]:
    leaving, added = filters.leaving_days, filters.added_days
    return {
        "about_offers": filters.about_offers,
        "platforms": list(filters.platforms),
        "region": list(filters.region),
        "offer_types": [str(kind) for kind in filters.wanted_offers],
        "languages": list(filters.languages),
        "leaving_by": None if leaving is None else now + timedelta(days=leaving),
        "added_since": None if added is None else now - timedelta(days=added),
        "now": now,
    }
