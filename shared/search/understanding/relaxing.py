"""What is given up of the filters that were read where too few titles satisfy them all.

In this order: years; genres, for their siblings; ratings, runtime, language and kind of title; and
last where a title can be watched, whose titles are told apart ("also on other services"). Never
given up is what the request itself filters by, nor what must not be seen: maturity and unwanted
genres (spec/discovery §5.8).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.search.filters import Filters
from shared.search.intent.model import Kind
from shared.search.understanding.fields import FIELDS
from shared.search.understanding.model import Understood

FEW = 20
"""Fewer titles than this, and what was read is relaxed."""
SERVICES = frozenset({Kind.PLATFORM, Kind.OFFER, Kind.REGION, Kind.LEAVING, Kind.ADDED})
_RUNGS = (
    frozenset({Kind.YEARS}),
    frozenset({Kind.GENRE}),
    frozenset({Kind.RATING, Kind.RUNTIME, Kind.LANGUAGE, Kind.CONTENT}),
)
SIBLINGS: Mapping[str, tuple[str, ...]] = {
    "Action": ("Adventure", "Thriller"),
    "Adventure": ("Action", "Fantasy"),
    "Animation": ("Family",),
    "Comedy": ("Romance", "Family"),
    "Crime": ("Thriller", "Mystery"),
    "Documentary": ("History", "News"),
    "Drama": ("Romance", "History"),
    "Family": ("Animation", "Comedy"),
    "Fantasy": ("Adventure", "Science Fiction"),
    "History": ("War", "Drama"),
    "Horror": ("Thriller", "Mystery"),
    "Music": ("Comedy", "Drama"),
    "Mystery": ("Crime", "Thriller"),
    "Romance": ("Drama", "Comedy"),
    "Science Fiction": ("Fantasy", "Adventure"),
    "Thriller": ("Crime", "Mystery"),
    "War": ("History", "Action"),
    "Western": ("Adventure", "Action"),
    "Reality": ("Documentary",),
    "Talk Show": ("News", "Comedy"),
    "News": ("Talk Show", "Documentary"),
    "Sports": ("Documentary",),
}
"""What else who asks for a genre may like: a judgment, two at most each."""


@dataclass(frozen=True)
class Step:
    """Filters of which something was given up.

    Attributes:
        kinds: All that was.
        filters: What is left.
    """

    kinds: frozenset[Kind]
    filters: Filters


def ladder(asked: Understood, *, elsewhere: bool) -> list[Step]:
    """Return ever looser filters, the first step the one that gives up least; empty for none.

    Args:
        asked: With the filters that too few titles satisfy.
        elsewhere: Begin with where a title can be watched, which is not given up otherwise.
    """
    read = {one.kind for one in asked.found if not one.excluded}
    steps: list[Step] = []
    filters, given_up = asked.filters, frozenset[Kind]()
    for rung in (*((SERVICES,) if elsewhere else ()), *_RUNGS):
        looser = filters.model_copy(update=_loosened(filters, asked.given, rung & read))
        if looser != filters:
            filters, given_up = looser, given_up | (rung & read)
            steps.append(Step(given_up, filters))
    return steps


def _loosened(filters: Filters, given: Filters, kinds: frozenset[Kind]) -> dict[str, Any]:
    fields = [name for kind in kinds - {Kind.GENRE} for name in FIELDS[kind]]
    loosened = {name: getattr(given, name) for name in fields}
    if Kind.GENRE in kinds:
        loosened["genres"] = with_siblings(filters.genres)
    return loosened


def with_siblings(genres: Sequence[str]) -> tuple[str, ...]:
    """Return genres and those beside them, each once."""
    near = [sibling for genre in genres for sibling in SIBLINGS[genre]]
    return tuple(dict.fromkeys((*genres, *near)))
