"""Counts of what could be chosen instead, of one part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shared.search.facets import Counts, Facet
from shared.search.resident.columns import at, counted
from shared.search.resident.properties import BANDS, decade_counts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.search.filters import Filters
    from shared.search.resident.offers import Offers
    from shared.search.resident.properties import Properties
    from shared.search.resident.rows import Mask, Rows


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
