"""Titles of a file, as far as finding them by name goes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import log1p
from pathlib import Path
from typing import Any

from shared.kernel.errors import InvalidInputError
from shared.kernel.text import fold
from shared.matching.evaluation import files
from shared.search.suggest.entries import title_popularity

TRENDING = 1000.0
"""Raw popularity that counts as 1, on a logarithmic scale, as where such files are ingested."""


@dataclass(frozen=True)
class Known:
    """A title of a corpus.

    Attributes:
        names: The main one first.
        popularity: 0 to 1, as for suggestions.
        votes: How many rated it.
        trending: Popularity alone, 0 to 1.
    """

    names: tuple[str, ...]
    popularity: float
    votes: float
    trending: float
    people: frozenset[str]
    genres: frozenset[str]


def read_corpus(path: Path) -> Iterator[Known]:
    """Yield the titles of a catalog: CSV with a column ``title``, or JSON lines; ``.gz`` too.

    Votes and popularity are read from ``imdb_votes``, ``imdbNumVotes`` or ``vote_count`` and from
    ``tmdb_popularity`` or ``popularity``, where there are any.

    Raises:
        InvalidInputError: The file has another shape.
    """
    lines = ".json" in path.name
    rows: Any = files.objects(path) if lines else files.table(path, ("title",))
    for row in rows:
        if not isinstance(row.get("title", ""), str):
            raise InvalidInputError(f"{path}: a title is no text")
        if fold(row.get("title") or ""):
            yield _known(row)


def _known(row: Mapping[str, Any]) -> Known:
    votes = _number(row, "vote_count", "imdb_votes", "imdbNumVotes")
    raw = _number(row, "tmdb_popularity", "popularity")
    trending = min(1.0, log1p(raw) / log1p(TRENDING))
    others = (row.get("original_title"), *_list(row, "alt_titles"))
    return Known(
        names=(row["title"], *(name for name in others if name)),
        popularity=title_popularity(trending, int(votes)),
        votes=votes,
        trending=trending,
        people=frozenset((*_list(row, "cast"), *_list(row, "director"))),
        genres=frozenset(_list(row, "genres")),
    )


def _list(row: Mapping[str, Any], name: str) -> list[str]:
    """Return a list of texts; other files write lists as they please, and are not asked."""
    found = row.get(name)
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _number(row: Mapping[str, Any], *names: str) -> float:
    for name in names:
        try:
            return max(0.0, float(row[name]))
        except (KeyError, TypeError, ValueError):
            continue
    return 0.0
