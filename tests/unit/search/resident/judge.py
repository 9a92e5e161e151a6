"""Hard filters and facets of one title at a time, as ``search_filters.sql`` says them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from shared.matching.facts import person_key
from shared.search.facets import MOST_VALUES, Facet, Facets, FacetValue, chosen
from shared.search.filters import Filters, GenreMatch, RatingBand

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shared.search.resident.rows import OfferRow, TitleRow

TODAY = datetime(2026, 1, 31, 12, 0, 0, 250_001, tzinfo=UTC)
NOW = TODAY.timestamp()


def passes(title: TitleRow, filters: Filters) -> bool:
    """Tell whether a title passes every hard filter."""
    return (
        _passes_the_viewers(title, filters)
        and _passes_numbers(title, filters)
        and (not filters.content_types or title.content_type in filters.content_types)
        and (not filters.keywords or _meet(title.themes, (k.lower() for k in filters.keywords)))
        and (not filters.creators or _meet(title.people, map(person_key, filters.creators)))
        and _has_genres(title, filters)
        and (not filters.years or decade(title) in filters.years)
        and (not filters.ratings or band(title) in filters.ratings)
        and (not filters.about_offers or any(_fits(o, filters) for o in title.offers))
    )


def is_live(offer: OfferRow, filters: Filters) -> bool:
    """Tell whether an offer can be watched as `TODAY` is, in one of the asked regions."""
    if offer.ends is not None and offer.ends <= NOW:
        return False
    if offer.starts is not None and offer.starts > NOW:
        return False
    return not filters.region or offer.region in filters.region


def decade(title: TitleRow) -> str | None:
    """Return a title's decade."""
    if title.year is None:
        return None
    return "Classic" if title.year < 1980 else f"{title.year // 10 * 10}s"


def band(title: TitleRow) -> str:
    """Return how viewers rated a title, in words."""
    rating = title.average_rating
    if rating is None:
        return "Unrated"
    bands = {8: "Excellent", 7: "Good", 5: "Average"}
    return next((name for low, name in bands.items() if rating >= low), "Below average")


def counted(titles: Sequence[TitleRow], filters: Filters) -> Facets:
    """Count by choosing each value that any title has, one after the other."""
    platforms = {offer.platform for title in titles for offer in title.offers}
    decades = {name for title in titles if (name := decade(title))}
    found = {
        Facet.GENRES: _counts(titles, filters, Facet.GENRES, {g for t in titles for g in t.genres}),
        Facet.PLATFORMS: _counts(titles, filters, Facet.PLATFORMS, platforms),
        Facet.YEARS: _counts(titles, filters, Facet.YEARS, decades),
        Facet.RATINGS: _counts(titles, filters, Facet.RATINGS, map(str, RatingBand)),
    }

    def values(facet: Facet, order: Iterable[str]) -> list[FacetValue]:
        return [FacetValue(value, found[facet][value]) for value in order if value in found[facet]]

    return Facets(
        genres=values(Facet.GENRES, _most(found[Facet.GENRES])),
        platforms=values(Facet.PLATFORMS, _most(found[Facet.PLATFORMS])),
        years=values(Facet.YEARS, [f"{year}s" for year in range(2090, 1970, -10)] + ["Classic"]),
        ratings=values(Facet.RATINGS, map(str, RatingBand)),
    )


def _counts(
    titles: Sequence[TitleRow], filters: Filters, facet: Facet, values: Iterable[str]
) -> Counter[str]:
    sizes = {v: sum(passes(t, chosen(filters, facet, v)) for t in titles) for v in values}
    return Counter({value: size for value, size in sizes.items() if size})


def _most(counts: Counter[str]) -> list[str]:
    return sorted(counts, key=lambda value: (-counts[value], value))[:MOST_VALUES]


def _passes_the_viewers(title: TitleRow, filters: Filters) -> bool:
    if _meet(title.genres, filters.blocked_genres):
        return False
    if filters.maturity_rank is None:
        return True
    unrated = 0 if filters.allow_unrated else 3
    return (unrated if title.maturity is None else title.maturity) <= filters.maturity_rank


def _passes_numbers(title: TitleRow, filters: Filters) -> bool:
    return (
        _is_between(title.year, filters.year_from, filters.year_to)
        and _is_between(title.runtime, filters.min_runtime, filters.max_runtime)
        and _is_between(title.average_rating, filters.min_rating, filters.max_rating)
        and _is_between(title.quality, filters.min_data_quality_score, None)
    )


def _is_between(number: float | None, low: float | None, high: float | None) -> bool:
    if low is None and high is None:
        return True
    if number is None:
        return False
    kept = _real(number)
    return (low is None or kept >= _real(low)) and (high is None or kept <= _real(high))


def _real(number: float) -> float:
    """Return a number as SQL keeps it."""
    return float(np.float32(number))


def _has_genres(title: TitleRow, filters: Filters) -> bool:
    if not filters.genres:
        return True
    if filters.genre_match is GenreMatch.ALL:
        return {*filters.genres} <= {*title.genres}
    return _meet(title.genres, filters.genres)


def _fits(offer: OfferRow, filters: Filters) -> bool:
    if not is_live(offer, filters):
        return False
    if filters.platforms and offer.platform not in filters.platforms:
        return False
    if filters.wanted_offers and offer.offer_type not in filters.wanted_offers:
        return False
    if filters.languages and not any(_is_spoken(tag, filters) for tag in offer.audio):
        return False
    return _is_timely(offer, filters)


def _is_spoken(tag: str, filters: Filters) -> bool:
    return tag in filters.languages or tag.partition("-")[0] in filters.languages


def _is_timely(offer: OfferRow, filters: Filters) -> bool:
    if filters.leaving_days is not None:
        last = (TODAY + timedelta(days=filters.leaving_days)).timestamp()
        if offer.ends is None or offer.ends > last:
            return False
    if filters.added_days is not None:
        return offer.since >= (TODAY - timedelta(days=filters.added_days)).timestamp()
    return True


def _meet(some: Iterable[str], others: Iterable[str]) -> bool:
    return bool({*some} & {*others})
