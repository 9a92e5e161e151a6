"""Streaming Availability API v4 over HTTP."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.adapters.providers.calling import Caller, Guard, Patience, ProviderApi
from shared.adapters.providers.kept import KeptAnswers, Told
from shared.catalog.platforms import service_code
from shared.catalog.ports import Delivery
from shared.catalog.raw import ALL_PLATFORMS
from shared.kernel.errors import InvalidInputError, UnavailableError

NAME = "streaming availability"
FILTERS, SHOW = "filters", "show"
"""Kinds of calls whose answers are kept."""
CHANGE_TYPES = ("new", "updated", "removed")
ALL_SERVICES = (
    "netflix",
    "prime_video",
    "disney_plus",
    "hbo_max",
    "hulu",
    "apple_tv_plus",
    "paramount_plus",
    "peacock",
    "youtube",
)


class StreamingAvailability(ProviderApi):
    """The service's calls; close it, or use it in a ``with``.

    Args:
        base_url: Where it is.
        key: Value of ``X-RapidAPI-Key``.
        patience: How long to wait between tries.
        guard: What each try passes; None lets all pass.
        kept: What was told before and may be used again; None keeps nothing.
    """

    name = NAME

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        patience: Patience | None = None,
        guard: Guard | None = None,
        kept: KeptAnswers | None = None,
    ) -> None:
        caller = Caller(patience or Patience(), guard, kept)
        super().__init__(base_url, {"X-RapidAPI-Key": key}, caller)

    def show(self, path: str, region: str) -> Told:
        """Return a show with its offers in a country.

        Args:
            path: An id that the service takes (``tt0133093``, ``movie/603``).
            region: ISO 3166-1 α-2.

        Raises:
            NotFoundError: It has none; else as for `told`.
        """
        return self.told(f"/shows/{path}", {"country": region.lower()}, call=SHOW)


class CatalogSource:
    """`shared.catalog.ports.PageSource`: everything that platforms offer in one country.

    Args:
        service: The API.
        platform: One of our platforms, or `ALL_PLATFORMS` for all nine in one walk.
        region: ISO 3166-1 α-2.
        episodes: Only series, with their seasons and episodes, each with its own offers.
    """

    def __init__(
        self, service: StreamingAvailability, *, platform: str, region: str, episodes: bool = False
    ) -> None:
        self._service = service
        deep = {"show_type": "series", "series_granularity": "episode"} if episodes else {}
        self._query = {"country": region.lower(), "catalogs": _catalogs(platform), **deep}

    def pages(self, cursor: str | None) -> Iterator[Delivery]:
        """Yield the pages after ``cursor``, as they come over the wire."""
        while True:
            query = {**self._query, **({"cursor": cursor} if cursor else {})}
            told = self._service.told("/shows/search/filters", query, call=FILTERS)
            cursor, found = _next_cursor(told.answer), self._service.listed(told.answer, "shows")
            yield Delivery(found, next_cursor=cursor, told_at=[told.at] * len(found))
            if cursor is None:
                return


@dataclass(frozen=True)
class Window:
    """The moments between which changes are asked for, unix seconds, both included."""

    since: int
    until: int


class ChangeSource:
    """`shared.catalog.ports.PageSource`: what has changed on platforms between two moments.

    The kinds of change are walked one after the other. A cursor names its kind and window
    (``updated/1767225600/1767312000/…``), so that a walk goes on in the window it began in.

    Args:
        service: The API.
        platform: As for `CatalogSource`.
        region: ISO 3166-1 α-2.
        since: Earliest change; the service keeps 31 days.
        until: Latest change, at most now.
    """

    def __init__(
        self,
        service: StreamingAvailability,
        *,
        platform: str,
        region: str,
        since: datetime,
        until: datetime,
    ) -> None:
        self._service = service
        self._window = Window(int(since.timestamp()), int(until.timestamp()))
        self._query = {
            "country": region.lower(),
            "catalogs": _catalogs(platform),
            "item_type": "show",
        }
        self.walked_until: datetime | None = None
        """End of the window, once it was walked whole."""

    def pages(self, cursor: str | None) -> Iterator[Delivery]:
        """Yield the pages after ``cursor``, as they come over the wire."""
        kind, window, inner = self._place(cursor)
        within = {"from": str(window.since), "to": str(window.until)}
        while kind:
            query = {**self._query, **within, "change_type": kind}
            answer = self._service.get(
                "/changes", {**query, **({"cursor": inner} if inner else {})}
            )
            kind, inner = _following(kind, _next_cursor(answer))
            after = f"{kind}/{window.since}/{window.until}/{inner}" if kind else None
            found = self._service.listed(answer, "changes")
            yield Delivery(found, answer.get("shows") or {}, after)
        self.walked_until = datetime.fromtimestamp(window.until, UTC)

    def _place(self, cursor: str | None) -> tuple[str, Window, str]:
        if cursor is None:
            return CHANGE_TYPES[0], self._window, ""
        kind, since, until, inner = (*cursor.split("/", 3), "", "", "")[:4]
        if kind not in CHANGE_TYPES or not (since.isdecimal() and until.isdecimal()):
            raise InvalidInputError(f"the cursor {cursor!r} is of no change feed")
        return kind, Window(int(since), int(until)), inner


def _following(kind: str, cursor: str | None) -> tuple[str, str]:
    """Return the kind and cursor of the next call; no kind when all are walked."""
    if cursor is not None:
        return kind, cursor
    left = CHANGE_TYPES[CHANGE_TYPES.index(kind) + 1 :]
    return (left[0] if left else ""), ""


def _catalogs(platform: str) -> str:
    wanted = ALL_SERVICES if platform == ALL_PLATFORMS else (platform,)
    return ",".join(service_code(name) for name in wanted)


def _next_cursor(answer: Mapping[str, Any]) -> str | None:
    if not answer.get("hasMore"):
        return None
    cursor = answer.get("nextCursor")
    if not isinstance(cursor, str) or not cursor:
        raise UnavailableError(f"{NAME} says that there is more, but not where")
    return cursor
