"""The merged record of one title, and what one item says in the same form."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

import orjson

from shared.catalog.item import CanonicalItem
from shared.kernel.text import title_key
from shared.matching.facts import PEOPLE, Facts, person_key, segments_of
from shared.matching.overview import sketch

SCALARS = (
    "content_type",
    "title",
    "original_title",
    "overview",
    "release_year",
    "release_date",
    "runtime_minutes",
    "average_rating",
    "vote_count",
    "popularity_score",
    "series_seasons",
    "series_episodes",
    "series_status",
)
LISTS = ("titles", "genres", "themes", "moods", "countries", "people", "images", "ratings")
DIGITS = 4
"""Decimals kept of a rating: what single precision gives back unchanged."""

Person = tuple[str, str, str | None]
"""Name, role, character."""
Picture = tuple[str, int]
"""Kind and width."""
Verdict = tuple[str, str]
"""Region and system."""


@dataclass(frozen=True, slots=True)
class Record:
    """One title as it is kept. Values are what JSON can say; dates are written ``YYYY-MM-DD``.

    Attributes:
        scalars: Value by field of `SCALARS`; absent or None is unknown.
        titles: Further names by locale.
        genres: Canonical genres in order.
        themes: Everything else a source files it under.
        moods: Moods.
        countries: ISO 3166-1 alpha-2.
        people: Credits in order.
        images: Address by kind and width.
        ratings: Verdict by region and system.
        is_original: Made for the platform that carries it.
        sample: Only sample data speaks of it.
        owners: Source by field.
    """

    scalars: Mapping[str, Any]
    titles: Mapping[str, str]
    genres: tuple[str, ...]
    themes: tuple[str, ...]
    moods: tuple[str, ...]
    countries: tuple[str, ...]
    people: tuple[Person, ...]
    images: Mapping[Picture, str]
    ratings: Mapping[Verdict, str]
    is_original: bool
    sample: bool
    owners: Mapping[str, str]

    def digest(self) -> bytes:
        """Return 16 bytes that change when anything a reader can see changes."""
        scalars = [self.scalars.get(name) for name in SCALARS]
        lists = [self.genres, self.themes, self.moods, self.countries, self.people]
        maps = [sorted(m.items()) for m in (self.titles, self.images, self.ratings)]
        seen = orjson.dumps([scalars, lists, maps, self.is_original, self.sample])
        return blake2b(seen, digest_size=16).digest()

    def names(self) -> list[str]:
        """Return every name it goes by, the main one first."""
        title, original = self.scalars["title"], self.scalars.get("original_title")
        return [title, *([original] if original else []), *self.titles.values()]

    def keys(self) -> tuple[str, ...]:
        """Return the title keys of its names, the main one first."""
        return tuple(dict.fromkeys(title_key(name) for name in self.names()))

    def facts(self) -> Facts:
        """Return what can be compared."""
        original = self.scalars.get("original_title")
        return Facts(
            content_type=self.scalars["content_type"],
            keys=self.keys(),
            original=title_key(original) if original else None,
            year=self.scalars.get("release_year"),
            runtime=self.scalars.get("runtime_minutes"),
            genres=frozenset(self.genres),
            countries=frozenset(self.countries),
            people=frozenset(person_key(name) for name, _, _ in self.people[:PEOPLE]),
            overview=sketch(self.scalars.get("overview")),
            segments=segments_of(self.names()),
        )


def record_of(item: CanonicalItem) -> Record:
    """Return what one item says of its title, everything owned by its source."""
    maturity = item.maturity
    said = Record(
        scalars=_scalars(item),
        titles={locale: name for locale, name in item.titles.items() if name},
        genres=_distinct(item.genres),
        themes=_distinct(item.themes),
        moods=_distinct(item.moods),
        countries=_distinct(item.countries),
        people=_people(item),
        images={(image.kind.value, image.width): image.url for image in item.images},
        ratings={(item.region, maturity.system): maturity.value} if maturity else {},
        is_original=item.is_original,
        sample=item.sample,
        owners={},
    )
    filled = [*said.scalars, *(name for name in LISTS if getattr(said, name))]
    return replace(said, owners=dict.fromkeys(filled, item.source.provider))


def _people(item: CanonicalItem) -> tuple[Person, ...]:
    ordered = sorted(item.credits, key=lambda credit: credit.order)
    return tuple((credit.name, credit.role.value, credit.character) for credit in ordered)


def _scalars(item: CanonicalItem) -> dict[str, Any]:
    series = item.series
    said = {
        "content_type": item.content_type.value,
        "title": item.title,
        "original_title": item.original_title,
        "overview": item.overview or None,
        "release_year": item.release_year,
        "release_date": item.release_date.isoformat() if item.release_date else None,
        "runtime_minutes": item.runtime_minutes,
        "average_rating": _rounded(item.user_rating),
        "vote_count": item.vote_count,
        "popularity_score": _rounded(item.popularity),
        "series_seasons": series.seasons if series else None,
        "series_episodes": series.episodes if series else None,
        "series_status": series.status if series else None,
    }
    return {name: value for name, value in said.items() if value is not None}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, values)))
