"""From what was read to the filters that search knows, and to the limits that it does not yet."""

from collections.abc import Iterable
from typing import Any

from shared.catalog.values import GENRES, ContentType, OfferType
from shared.search.filters import Filters
from shared.search.intent.model import CERTAIN, Found, Intent, Kind, Person, Range
from shared.search.maturity import RatingLimit

MOST_PLATFORMS = 50
MOST_PEOPLE = 20
_LISTS = {
    Kind.GENRE: "genres",
    Kind.PLATFORM: "platforms",
    Kind.CONTENT: "content_types",
    Kind.LANGUAGE: "languages",
}
_SINGLE = {Kind.REGION: "region", Kind.LEAVING: "leaving_days", Kind.ADDED: "added_days"}
_LIMITS = (RatingLimit.G, RatingLimit.PG, RatingLimit.PG_13, RatingLimit.R, RatingLimit.NC_17)
_FREE = {OfferType.FREE, OfferType.ADS}


def filters_of(intent: Intent, *, least: float = 0.0) -> Filters:
    """Return what was read as filters; several values of one kind widen each other.

    Years are closed ranges ("the 80s and 90s") that are joined, and limits ("since 1985") that cut.
    What contradicts itself says nothing: "after 2000 before 1990" filters by no year.

    Args:
        intent: What was read; of what is excluded genres alone are a filter.
        least: Only what was read with at least this certainty.
    """
    wanted = [f for f in intent.found if not f.excluded and f.certainty >= least]
    given: dict[str, Any] = {
        field: tuple(dict.fromkeys(v for f in wanted if f.kind is kind for v in _each(f)))
        for kind, field in _LISTS.items()
    }
    given["platforms"] = given["platforms"][:MOST_PLATFORMS]
    given["content_types"] = _with_documentaries(given["content_types"], given["genres"])
    given |= _offers(wanted)
    given |= _bounds(wanted, Kind.YEARS, ("year_from", "year_to"))
    given |= _bounds(wanted, Kind.RUNTIME, ("min_runtime", "max_runtime"))
    rating = range_of(wanted, Kind.RATING)
    if rating is not None:
        given |= {"min_rating": rating.low, "max_rating": rating.high}
    given["content_rating_limit"] = _limit(range_of(wanted, Kind.MATURITY))
    # Words are no profile: many titles have no rating, and who asks for "family" wants an answer.
    given["allow_unrated"] = given["content_rating_limit"] is not None
    given["creators"] = tuple(dict.fromkeys(_known_people(wanted)))[:MOST_PEOPLE]
    given["blocked_genres"] = excluded_genres(intent, least=least)
    given |= {field: _last(wanted, kind) for kind, field in _SINGLE.items()}
    return Filters(**{field: value for field, value in given.items() if value is not None})


def maturity_of(intent: Intent) -> Range | None:
    """Return the ranks of maturity asked for (spec/discovery §5.6), None where none was."""
    return range_of([f for f in intent.found if not f.excluded], Kind.MATURITY)


def excluded_genres(intent: Intent, *, least: float = 0.0) -> tuple[str, ...]:
    """Return the genres that are not wanted, in the order of the taxonomy."""
    excluded = [f for f in intent.found if f.excluded and f.certainty >= least]
    unwanted = {g for f in excluded if f.kind is Kind.GENRE for g in _each(f)}
    return tuple(genre for genre in GENRES if genre in unwanted)


def range_of(found: Iterable[Found], kind: Kind) -> Range | None:
    """Return one range of all that were read of a kind, None for none or a contradiction."""
    ranges = [f.value for f in found if f.kind is kind and isinstance(f.value, Range)]
    closed = [r for r in ranges if r.low is not None and r.high is not None]
    lows = [r.low for r in ranges if r.low is not None and r.high is None]
    highs = [r.high for r in ranges if r.high is not None and r.low is None]
    if closed:
        lows.append(min(r.low for r in closed if r.low is not None))
        highs.append(max(r.high for r in closed if r.high is not None))
    low, high = max(lows, default=None), min(highs, default=None)
    if (low is None and high is None) or (low is not None and high is not None and low > high):
        return None
    return Range(low, high)


def _each(found: Found) -> tuple[object, ...]:
    return found.value if isinstance(found.value, tuple) else (found.value,)


def _with_documentaries(types: tuple[ContentType, ...], genres: tuple[str, ...]) -> tuple[Any, ...]:
    """Return content types; a film that is a documentary is kept as one or the other."""
    if ContentType.MOVIE in types and "Documentary" in genres:
        return (*types, ContentType.DOCUMENTARY)
    return types


def _known_people(found: Iterable[Found]) -> list[str]:
    """Return the names of people that the vocabulary has; others would filter everything away."""
    return [
        one.value.name
        for one in found
        if isinstance(one.value, Person) and one.certainty >= CERTAIN
    ]


def _limit(ranks: Range | None) -> RatingLimit | None:
    return None if ranks is None or ranks.high is None else _LIMITS[int(ranks.high)]


def _last(found: list[Found], kind: Kind) -> object:
    """Return what was read last of a kind of which one holds, None for nothing."""
    return next((f.value for f in reversed(found) if f.kind is kind), None)


def _offers(found: Iterable[Found]) -> dict[str, Any]:
    terms = {offer for f in found if f.kind is Kind.OFFER for offer in _each(f)}
    if terms == _FREE:
        return {"free_only": True}
    return {"availability_types": tuple(offer for offer in OfferType if offer in terms)}


def _bounds(found: list[Found], kind: Kind, fields: tuple[str, str]) -> dict[str, int]:
    limits = range_of(found, kind)
    if limits is None:
        return {}
    pairs = zip(fields, (limits.low, limits.high), strict=True)
    return {field: int(value) for field, value in pairs if value is not None}
