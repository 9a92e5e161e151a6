"""Counts of what could be chosen instead: of one part, and of all parts together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from shared.search.facets import MOST_VALUES, Facet, Facets, FacetValue
from shared.search.resident.columns import at, counted
from shared.search.resident.properties import BANDS, decade_code, decade_counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shared.search.filters import Filters
    from shared.search.resident.offers import Offers
    from shared.search.resident.properties import Properties
    from shared.search.resident.rows import Mask, Rows

Counts = Mapping[Facet, Mapping[str, int]]
"""Titles by value, of each facet; only values that occur."""


def facets(counts: Sequence[Counts]) -> Facets:
    """Return counts of all parts together, in the order and number of `Facets`."""
    sums = {facet: _sum(each[facet] for each in counts) for facet in Facet}

    def values(facet: Facet, order: Iterable[str]) -> list[FacetValue]:
        return [FacetValue(value, n) for value in order if (n := sums[facet][value])]

    return Facets(
        genres=values(Facet.GENRES, _most(sums[Facet.GENRES])),
        platforms=values(Facet.PLATFORMS, _most(sums[Facet.PLATFORMS])),
        years=values(Facet.YEARS, sorted(sums[Facet.YEARS], key=decade_code, reverse=True)),
        ratings=values(Facet.RATINGS, BANDS),
    )


def counts(
    properties: Properties,
    offers: Offers,
    filters: Filters,
    *,
    now: float,
    alive: Mask,
    rows: Rows | None,
) -> Counts:
    """Count titles by each facet's values, as if the facet's own filters had not been asked for.

    Args:
        properties: Of all titles of a part.
        offers: Of all titles of a part.
        filters: Hard filters.
        now: Seconds since 1970.
        alive: Which titles count at all.
        rows: Which titles shall be counted, each once; None for all.
    """
    offers = offers if rows is None else offers.of(rows)
    fit = offers.fitting(filters, now)
    rest = at(alive, rows) & properties.by_rest(filters, rows)
    by = {
        Facet.GENRES: properties.by_genres(filters, rows),
        Facet.PLATFORMS: _by_platforms(offers, filters, fit, rest),
        Facet.YEARS: properties.by_years(filters, rows),
        Facet.RATINGS: properties.by_ratings(filters, rows),
    }
    left = {facet: _but(facet, rest, by) for facet in Facet}
    chosen = np.flatnonzero(left[Facet.GENRES])
    return {
        Facet.GENRES: properties.genres.counts(chosen if rows is None else rows[chosen]),
        Facet.PLATFORMS: offers.titles_by_platform(fit, left[Facet.PLATFORMS]),
        Facet.YEARS: decade_counts(at(properties.decade, rows)[left[Facet.YEARS]]),
        Facet.RATINGS: counted(at(properties.band, rows)[left[Facet.RATINGS]], BANDS),
    }


def _by_platforms(offers: Offers, filters: Filters, fit: Mask, rest: Mask) -> Mask:
    """Tell which titles have an offer that was asked for; all where none was."""
    if not filters.about_offers:
        return np.ones(len(rest), np.bool_)
    if not filters.platforms:
        return offers.owners(fit)
    return offers.owners(fit & offers.platform.among(filters.platforms))


def _but(own: Facet, rest: Mask, by: Mapping[Facet, Mask]) -> Mask:
    """Return which titles pass every filter but those of one facet."""
    found = rest.copy()
    for facet, passed in by.items():
        if facet is not own:
            found &= passed
    return found


def _sum(counts: Iterable[Mapping[str, int]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for each in counts:
        found.update(each)
    return found


def _most(counts: Mapping[str, int]) -> list[str]:
    """Return the values that most titles have, equal ones by name."""
    return sorted(counts, key=lambda value: (-counts[value], value))[:MOST_VALUES]
