"""Everything that can be suggested, read in pages: a page is in memory, the catalogue never."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from shared.adapters.sql.reading import read
from shared.adapters.sql.statement import statement
from shared.catalog.platforms import platforms
from shared.kernel.clock import Clock, SystemClock
from shared.search.suggest.entries import (
    Entry,
    Kind,
    group_popularity,
    person_popularity,
    title_popularity,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

TITLES = statement(__file__, "titles")
PEOPLE = statement(__file__, "people")
GROUPS = statement(__file__, "groups")
WORDS = statement(__file__, "words")
PAGE = 2000
LEAST_OF_THEME = 3
LEAST_OF_WORD = 5
"""Titles whose overview has a word before it counts as one: slips of single authors are none."""


class SqlEntries:
    """What the dictionary is made of, as the catalogue stands now."""

    def __init__(self, clock: Clock | None = None, *, page: int = PAGE) -> None:
        self._clock, self._page = clock or SystemClock(), page

    def __iter__(self) -> Iterator[Entry]:
        """Yield every entry: titles, then people, then genres, themes and platforms.

        Raises:
            UnavailableError: The database does not answer.
        """
        yield from self._titles()
        yield from self._people()
        yield from self._groups()

    def known_words(self) -> list[str]:
        """Return the folded words of overviews that several titles have."""
        rows = read(WORDS(), {"least": LEAST_OF_WORD}, what="words")
        return [row.word for row in rows]

    def _titles(self) -> Iterator[Entry]:
        after = str(UUID(int=0))
        while True:
            (page,) = read(TITLES(), self._bound(after), what="titles of the dictionary")
            rows = orjson.loads(page.found)
            if not rows:
                return
            yield from map(_title, rows)
            after = rows[-1]["id"]

    def _people(self) -> Iterator[Entry]:
        after = ""
        while True:
            (page,) = read(PEOPLE(), self._bound(after), what="people of the dictionary")
            if page.last is None:
                return
            yield from map(_person, orjson.loads(page.found))
            after = page.last

    def _groups(self) -> Iterator[Entry]:
        bound = {"least": LEAST_OF_THEME, "now": self._clock.now()}
        rows = read(GROUPS(), bound, what="groups of the dictionary")
        most: dict[str, int] = {}
        for row in rows:
            most[row.kind] = max(row.titles, most.get(row.kind, 0))
        for row in rows:
            yield _group(row, most[row.kind])

    def _bound(self, after: str) -> dict[str, Any]:
        return {"after": after, "most": self._page, "now": self._clock.now()}


def _title(row: dict[str, Any]) -> Entry:
    return Entry(
        text=row["title"],
        kind=Kind.TITLE,
        popularity=title_popularity(row["popularity"], row["votes"]),
        others=tuple(row["names"]),
        content_id=UUID(row["id"]),
        regions=frozenset(row["regions"]),
        maturity_rank=row["maturity"],
        genres=frozenset(row["genres"]),
    )


def _person(row: dict[str, Any]) -> Entry:
    best = title_popularity(row["popularity"], row["votes"])
    return Entry(
        text=row["name"],
        kind=Kind.PERSON,
        popularity=person_popularity(best, row["titles"]),
        regions=frozenset(row["regions"]),
    )


def _group(row: Any, most: int) -> Entry:  # noqa: ANN401 - a row
    kind = Kind(row.kind)
    known = platforms().get(row.value) if kind is Kind.PLATFORM else None
    return Entry(
        text=known.name if known else row.value,
        kind=kind,
        popularity=group_popularity(row.titles, most),
        others=(row.value.replace("_", " "),) if kind is Kind.PLATFORM else (),
        regions=frozenset(row.regions) if kind is Kind.PLATFORM else None,
        genres=frozenset({row.value}) if kind is Kind.GENRE else frozenset(),
    )
