"""The catalogue as a viewer reads it: title pages, offers, genres, platforms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from shared.adapters.sql.reading import read
from shared.adapters.sql.statement import statement
from shared.catalog.hosting import hosted
from shared.catalog.receipts import with_receipt
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import NotFoundError
from shared.search.maturity import RESTRICTED
from shared.search.viewers import EVERYTHING, Sight

if TYPE_CHECKING:
    from sqlalchemy import Engine, TextClause


PAGE = statement(__file__, "title_page", "title_part_of", "title_seasons", "title_episodes")
AVAILABILITY = statement(__file__, "title_availability")
GENRES = statement(__file__, "title_genres")
PLATFORMS = statement(__file__, "title_platforms")


class ContentNotFoundError(NotFoundError):
    """There is no such title, or there is none any more."""

    code = "content-not-found"


def within(sight: Sight) -> dict[str, Any]:
    """Return the parameters by which a statement leaves out what may not be seen."""
    return {"ceiling": sight.rank, "unrated": RESTRICTED, "blocked": [*sight.blocked_genres]}


class SqlTitlePages:
    """What a viewer may read about titles; one statement a call."""

    def __init__(self, engine: Engine | None = None, clock: Clock | None = None) -> None:
        self._engine = engine
        self._clock = clock or SystemClock()

    def page(
        self,
        content_id: UUID,
        region: str | None,
        *,
        sight: Sight = EVERYTHING,
        season: int | None = None,
    ) -> dict[str, Any]:
        """Return everything about one title, with the platforms that have it in the region.

        Of a series the episodes of one ``season``, too. Of its parts, and of what it is part of,
        only what may be seen is named.

        Raises:
            ContentNotFoundError: There is no such title, or none that may be seen.
        """
        rows = self._rows(PAGE(), id=content_id, region=region, season=season, **within(sight))
        if not rows:
            raise ContentNotFoundError(f"there is no title {content_id}")
        found: dict[str, Any] = orjson.loads(rows[0].found)
        return {**found, "pictures": hosted(found["id"], found["images"] or ())}

    def season(
        self, series_id: UUID, number: int, region: str | None, *, sight: Sight = EVERYTHING
    ) -> dict[str, Any]:
        """Return one season of a series with its episodes, and the seasons around it.

        Raises:
            ContentNotFoundError: There is no such series, none that may be seen, or nothing
                is known of such a season.
        """
        page = self.page(series_id, region, sight=sight, season=number)
        seasons = {one["season"]: one["id"] for one in page["seasons"] or []}
        if number not in seasons:
            raise ContentNotFoundError(f"title {series_id} has no season {number}")
        return {
            "series_id": page["id"],
            "series_title": page["title"],
            "season": number,
            "id": seasons[number],
            "previous": max((one for one in seasons if one < number), default=None),
            "next": min((one for one in seasons if one > number), default=None),
            "episodes": page["episodes"] or [],
        }

    def episode(
        self,
        series_id: UUID,
        place: tuple[int, int],
        region: str | None,
        *,
        sight: Sight = EVERYTHING,
    ) -> dict[str, Any]:
        """Return everything about the title at a series' season and episode.

        Raises:
            ContentNotFoundError: Nothing is known to stand there, or nothing that may be seen.
        """
        number, episode = place
        season = self.season(series_id, number, region, sight=sight)
        for one in season["episodes"]:
            if one["episode"] == episode:
                return self.page(UUID(one["id"]), region, sight=sight)
        raise ContentNotFoundError(f"title {series_id} has no episode {episode} in season {number}")

    def availability(
        self,
        content_id: UUID,
        region: str,
        platform: str | None,
        *,
        min_confidence: float = 0,
        sight: Sight = EVERYTHING,
    ) -> tuple[str, list[dict[str, Any]]]:
        """Return which title it is now, and its live offers in a region, cheapest terms first.

        Each has its receipt; those less likely to play than ``min_confidence`` are left out.

        Raises:
            ContentNotFoundError: There is no such title, or none that may be seen.
        """
        current: str = self.page(content_id, region, sight=sight)["id"]
        rows = self._rows(AVAILABILITY(), id=current, region=region, platform=platform)
        now, lags = self._clock.now().timestamp(), orjson.loads(rows[0].lags)
        offers = [with_receipt(offer, lags, now=now) for offer in orjson.loads(rows[0].found)]
        return current, [offer for offer in offers if offer["confidence"] >= min_confidence]

    def genres(self) -> list[dict[str, Any]]:
        """Return the genres that titles have, with their numbers, by name."""
        return [{"id": row.id, "titles": row.titles} for row in self._rows(GENRES())]

    def platforms(self) -> list[dict[str, Any]]:
        """Return the platforms that offer anything, with titles per region, by name."""
        found: dict[str, dict[str, int]] = {}
        for row in self._rows(PLATFORMS()):
            found.setdefault(row.id, {})[row.region] = row.titles
        return [{"id": name, "regions": regions} for name, regions in found.items()]

    def _rows(self, query: TextClause, **bound: Any) -> list[Any]:  # noqa: ANN401 - bound values
        given = {"now": self._clock.now(), **bound}
        return read(query, given, what="titles", engine=self._engine)
