"""Which filters what was read speaks of, beside those that the request has of its own."""

from collections.abc import Iterable, Mapping

from shared.search.filters import Filters
from shared.search.intent.model import CERTAIN, Found, Kind, Range

FIELDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.PLATFORM: ("platforms",),
    Kind.GENRE: ("genres",),
    Kind.YEARS: ("year_from", "year_to", "years"),
    Kind.RUNTIME: ("min_runtime", "max_runtime"),
    Kind.MATURITY: ("content_rating_limit", "allow_unrated"),
    Kind.RATING: ("min_rating", "max_rating", "ratings"),
    Kind.CONTENT: ("content_types",),
    Kind.OFFER: ("free_only", "availability_types"),
    Kind.LEAVING: ("leaving_days",),
    Kind.ADDED: ("added_days",),
    Kind.REGION: ("region",),
    Kind.LANGUAGE: ("languages",),
    Kind.PERSON: ("creators",),
}
"""Fields of `Filters` by what they filter by: who sets one of them has said all about it."""
MOODS: Mapping[str, tuple[str, ...]] = {
    "funny": ("Comedy",),
    "scary": ("Horror", "Thriller"),
    "light": ("Comedy",),
    "sad": ("Drama",),
    "intense": ("Thriller",),
    "exciting": ("Action", "Adventure"),
    "sexy": ("Romance",),
    "emotional": ("Drama",),
}
"""Genres by moods (spec/discovery §5.2 for the first two)."""
_UNWANTED = ("blocked_genres",)
_NONE = Filters()


def fields_of(one: Found) -> tuple[str, ...]:
    """Return the fields that a thing that was read is about; none where it is no filter."""
    if one.excluded:
        return _UNWANTED if one.kind is Kind.GENRE else ()
    if one.kind is Kind.MATURITY and isinstance(one.value, Range) and one.value.high is None:
        return ()  # there is a limit, and no least
    if one.kind is Kind.PERSON and one.certainty < CERTAIN:
        return ()  # nobody whom the catalog has
    return FIELDS.get(one.kind, ())


def is_hard(one: Found) -> bool:
    """Tell whether every result has to satisfy it.

    People never are: most have too few titles for an answer, and are named by plots too.
    """
    return one.certainty >= CERTAIN and one.kind is not Kind.PERSON


def with_moods(filters: Filters, moods: Iterable[str]) -> Filters:
    """Return ``filters`` with the genres that moods are mostly found in, where it has none."""
    genres = tuple(dict.fromkeys(genre for mood in moods for genre in MOODS.get(mood, ())))
    return (
        filters.model_copy(update={"genres": genres}) if genres and not filters.genres else filters
    )


def is_free(one: Found, filters: Filters) -> bool:
    """Tell whether ``filters`` say nothing yet about what was read."""
    return all(getattr(filters, name) == getattr(_NONE, name) for name in fields_of(one))


def applied(filters: Filters, read: Filters) -> Filters:
    """Return ``filters`` with every field of ``read`` that says anything."""
    said = {n: v for n in Filters.model_fields if (v := getattr(read, n)) != getattr(_NONE, n)}
    return filters.model_copy(update=said) if said else filters
