"""Hard filters as restricts of a vector search: what the index can judge; SQL judges all again.

A restrict may let through more than its filter, never less. What must not be shown is denied, where
all else could be allowed: a point that was written before its namespace existed stays findable.
"""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, Any

from shared.matching.maturity import RANKS
from shared.search.filters import CLASSIC, FIRST_DECADE, GenreMatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.search.filters import Filters

Tokens = dict[str, "Sequence[str]"]


def restricts(filters: Filters) -> list[dict[str, Any]]:
    """Return the ``restricts`` of a query, one for each namespace."""
    found: dict[str, dict[str, Any]] = {}
    for verb, named in (("allowList", _allowed(filters)), ("denyList", _denied(filters))):
        for namespace, tokens in named.items():
            if tokens:
                found.setdefault(namespace, {"namespace": namespace})[verb] = list(tokens)
    return list(found.values())


def _allowed(filters: Filters) -> Tokens:
    # Tokens of one namespace are joined by "or": of several genres that must all be there, one is
    # closer to the answer than any.
    genres = filters.genres[:1] if filters.genre_match is GenreMatch.ALL else filters.genres
    return {"genre": genres, "type": filters.content_types, **_places(filters)}


def _places(filters: Filters) -> Tokens:
    """Return where a title has to play; platform and region of one offer are one token."""
    if filters.platforms and filters.region:
        return {"platform_region": [f"{p}:{r}" for p in filters.platforms for r in filters.region]}
    return {"platform": filters.platforms, "region": filters.region}


def _denied(filters: Filters) -> Tokens:
    # Points of unrated titles carry the rank of restricted ones: only SQL can tell them apart.
    limit = None if filters.allow_unrated else filters.maturity_rank
    above = [] if limit is None else sorted({str(r) for r in RANKS.values() if r > limit})
    return {"genre": filters.blocked_genres, "maturity": above}


def numeric_restricts(filters: Filters) -> list[dict[str, Any]]:
    """Return the ``numericRestricts`` of a query, in the units of `shared.search.document`."""
    first, last = _span(filters.years)
    bounds: list[tuple[str, float | None, str]] = [
        ("year", filters.year_from, "GREATER_EQUAL"),
        ("year", first, "GREATER_EQUAL"),
        ("year", filters.year_to, "LESS_EQUAL"),
        ("year", last, "LESS_EQUAL"),
        ("rating", _times(10, filters.min_rating), "GREATER_EQUAL"),
        ("rating", _times(10, filters.max_rating), "LESS_EQUAL"),
        ("quality", _times(1000, filters.min_data_quality_score), "GREATER_EQUAL"),
    ]
    return [
        {
            "namespace": namespace,
            "valueInt": ceil(value) if operator == "LESS_EQUAL" else floor(value),
            "op": operator,
        }
        for namespace, value, operator in bounds
        if value is not None
    ]


def _times(factor: int, value: float | None) -> float | None:
    return None if value is None else value * factor


def _span(decades: Sequence[str]) -> tuple[int | None, int | None]:
    """Return the first and the last year of decades, None where there is no such end."""
    if not decades:
        return None, None
    starts = [int(decade[:4]) for decade in decades if decade != CLASSIC]
    first = None if CLASSIC in decades else min(starts)
    return first, max(starts, default=FIRST_DECADE - 10) + 9
