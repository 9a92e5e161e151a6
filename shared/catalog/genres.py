"""Genres: what sources call them, brought into the canonical taxonomy (spec/ingestion §5.4).

The names are data (``data/genres.json``): a map for all platforms and overrides per platform. A
name is looked up whole, then without words that say nothing of a genre ("TV", "Movies"), then by
likeness. What is still unknown is a theme, and counted: each week somebody looks at what platforms
say that the maps lack.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import orjson
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from shared.catalog.values import GENRES
from shared.kernel.text import clean, fold

MAX_GENRES = 5
LIKENESS = 0.8
"""Least normalized Levenshtein similarity at which a name counts as misspelled, not unknown."""
SHORTEST_FUZZY = 5
LONGEST_THEME = 60
_FILLERS = frozenset({"tv", "movie", "movies", "show", "shows", "series", "features", "genre"})
_TAXONOMY = frozenset(GENRES)


@dataclass(frozen=True)
class GenreMapping:
    """What the names of one title came to.

    Attributes:
        genres: At most five of `GENRES`, in the order of the source.
        themes: Everything else, lower case, in the order of the source.
        unknown: Those of the themes of which the maps say nothing.
    """

    genres: tuple[str, ...]
    themes: tuple[str, ...]
    unknown: tuple[str, ...] = ()


Misses = Counter[tuple[str, str]]
"""How often platforms said names that the maps lack; ``""`` is the platform of no platform."""
_counted: ContextVar[Misses | None] = ContextVar("genre_misses", default=None)


@contextmanager
def counting_misses() -> Iterator[Misses]:
    """Count the names that are mapped in the block and not known, by platform."""
    found: Misses = Counter()
    token = _counted.set(found)
    try:
        yield found
    finally:
        _counted.reset(token)


def map_genres(names: Iterable[str], *, platform: str | None = None) -> GenreMapping:
    """Return the genres and themes that ``names`` stand for; mapping the result changes nothing."""
    found, counted = _mapped(tuple(names), platform), _counted.get()
    if counted is not None:
        counted.update((platform or "", name) for name in found.unknown)
    return found


def forget() -> None:
    """Forget what was mapped before, for a benchmark that wants the first time again."""
    _mapped.cache_clear()
    _meanings.cache_clear()


@lru_cache(maxsize=16384)
def _mapped(names: tuple[str, ...], platform: str | None) -> GenreMapping:
    told = [_meanings(name, platform) for name in names]
    meanings = dict.fromkeys(m for known, found in told for m in found)
    genres = tuple(m for m in meanings if m in _TAXONOMY)
    return GenreMapping(
        genres=genres[:MAX_GENRES],
        themes=tuple(m for m in meanings if m not in _TAXONOMY),
        unknown=tuple(dict.fromkeys(m for known, found in told if not known for m in found)),
    )


@lru_cache(maxsize=8192)
def _meanings(name: str, platform: str | None) -> tuple[bool, tuple[str, ...]]:
    """Return whether the maps know a name, and what it stands for."""
    folded = fold(name)
    known = _names(platform)
    shorter = " ".join(word for word in folded.split() if word not in _FILLERS)
    for candidate in (folded, shorter):
        if candidate in known:
            return True, known[candidate]
    alike = _alike(shorter, platform)
    if alike is not None:
        return True, known[alike]
    theme = clean(name).lower()[:LONGEST_THEME]
    return False, () if not shorter or folded.isdigit() else (theme,)


def _alike(name: str, platform: str | None) -> str | None:
    """Return the known name that ``name`` misspells; both sides have at least five letters."""
    if len(name) < SHORTEST_FUZZY:
        return None
    found = process.extractOne(
        name,
        _long_names(platform),
        scorer=Levenshtein.normalized_similarity,
        score_cutoff=LIKENESS,
    )
    return None if found is None else found[0]


@cache
def _long_names(platform: str | None) -> tuple[str, ...]:
    return tuple(name for name in _names(platform) if len(name) >= SHORTEST_FUZZY)


@cache
def _names(platform: str | None) -> Mapping[str, tuple[str, ...]]:
    """Return the meanings of every known folded name; a canonical name always means itself."""
    data = _data()
    known = {**data["common"], **data["platforms"].get(platform, {})}
    canonical = {fold(genre): (genre,) for genre in GENRES}
    return {**{name: tuple(meanings) for name, meanings in known.items()}, **canonical}


@cache
def _data() -> Any:  # noqa: ANN401 - JSON
    return orjson.loads((Path(__file__).parent / "data" / "genres.json").read_bytes())
