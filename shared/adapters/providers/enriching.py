"""Titles that nobody has confirmed for a week, asked for again by their TMDB ids."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from shared.adapters.providers.kept import Told
from shared.adapters.providers.walking import GROUP
from shared.adapters.sql.statement import statement, translated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Engine, TextClause

    from shared.adapters.providers.tmdb import Tmdb
    from shared.kernel.clock import Clock

DUE = statement(__file__, "enriching_due")
DUE_SERIES = statement(__file__, "enriching_series")
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
        return self._once(id_type, DUE(), {"id_type": id_type})

    def series(self) -> Sequence[str]:
        """Return the ids at TMDB of series of whose parts it has told nothing for a week."""
        return self._once("series", DUE_SERIES(), {})

    def _once(self, name: str, what: TextClause, given: Mapping[str, Any]) -> Sequence[str]:
        if name not in self._found:
            bound = {**given, "before": self._before, "most": MOST}
            with translated("content"), self._engine.connect() as connection:
                self._found[name] = [row.id_value for row in connection.execute(what, bound)]
        return self._found[name]


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

    def record(self, name: str, own_id: str) -> Told | None:
        """Return a title with its parts."""
        return self._service.title(name, own_id)


class EpisodeLists:
    """`shared.adapters.providers.walking.Lists`: seasons of series, with their episodes."""

    names: Sequence[str] = ("tv",)

    def __init__(self, service: Tmdb, due: DueTitles) -> None:
        self._service = service
        self._due = due

    def page(self, _name: str, number: int) -> tuple[Sequence[str], bool]:
        """Return the series on a page, and whether there is another."""
        found = self._due.series()
        start = (number - 1) * GROUP
        return found[start : start + GROUP], len(found) > start + GROUP

    def record(self, _name: str, own_id: str) -> Told | None:
        """Return a series' seasons as the parts of one record, None where there are none."""
        seasons = self._service.seasons(own_id)
        return Told({"results": seasons}) if seasons else None
