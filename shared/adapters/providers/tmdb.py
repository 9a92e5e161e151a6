"""TMDB API v3 over HTTP: lists of ids, and details with what our normalizer reads of them.

TMDB asks for attribution wherever its data is shown, and for the source of ``watch/providers`` to
be named (terms of use of the API).
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from shared.adapters.providers.calling import Caller, ProviderApi
from shared.catalog.feeds.fields import at
from shared.catalog.ports import Delivery
from shared.catalog.services import codes_of
from shared.kernel.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shared.adapters.providers.kept import Told
    from shared.adapters.providers.walking import Span

logger = logging.getLogger(__name__)

TITLE = "title"
TRENDING_PAGES = 5
"""Of twenty titles each, of a list that has no end."""
MOST_APPENDED = 20
"""TMDB appends no more answers to one."""
MOST_PAGES = 500
"""TMDB gives no later page of a list."""
SLICES = (0, 1980, 2000, 2010, 2015, 2018, 2020, 2022, 2024, 2026)
"""First years of the parts that a catalog is listed in, so that none has too many pages."""
_DATE = {"movie": "primary_release_date", "tv": "first_air_date"}
_APPENDED = {
    "movie": "external_ids,credits,release_dates,watch/providers",
    "tv": "external_ids,credits,content_ratings,watch/providers",
}


class Tmdb(ProviderApi):
    """The service's calls.

    Args:
        base_url: Where it is, with its version (``…/3``).
        key: An API read access token.
        caller: How it is called.
    """

    name = "tmdb"

    def __init__(self, base_url: str, key: str, caller: Caller) -> None:
        super().__init__(base_url, {"Authorization": f"Bearer {key}"}, caller)

    def title(self, kind: str, number: str, *, anew: bool = False) -> Told | None:
        """Return a movie or series with its parts, None where it is gone.

        Args:
            kind: ``movie`` or ``tv``.
            number: TMDB's own id in that namespace.
            anew: A kept answer is not good enough.
        """
        query = {"append_to_response": _APPENDED[kind]}
        return self.found(f"/{kind}/{number}", query, call=TITLE, anew=anew)

    def seasons(self, number: str) -> list[Mapping[str, Any]]:
        """Return the seasons of a series with their episodes, each with its series' id and genres.

        One call for what there is, and one for each twenty seasons.
        """
        path = f"/tv/{number}"
        told = self.find(path, {}) or {}
        numbers = [one["season_number"] for one in told.get("seasons") or () if _is_season(one)]
        found: list[Mapping[str, Any]] = []
        for start in range(0, len(numbers), MOST_APPENDED):
            names = [f"season/{n}" for n in numbers[start : start + MOST_APPENDED]]
            answer = self.find(path, {"append_to_response": ",".join(names)}) or {}
            # A season's answer does not say whose it is, nor of what genre.
            series = {"show_id": int(number), "genres": told.get("genres") or []}
            found += [{**answer[name], **series} for name in names if name in answer]
        return found


def _is_season(told: object) -> bool:
    return isinstance(told, dict) and isinstance(told.get("season_number"), int)


class TmdbTrending:
    """`shared.catalog.ports.PageSource`: what is popular on a day, as lists tell of it.

    A hundred films and a hundred series; each page costs one call, for no title is asked for by
    itself. A cursor is a list and a page (``tv/3``).
    """

    def __init__(self, service: Tmdb) -> None:
        self._service = service

    def pages(self, cursor: str | None) -> Iterator[Delivery]:
        """Yield the pages after ``cursor``.

        Raises:
            InvalidInputError: The cursor is none of these lists'.
        """
        kind, _, page = (cursor or f"{next(iter(_DATE))}/1").partition("/")
        if kind not in _DATE or not page.isdecimal():
            raise InvalidInputError(f"the cursor {cursor!r} is of none of {', '.join(_DATE)}")
        place: tuple[str, int] | None = (kind, int(page))
        while place:
            kind, number = place
            answer = self._service.get(f"/trending/{kind}/day", {"page": str(number)})
            last = number >= min(TRENDING_PAGES, int(answer.get("total_pages", 0)))
            left = list(_DATE)[list(_DATE).index(kind) + 1 :]
            place = (kind, number + 1) if not last else (left[0], 1) if left else None
            following = f"{place[0]}/{place[1]}" if place else None
            yield Delivery(self._service.listed(answer, "results"), next_cursor=following)


class TmdbCatalog:
    """`shared.adapters.providers.walking.Lists`: titles that a platform carries in a country.

    A list is of one kind and a part of the years (``movie.2010``), oldest first: what comes out
    while the list is walked stands at its end.
    """

    def __init__(self, service: Tmdb, *, platform: str, region: str) -> None:
        self._service = service
        self._region, self._carriers = region, frozenset(codes_of("tmdb", platform))
        carriers = "|".join(codes_of("tmdb", platform))
        self._query = {"watch_region": region, "with_watch_providers": carriers}
        self.names: Sequence[str] = [f"{kind}.{year}" for kind in _DATE for year in SLICES]

    def page(self, name: str, number: int) -> tuple[Sequence[str], bool]:
        """Return the ids on a page of a list, and whether there is another."""
        kind, _, first = name.partition(".")
        query = {**self._query, **_years(_DATE[kind], int(first)), "page": str(number)}
        answer = self._service.get(f"/discover/{kind}", query)
        found = [str(entry["id"]) for entry in self._service.listed(answer, "results")]
        more = number < int(answer.get("total_pages", 0))
        if more and number >= MOST_PAGES:
            logger.warning("tmdb.list_cut", extra={"list": name, "pages": answer["total_pages"]})
        return found, more and number < MOST_PAGES

    def record(self, name: str, own_id: str) -> Told | None:
        """Return a title with its parts; one kept from before it was listed is asked anew."""
        kind = name.partition(".")[0]
        told = self._service.title(kind, own_id)
        if told is None or told.at is None or self._is_carried(told.answer):
            return told
        return self._service.title(kind, own_id, anew=True)

    def _is_carried(self, record: Mapping[str, Any]) -> bool:
        ways = at(record, f"watch/providers.results.{self._region}")
        terms = ways.values() if isinstance(ways, dict) else ()
        named = (way for term in terms if isinstance(term, list) for way in term)
        return any(str(at(way, "provider_id")) in self._carriers for way in named)


def _years(field: str, first: int) -> dict[str, str]:
    """Return the filters of a slice that begins with a year."""
    following = SLICES.index(first) + 1
    found = {"sort_by": f"{field}.asc"}
    if first:
        found[f"{field}.gte"] = f"{first}-01-01"
    if following < len(SLICES):
        found[f"{field}.lte"] = f"{SLICES[following] - 1}-12-31"
    return found


class TmdbChanges:
    """`shared.adapters.providers.walking.Lists`: titles that were changed in a span of days."""

    names: Sequence[str] = tuple(_DATE)

    def __init__(self, service: Tmdb, span: Span) -> None:
        self._service = service
        self._query = {
            "start_date": span.since.date().isoformat(),
            "end_date": span.until.date().isoformat(),
        }

    def page(self, name: str, number: int) -> tuple[Sequence[str], bool]:
        """Return the ids on a page of a list, and whether there is another."""
        answer = self._service.get(f"/{name}/changes", {**self._query, "page": str(number)})
        entries = self._service.listed(answer, "results")
        found = [str(entry["id"]) for entry in entries if not entry.get("adult")]
        return found, number < int(answer.get("total_pages", 0))

    def record(self, name: str, own_id: str) -> Told | None:
        """Return a title with its parts."""
        return self._service.title(name, own_id)
