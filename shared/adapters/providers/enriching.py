"""Titles that nobody has confirmed for a week, asked for again by their TMDB ids."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from shared.adapters.providers.walking import GROUP
from shared.adapters.sql.statement import statement, translated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Engine

    from shared.adapters.providers.tmdb import Tmdb
    from shared.kernel.clock import Clock

DUE = statement(__file__, "enriching_due")
STALE = timedelta(days=7)
MOST = 5_000
"""Titles of one run; what is left is stale tomorrow, too."""
LISTS = {"movie": "tmdb_movie", "tv": "tmdb_tv"}


class DueTitles:
    """Ids of stale titles, those that nobody confirmed for longest first.

    Which these are is asked once a run: titles that are confirmed meanwhile keep their place.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._before = clock.now() - STALE
        self._found: dict[str, list[str]] = {}

    def ids(self, id_type: str) -> Sequence[str]:
        """Return the ids of one type."""
        if id_type not in self._found:
            given = {"id_type": id_type, "before": self._before, "most": MOST}
            with translated("content"), self._engine.connect() as connection:
                rows = connection.execute(DUE(), given)
                self._found[id_type] = [row.id_value for row in rows]
        return self._found[id_type]


class EnrichmentLists:
    """`shared.adapters.providers.walking.Lists`: stale titles with their details."""

    names: Sequence[str] = tuple(LISTS)

    def __init__(self, service: Tmdb, due: DueTitles) -> None:
        self._service = service
        self._due = due

    def page(self, name: str, number: int) -> tuple[Sequence[str], bool]:
        """Return the ids of a page of the stale ones, and whether there is another."""
        found = self._due.ids(LISTS[name])
        start = (number - 1) * GROUP
        return found[start : start + GROUP], len(found) > start + GROUP

    def record(self, name: str, own_id: str) -> Mapping[str, Any] | None:
        """Return a title with its parts."""
        return self._service.title(name, own_id)
