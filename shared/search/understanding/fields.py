"""Which filters what was read speaks of, beside those that the request has of its own."""

from collections.abc import Mapping

from shared.search.filters import Filters
from shared.search.intent.model import Found, Kind, Range

FIELDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.PLATFORM: ("platforms",),
    Kind.GENRE: ("genres",),
    Kind.YEARS: ("year_from", "year_to", "years"),
    Kind.RUNTIME: ("min_runtime", "max_runtime"),
    Kind.MATURITY: ("content_rating_limit",),
    Kind.RATING: ("min_rating", "max_rating", "ratings"),
    Kind.CONTENT: ("content_types",),
    Kind.OFFER: ("free_only", "availability_types"),
    Kind.LEAVING: ("leaving_days",),
    Kind.ADDED: ("added_days",),
    Kind.REGION: ("region",),
    Kind.LANGUAGE: ("languages",),
}
"""Fields of `Filters` by what they filter by: who sets one of them has said all about it."""
_UNWANTED = ("blocked_genres",)
_NONE = Filters()


def fields_of(one: Found) -> tuple[str, ...]:
    """Return the fields that a thing that was read is about; none where it is no filter."""
    if one.excluded:
        return _UNWANTED if one.kind is Kind.GENRE else ()
    if one.kind is Kind.MATURITY and isinstance(one.value, Range) and one.value.high is None:
        return ()  # there is a limit, and no least
    return FIELDS.get(one.kind, ())


def is_free(one: Found, filters: Filters) -> bool:
    """Tell whether ``filters`` say nothing yet about what was read."""
    return all(getattr(filters, name) == getattr(_NONE, name) for name in fields_of(one))


def applied(filters: Filters, read: Filters) -> Filters:
    """Return ``filters`` with every field of ``read`` that says anything."""
    said = {n: v for n in Filters.model_fields if (v := getattr(read, n)) != getattr(_NONE, n)}
    return filters.model_copy(update=said) if said else filters
