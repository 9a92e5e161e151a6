"""Catalog files that are alike but for their words: each part speaks a language of its own.

Equal rows of two parts have names of the same shape, other letters, and ids of their own, so that
all parts can lie in one catalog without meeting, and what became of them can be compared.
"""

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path

SYLLABLES = tuple("".join(pair) for pair in product("bcdfghklmnprstvz", "aeiou"))
COLUMNS = (
    *("id", "title", "type", "description", "release_year", "age_certification", "runtime"),
    *("genres", "production_countries", "seasons", "imdb_id", "imdb_score", "imdb_votes"),
    *("tmdb_popularity", "tmdb_score"),
)
KNOWN, CHANGED = range(40), range(30, 40)
NEW, LATE = range(40, 60), range(60, 80)
TWINS, NAMELESS, CLASHES = NEW, range(80, 95), range(5)
Row = dict[str, object]


@dataclass(frozen=True)
class Part:
    """One catalog of 120 rows, two pages, in two editions.

    The second edition repeats rows of the first, changes some, and brings new ones: some a second
    time under another listing, some without a title, some with the id of another title.
    """

    number: int

    @property
    def prefix(self) -> str:
        """What every listing of the part begins with, once it is known to be JustWatch's."""
        return f"jw:part{self.number}-"

    @property
    def ids(self) -> str:
        """What every IMDb id of the part begins with; three digits follow."""
        return f"tt7{self.number:04}"

    @cached_property
    def meanings(self) -> dict[str, str]:
        """What each text of the part's files is in any part."""
        rows = [*self.first(), *self.second()]
        named = {str(row["title"]): f"title {row['means']}" for row in rows}
        told = {str(row["description"]): f"overview {row['told']}" for row in rows}
        return named | told

    @cached_property
    def _language(self) -> dict[str, str]:
        spoken = list(SYLLABLES)
        random.Random(self.number).shuffle(spoken)
        return dict(zip(SYLLABLES, spoken, strict=True))

    def _words(self, meaning: str, count: int) -> str:
        chance = random.Random(meaning)
        return " ".join(
            "".join(self._language[s] for s in chance.choices(SYLLABLES, k=4)).title()
            for _ in range(count)
        )

    def _row(self, row: int, *, listing: str = "", means: str = "", edition: int = 1) -> Row:
        means = means or str(row)
        told = f"{means} of {edition}"
        return {
            "id": f"{self.prefix.removeprefix('jw:')}{listing or row}",
            "title": "" if row in NAMELESS else self._words(means, 3),
            "type": "MOVIE" if (row % 3 == 0) == means.startswith("clash") else "SHOW",
            "description": self._words(told, 12),
            "release_year": 1950 + row % 70,
            "runtime": 60 + row,
            "genres": "['drama', 'crime']" if row % 2 else "['comedy']",
            "production_countries": "['US']",
            "imdb_id": f"{self.ids}{row:03}",
            "imdb_score": round(5 + edition + row / 100, 1),
            "imdb_votes": 1_000 * edition,
            "means": means,
            "told": told,
        }

    def first(self) -> list[Row]:
        """Return the rows of the first edition."""
        return [self._row(row) for row in KNOWN]

    def second(self) -> list[Row]:
        """Return the rows of the second edition, those that belong together on one page."""
        known = [self._row(row, edition=2 if row in CHANGED else 1) for row in KNOWN]
        new = [self._row(row) for row in NEW]
        twins = [self._row(row, listing=f"twin{row}") for row in TWINS]
        clashes = [self._row(row, listing=f"clash{row}", means=f"clash {row}") for row in CLASHES]
        nameless = [self._row(row) for row in NAMELESS]
        return [*known, *new, *twins, *clashes, *nameless, *(self._row(row) for row in LATE)]


def write(file: Path, rows: Sequence[Row]) -> Path:
    """Write rows as a JustWatch export."""
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, COLUMNS, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return file


def first_editions(parts: Sequence[Part]) -> Iterator[Row]:
    """Yield the first editions of parts, for one file."""
    for part in parts:
        yield from part.first()
