"""TMDB API v3 over HTTP: lists of ids, and details with what our normalizer reads of them.

TMDB asks for attribution wherever its data is shown, and for the source of ``watch/providers`` to
be named (terms of use of the API).
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from shared.adapters.providers.calling import Caller, ProviderApi
from shared.catalog.services import codes_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.adapters.providers.walking import Span

logger = logging.getLogger(__name__)

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

    def title(self, kind: str, number: str) -> Mapping[str, Any] | None:
        """Return a movie or series with its parts, None where it is gone.

        Args:
            kind: ``movie`` or ``tv``.
            number: TMDB's own id in that namespace.
        """
        return self.find(f"/{kind}/{number}", {"append_to_response": _APPENDED[kind]})


class TmdbCatalog:
    """`shared.adapters.providers.walking.Lists`: titles that a platform carries in a country.

    A list is of one kind and a part of the years (``movie.2010``), oldest first: what comes out
    while the list is walked stands at its end.
    """

    def __init__(self, service: Tmdb, *, platform: str, region: str) -> None:
        self._service = service
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

    def record(self, name: str, own_id: str) -> Mapping[str, Any] | None:
        """Return a title with its parts."""
        return self._service.title(name.partition(".")[0], own_id)


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

    def record(self, name: str, own_id: str) -> Mapping[str, Any] | None:
        """Return a title with its parts."""
        return self._service.title(name, own_id)
