"""What of a title can be compared with another."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from shared.catalog.item import CanonicalItem
from shared.catalog.values import ContentType
from shared.kernel.text import fold, title_key
from shared.matching.overview import Sketch, sketch

FILM = frozenset(
    {ContentType.MOVIE, ContentType.SHORT, ContentType.DOCUMENTARY, ContentType.SPECIAL}
)
_BREAK = re.compile(r"\s*:\s*|\s+[-\u2013\u2014]\s+")
PEOPLE = 5
"""How many people of each record are compared (spec/ingestion §5.5)."""


@lru_cache(maxsize=65536)
def person_key(name: str) -> str:
    """Return the form under which two spellings of one person's name meet."""
    return fold(name)


def family(content_type: str) -> str:
    """Return the group of types among which one title may be told apart only by detail.

    Sources disagree on whether a film is a documentary, a short or a special; none takes a film
    for a series.
    """
    return "film" if content_type in FILM else str(content_type)


@dataclass(frozen=True, slots=True)
class Facts:
    """One title's comparable features; None and empty mean that nothing is known.

    Attributes:
        content_type: A value of `ContentType`.
        keys: Title keys of every name it goes by, the main one first.
        original: Title key of the original title.
        year: Year of release.
        runtime: Minutes.
        genres: Canonical genres.
        countries: ISO 3166-1 alpha-2.
        people: Folded names of the first five credits.
        overview: Sketch of the overview.
        segments: Title keys of what stands before and after a colon or dash in a name.
    """

    content_type: str
    keys: tuple[str, ...]
    original: str | None = None
    year: int | None = None
    runtime: int | None = None
    genres: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    overview: Sketch = ()
    segments: tuple[str, ...] = ()

    @property
    def family(self) -> str:
        """The group of types it belongs to."""
        return family(self.content_type)

    def joined(self, other: "Facts") -> "Facts":
        """Return these facts with what only ``other`` knows."""
        return replace(
            self,
            content_type=self._type_with(other),
            keys=distinct((*self.keys, *other.keys)),
            original=self.original or other.original,
            year=self.year or other.year,
            runtime=self.runtime or other.runtime,
            genres=self.genres | other.genres,
            countries=self.countries or other.countries,
            people=self.people or other.people,
            overview=self.overview or other.overview,
            segments=distinct((*self.segments, *other.segments)),
        )

    def _type_with(self, other: "Facts") -> str:
        is_known = self.content_type != ContentType.UNKNOWN
        return self.content_type if is_known else other.content_type


def facts_of(item: CanonicalItem) -> Facts:
    """Return what one item says about its title."""
    names = [item.title, *([item.original_title] if item.original_title else [])]
    return Facts(
        content_type=item.content_type.value,
        keys=distinct(title_key(name) for name in (*names, *item.titles.values())),
        original=title_key(item.original_title) if item.original_title else None,
        year=item.release_year,
        runtime=item.runtime_minutes,
        genres=frozenset(item.genres),
        countries=frozenset(item.countries),
        people=frozenset(person_key(credit.name) for credit in item.credits[:PEOPLE]),
        overview=sketch(item.overview),
        segments=segments_of((*names, *item.titles.values())),
    )


def segments_of(names: Iterable[str]) -> tuple[str, ...]:
    """Return the title keys of the parts of names that consist of several."""
    return distinct(key for name in names for key in _segments(name))


@lru_cache(maxsize=16384)
def _segments(name: str) -> tuple[str, ...]:
    parts = _BREAK.split(name)
    return tuple(title_key(part) for part in parts if part.strip()) if len(parts) > 1 else ()


def distinct(keys: Iterable[str]) -> tuple[str, ...]:
    """Return what is no empty key, once each, in order."""
    return tuple(dict.fromkeys(filter(None, keys)))
