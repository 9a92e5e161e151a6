"""Facets: what could be chosen, and how many titles each choice leaves (spec/discovery §5.8).

A facet has the name of the filter that takes its values. It is counted as if neither that filter
nor another on the same property had been asked for, so that its counts are those of `chosen`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from shared.kernel.clock import Clock
from shared.search.filters import CLASSIC, Filters, RatingBand
from shared.search.ports import Hit

MOST_VALUES = 20
FRESH = timedelta(seconds=60)
"""How long counts of the whole catalogue are kept."""
MOST_REMEMBERED = 256


class Facet(StrEnum):
    """What is counted."""

    GENRES = "genres"
    PLATFORMS = "platforms"
    YEARS = "years"
    RATINGS = "ratings"


OWN: Mapping[Facet, tuple[str, ...]] = {
    Facet.GENRES: ("genres", "genre_match"),
    Facet.PLATFORMS: ("platforms",),
    Facet.YEARS: ("years", "year_from", "year_to"),
    Facet.RATINGS: ("ratings", "min_rating", "max_rating"),
}
"""The filters that a choice takes the place of."""

ALIKE = frozenset({"keyword", "vector"})
"""Retrievers whose filters only take titles away; what starts from others' best finds others."""


@dataclass(frozen=True)
class FacetValue:
    """One value, and how many titles pass with it and every filter on other properties."""

    value: str
    count: int


@dataclass(frozen=True)
class Facets:
    """The values that occur, at most `MOST_VALUES` a facet.

    Attributes:
        genres: Most titles first, as `platforms`.
        years: Decades, the newest first.
        ratings: The best first.
        is_estimate: Not every title that matches was looked at, so counts may be too low.
    """

    genres: Sequence[FacetValue] = ()
    platforms: Sequence[FacetValue] = ()
    years: Sequence[FacetValue] = ()
    ratings: Sequence[FacetValue] = ()
    is_estimate: bool = False


Counts = Mapping[Facet, Mapping[str, int]]
"""Titles by value, of each facet."""


class FacetCounts(Protocol):
    """The catalogue, as it is counted."""

    def facets(self, ids: Sequence[str] | None, filters: Filters) -> Facets:
        """Count titles of ``ids``, None for all, each facet without its own filters."""


@dataclass(frozen=True)
class RememberedFacets:
    """`FacetCounts` that keeps what it counted in the whole catalogue, which takes long, a while.

    Many ask for the same, while nobody has typed anything.
    """

    counts: FacetCounts
    clock: Clock
    _known: dict[Filters, tuple[datetime, Facets]] = field(default_factory=dict)

    def facets(self, ids: Sequence[str] | None, filters: Filters) -> Facets:
        """Count, the whole catalogue as it was at most `FRESH` ago."""
        if ids is not None:
            return self.counts.facets(ids, filters)
        now, known = self.clock.now(), self._known.get(filters)
        if known is not None and now - known[0] <= FRESH:
            return known[1]
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        found = self.counts.facets(None, filters)
        self._known[filters] = (now, found)
        return found


def in_order(counts: Iterable[Counts]) -> Facets:
    """Return the sums of counts, each facet's values in its order, at most `MOST_VALUES`."""
    sums: dict[Facet, Counter[str]] = {facet: Counter() for facet in Facet}
    for each in counts:
        for facet, of_facet in each.items():
            sums[facet].update(of_facet)

    def values(facet: Facet, order: Iterable[str]) -> list[FacetValue]:
        return [FacetValue(value, n) for value in order if (n := sums[facet][value])]

    return Facets(
        genres=values(Facet.GENRES, _most(sums[Facet.GENRES])),
        platforms=values(Facet.PLATFORMS, _most(sums[Facet.PLATFORMS])),
        years=values(Facet.YEARS, sorted(sums[Facet.YEARS], key=_newest, reverse=True)),
        ratings=values(Facet.RATINGS, RatingBand),
    )


def _most(counts: Mapping[str, int]) -> list[str]:
    """Return the values that most titles have, equal ones by name."""
    return sorted(counts, key=lambda value: (-counts[value], value))[:MOST_VALUES]


def _newest(decade: str) -> int:
    return 0 if decade == CLASSIC else int(decade.removesuffix("s"))


def counted(
    found: Mapping[str, Sequence[Hit]],
    filters: Filters,
    *,
    depth: int,
    counts: FacetCounts,
    degraded: Sequence[str] = (),
) -> Facets:
    """Count among what retrievers found with `widened` filters.

    Args:
        found: Hits by retriever.
        filters: What was asked for, facets' own filters included.
        depth: How many hits each was asked for; who has as many may have had more.
        counts: The catalogue.
        degraded: Retrievers that did not answer.
    """
    ids = dict.fromkeys(hit.content_id for hits in found.values() for hit in hits)
    is_whole = all(name in ALIKE and len(hits) < depth for name, hits in found.items())
    is_estimate = bool(degraded) or not is_whole
    return replace(counts.facets(list(ids), filters), is_estimate=is_estimate)


def widened(filters: Filters) -> Filters:
    """Return the filters that every facet keeps: what they let through is what is to be counted."""
    return filters.cleared(*(name for own in OWN.values() for name in own))


def chosen(filters: Filters, facet: Facet, value: str) -> Filters:
    """Return the filters of a viewer who then chooses a value, and nothing else of that facet."""
    return Filters.model_validate(
        {**filters.cleared(*OWN[facet]).model_dump(), facet.value: [value]}
    )
