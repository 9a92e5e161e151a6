"""Counts of what could be chosen instead, in one statement."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import orjson

from shared.adapters.sql.filtering import FACETS_OF_ALL, FACETS_OF_SOME, bound
from shared.adapters.sql.reading import read
from shared.adapters.sql.statement import array
from shared.kernel.clock import Clock, SystemClock
from shared.search.facets import MOST_VALUES, Facet, Facets, FacetValue
from shared.search.filters import RatingBand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from shared.search.filters import Filters

BANDS = [str(band) for band in RatingBand]


class SqlFacets:
    """`shared.search.facets.FacetCounts` in table ``content``; one statement a call."""

    def __init__(self, engine: Engine | None = None, clock: Clock | None = None) -> None:
        self._engine = engine
        self._clock = clock or SystemClock()

    def facets(self, ids: Sequence[str] | None, filters: Filters) -> Facets:
        """Count titles of ``ids``, None for all, each facet without its own filters."""
        given = {"most": MOST_VALUES, **bound(filters, self._clock.now())}
        query = FACETS_OF_ALL() if ids is None else FACETS_OF_SOME()
        if ids is not None:
            given["ids"] = array(ids)
        (row,) = read(query, given, what="facets", engine=self._engine)
        return _facets(orjson.loads(row.found))


def _facets(rows: Sequence[tuple[str, str, int]]) -> Facets:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for facet, value, titles in rows:
        found[facet][value] = titles

    def values(facet: Facet, order: Sequence[str]) -> list[FacetValue]:
        return [FacetValue(value, found[facet][value]) for value in order if value in found[facet]]

    return Facets(
        genres=values(Facet.GENRES, _by_count(found[Facet.GENRES])),
        platforms=values(Facet.PLATFORMS, _by_count(found[Facet.PLATFORMS])),
        years=values(Facet.YEARS, sorted(found[Facet.YEARS], key=_decade, reverse=True)),
        ratings=values(Facet.RATINGS, BANDS),
    )


def _by_count(counts: dict[str, int]) -> list[str]:
    return sorted(counts, key=lambda value: (-counts[value], value))


def _decade(value: str) -> int:
    return int(value[:4]) if value[:4].isdecimal() else 0
