"""Texts that many people use just now, and which of them lead to what may be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters.sql.reading import read
from shared.adapters.sql.search import SqlTitles
from shared.adapters.sql.statement import statement
from shared.kernel.clock import Clock, SystemClock
from shared.search.words import telling_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from shared.search.filters import Filters

RISING = statement(__file__, "rising")
LEADING = statement(__file__, "leading")
HALF_LIFE_HOURS = 6.0
MATCH_CAP = 500
TITLES_EACH = 20


class SqlAskedTexts:
    """`shared.search.analytics.trending.AskedTexts`, from ``popular_search`` and ``content``."""

    def __init__(self, engine: Engine | None = None, clock: Clock | None = None) -> None:
        self._engine = engine
        self._clock = clock or SystemClock()

    def rising(self, *, limit: int) -> Sequence[str]:
        """Return texts by how many people used them in the last day, of late most."""
        given = {"now": self._clock.now(), "half": HALF_LIFE_HOURS, "limit": limit}
        return [row.query for row in read(RISING(), given, what="trends", engine=self._engine)]

    def leading(self, texts: Sequence[str], filters: Filters) -> frozenset[str]:
        """Return those with all telling words in a title that passes every filter.

        Two statements. The `TITLES_EACH` best known titles of each text are judged, where all hard
        filters are; a text that only others would keep is left out.
        """
        words = {each: telling_words(each) for each in texts}
        asked = [(each, " & ".join(found)) for each, found in words.items() if found]
        given = {"asked": [q for _, q in asked], "cap": MATCH_CAP, "each": TITLES_EACH}
        rows = read(LEADING(), given, what="trends", engine=self._engine) if asked else []
        ids = list(dict.fromkeys(row.id for row in rows))
        titles = SqlTitles(self._engine, self._clock).candidates(ids, filters)
        shown = {title.id for title in titles}
        return frozenset(asked[row.place - 1][0] for row in rows if row.id in shown)
