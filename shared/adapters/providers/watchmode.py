"""Watchmode API v1 over HTTP: lists and change feeds of ids, and titles with their sources."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Any

from shared.adapters.providers.calling import Caller, ProviderApi
from shared.catalog.feeds.fields import at
from shared.catalog.services import codes_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from shared.adapters.providers.kept import Told
    from shared.adapters.providers.walking import Span

WITH_SOURCES = "title_with_sources"
TYPES = "movie,tv_movie,tv_series,tv_miniseries,tv_special,short_film"
A_PAGE = 100
FEEDS = {
    "changes": ("new_titles", "titles_details_changed"),
    "availability": ("titles_sources_changed",),
}
"""Change feeds by kind of fetch."""
_OF_A_REGION = frozenset({"titles_sources_changed"})
# Dates are read in Eastern time, and it is not said whether that is the winter's all year: a span
# begins by the winter's and ends by the summer's, an hour too long rather than too short.
_WINTER, _SUMMER = timezone(timedelta(hours=-5)), timezone(timedelta(hours=-4))


class Watchmode(ProviderApi):
    """The service's calls.

    Args:
        base_url: Where it is, with its version (``…/v1``).
        key: Value of ``X-API-Key``.
        caller: How it is called.
    """

    name = "watchmode"

    def __init__(self, base_url: str, key: str, caller: Caller) -> None:
        super().__init__(base_url, {"X-API-Key": key}, caller)

    def title(self, own_id: str, region: str, *, anew: bool = False) -> Told | None:
        """Return a title with its sources in a region, None where it is gone.

        Args:
            own_id: Watchmode's own.
            region: ISO 3166-1 α-2.
            anew: A kept answer is not good enough.
        """
        query = {"append_to_response": "sources", "regions": region}
        return self.found(f"/title/{own_id}/details/", query, call=WITH_SOURCES, anew=anew)

    def ids(self, path: str, query: Mapping[str, str]) -> tuple[list[str], bool]:
        """Return the ids on a page of a list, and whether there is another."""
        answer = self.get(path, query)
        entries = self.listed(answer, "titles")
        found = [str(entry["id"] if isinstance(entry, dict) else entry) for entry in entries]
        return found, int(answer.get("page", 1)) < int(answer.get("total_pages", 0))


class WatchmodeCatalog:
    """`shared.adapters.providers.walking.Lists`: titles that a platform carries in a country."""

    names: Sequence[str] = ("titles",)

    def __init__(self, service: Watchmode, *, platform: str, region: str) -> None:
        self._service = service
        self._region = region
        self._sources = frozenset(codes_of("watchmode", platform))
        sources = ",".join(codes_of("watchmode", platform))
        self._query = {"regions": region, "source_ids": sources, "types": TYPES}

    def page(self, _name: str, number: int) -> tuple[Sequence[str], bool]:
        """Return the ids on a page of the list, and whether there is another."""
        paging = {"sort_by": "release_date_asc", "limit": str(A_PAGE), "page": str(number)}
        return self._service.ids("/list-titles/", {**self._query, **paging})

    def record(self, _name: str, own_id: str) -> Told | None:
        """Return a title with its sources; one kept from before it was listed is asked anew."""
        told = self._service.title(own_id, self._region)
        if told is None or told.at is None or self._is_carried(told.answer):
            return told
        return self._service.title(own_id, self._region, anew=True)

    def _is_carried(self, record: Mapping[str, Any]) -> bool:
        sources = record.get("sources")
        named = sources if isinstance(sources, list) else ()
        return any(str(at(source, "source_id")) in self._sources for source in named)


class WatchmodeChanges:
    """`shared.adapters.providers.walking.Lists`: titles that feeds name in a span of time."""

    def __init__(self, service: Watchmode, span: Span, *, kind: str, region: str) -> None:
        self._service = service
        self._region = region
        self.names: Sequence[str] = FEEDS[kind]
        self._query = {
            "start_date": _stamp(span.since, _WINTER),
            "end_date": _stamp(span.until, _SUMMER),
            "types": TYPES,
            "limit": str(A_PAGE),
        }

    def page(self, name: str, number: int) -> tuple[Sequence[str], bool]:
        """Return the ids on a page of a feed, and whether there is another."""
        where = {"regions": self._region} if name in _OF_A_REGION else {}
        query = {**self._query, **where, "page": str(number)}
        return self._service.ids(f"/changes/{name}/", query)

    def record(self, _name: str, own_id: str) -> Told | None:
        """Return a title with its sources."""
        return self._service.title(own_id, self._region)


def _stamp(moment: datetime, zone: timezone) -> str:
    return moment.astimezone(zone).strftime("%Y%m%d%H%M%S")
