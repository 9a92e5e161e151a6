"""Names of titles for catalogs larger than any that is here, made of real ones.

The beginning of one real title goes with the end of another, and with the year and type of the
first; some stay whole and get another's year. 92,669 distinct titles of TMDB, JustWatch, IMDb and
four platforms lie in ``../shared/data``, which is no part of this repository.
"""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from shared.catalog.values import ContentType
from shared.kernel.text import title_key
from tests.benchmarks.machine import ROOT

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence
    from pathlib import Path

DATA = ROOT.parent / "shared" / "data"
CORPUS = "search/tmdb_corpus.jsonl.gz"
CATALOGS = "catalog/*_20[0-9][0-9]/*.csv.gz"
WHOLE = 1 / 6
"""Share of titles that keep a real one's whole name."""
TWINS = 1 / 10
"""Share of titles of a name, type and year that another has which stay so."""
TRIES = 100


@dataclass(frozen=True)
class Known:
    """What of a title decides which others it meets."""

    title: str
    year: int
    content_type: ContentType


def real_titles(chance: random.Random, folder: Path = DATA) -> list[Known]:
    """Return distinct real titles in random order; none where the folder is not there."""
    found = {(title_key(one.title), one.year, one.content_type): one for one in _read(folder)}
    titles = [one for _, one in sorted(found.items()) if title_key(one.title)]
    chance.shuffle(titles)
    return titles


def _read(folder: Path) -> Iterator[Known]:
    if not (folder / CORPUS).is_file():
        return
    with gzip.open(folder / CORPUS, "rt", encoding="utf-8") as lines:
        for film in map(json.loads, lines):
            yield from _known(film["title"], film.get("year"), is_film=True)
    for file in sorted(folder.glob(CATALOGS)):
        with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                year = row.get("release_year") or row.get("releaseYear")
                yield from _known(row["title"], year, is_film=row["type"].lower() == "movie")


def _known(title: str, year: str | int | None, *, is_film: bool) -> Iterator[Known]:
    if str(year or "").isdigit():
        kind = ContentType.MOVIE if is_film else ContentType.SERIES
        yield Known(title, int(str(year)), kind)


def others(real: Sequence[Known], chance: random.Random) -> Iterator[Known]:
    """Yield titles that meet those before them as real ones do, without end.

    Names that two titles bear are as frequent as real ones', but nearly all of theirs lie years
    apart: of 63,889 films of TMDB .4 % have another's name and year.
    """
    taken: set[tuple[str, int, ContentType]] = set()
    while True:
        one = _apart(another(real, chance), real, chance, taken)
        if one is not None:
            taken.add(_told(one))
            yield one


def _told(one: Known) -> tuple[str, int, ContentType]:
    return title_key(one.title), one.year, one.content_type


def _apart(
    one: Known,
    real: Sequence[Known],
    chance: random.Random,
    taken: set[tuple[str, int, ContentType]],
) -> Known | None:
    """Return a title in a year in which none has its name, but for twins; None where all have."""
    if _told(one) not in taken or chance.random() < TWINS:
        return one
    years = (chance.choice(real).year for _ in range(TRIES))
    moved = (replace(one, year=year) for year in years)
    return next((found for found in moved if _told(found) not in taken), None)


def another(real: Sequence[Known], chance: random.Random) -> Known:
    """Return a title made of real ones."""
    first, second = chance.choices(real, k=2)
    if chance.random() < WHOLE:
        return Known(first.title, second.year, second.content_type)
    left, right = first.title.split(), second.title.split()
    return Known(_joined(left, right, chance), first.year, first.content_type)


def _joined(left: Sequence[str], right: Sequence[str], chance: random.Random) -> str:
    """Return the beginning of one name with the end of another, of as many words as the one."""
    if len(left) > 1:
        kept = chance.randrange(1, len(left))
        return " ".join((*left[:kept], *right[kept - len(left) :]))
    ((word, *_), (end, *others)) = left, right
    return word if others else word[: (len(word) + 1) // 2] + end[len(end) // 2 :]
