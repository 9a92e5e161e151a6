"""Chips: what was read, as a viewer sees it and may take it away."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from shared.catalog.platforms import platforms
from shared.catalog.values import ContentType
from shared.kernel.text import fold
from shared.search.intent.lexicon import languages
from shared.search.intent.model import Found, Kind, Person, Range, Value

_CONTENT = {ContentType.MOVIE: "Films", ContentType.SERIES: "Series", ContentType.SHORT: "Shorts"}
_RANKS = ("G", "PG", "PG-13", "R", "NC-17")
_OFFERS = {"rental": "To rent", "purchase": "To buy", "subscription": "With a subscription"}


def chip_id(one: Found) -> str:
    """Return the id of what was read: its kind and what it says, without commas and spaces."""
    said = "-".join(fold(part).replace(" ", "-") or "any" for part in _parts(one.value))
    return f"{'not-' if one.excluded else ''}{one.kind}:{said}"


def _parts(value: Value) -> list[str]:
    if isinstance(value, Range):
        return ["" if end is None else f"{end:g}" for end in (value.low, value.high)]
    if isinstance(value, Person):
        return [value.name]
    return [str(each) for each in value] if isinstance(value, tuple) else [str(value)]


def chip_value(value: Value) -> Any:  # noqa: ANN401 - whatever JSON can say
    """Return what was read as JSON has it."""
    if isinstance(value, Range):
        return {"low": value.low, "high": value.high}
    if isinstance(value, Person):
        return {"name": value.name, "role": str(value.role)}
    if isinstance(value, tuple):
        return [str(each) for each in value]
    return value if isinstance(value, int) else str(value)


def label(one: Found) -> str:
    """Return what was read as a viewer reads it."""
    said = _LABELS.get(one.kind, str)(one.value)
    return f"Not {said}" if one.excluded else said


def _ends(between: str, least: str, most: str) -> Callable[[Any], str]:
    """Return how a range reads that has both ends, the lower or the upper one."""

    def said(value: Range) -> str:
        low, high = value.low, value.high
        if low == high:
            return between.format(f"{low:g}")
        if low is not None and high is not None:
            return between.format(f"{low:g}-{high:g}")
        return least.format(f"{low:g}") if low is not None else most.format(f"{high:g}")

    return said


def _maturity(value: Range) -> str:
    low, high = (None if end is None else _RANKS[int(end)] for end in (value.low, value.high))
    if low == high:
        return str(low)
    return f"Up to {high}" if high is not None else f"From {low}"


def _offers(value: Any) -> str:  # noqa: ANN401 - what the kind says it is
    return " or ".join(dict.fromkeys(_OFFERS.get(each, "Free") for each in value))


def _platform(value: Any) -> str:  # noqa: ANN401
    known = platforms().get(value)
    return value if known is None else known.name


@cache
def _languages() -> Mapping[str, str]:
    return {tag: said.capitalize() for said, tag in languages().items()}


_LABELS: Mapping[Kind, Callable[[Any], str]] = {
    Kind.PLATFORM: _platform,
    Kind.GENRE: ", ".join,
    Kind.MOOD: str.capitalize,
    Kind.YEARS: _ends("{}", "Since {}", "Until {}"),
    Kind.RUNTIME: _ends("{} min", "At least {} min", "At most {} min"),
    Kind.MATURITY: _maturity,
    Kind.RATING: _ends("Rated {}", "Rated {} or more", "Rated {} or less"),
    Kind.PERSON: lambda value: value.name,
    Kind.REFERENCE: "Like {}".format,
    Kind.CONTENT: lambda value: _CONTENT.get(value, f"{value}".capitalize()),
    Kind.OFFER: _offers,
    Kind.LEAVING: "Leaving within {} days".format,
    Kind.ADDED: "Added within {} days".format,
    Kind.REGION: "In {}".format,
    Kind.LANGUAGE: lambda value: _languages().get(value, value),
}
