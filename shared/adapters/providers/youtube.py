"""YouTube Data API v3 over HTTP: what channels have uploaded, never an open search.

A search costs a hundred units and says no more than a channel's list of uploads, which costs one
for fifty videos; their details cost one for fifty, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.adapters.providers.calling import Caller, ProviderApi
from shared.adapters.providers.walking import Span
from shared.catalog.feeds.fields import at, moment
from shared.catalog.ports import Delivery
from shared.kernel.errors import (
    AppError,
    DeniedError,
    ExhaustedError,
    InvalidInputError,
    NotFoundError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    import httpx2

A_PAGE = 50
PARTS = "snippet,contentDetails,statistics"
EVERYTHING = "0/0"
"""How a cursor writes that its walk has no span."""
AGAIN_SECONDS = 3600.0
"""When to ask again after a quota was refused that our own account had not spent."""
_SPENT = frozenset({"quotaExceeded", "dailyLimitExceeded"})
_HASTY = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})


class YouTube(ProviderApi):
    """The service's calls.

    Args:
        base_url: Where it is, with its version (``…/youtube/v3``).
        key: Value of ``X-Goog-Api-Key``.
        caller: How it is called.
    """

    name = "youtube"

    def __init__(self, base_url: str, key: str, caller: Caller) -> None:
        super().__init__(base_url, {"X-Goog-Api-Key": key}, caller)

    def uploads(self, channel: str) -> str:
        """Return the list that a channel's uploads are on.

        Raises:
            NotFoundError: There is no such channel, or it shows none.
        """
        answer = self.get("/channels", {"part": "contentDetails", "id": channel})
        entries = answer.get("items") or [None]
        found = at(entries[0], "contentDetails.relatedPlaylists.uploads")
        if not isinstance(found, str) or not found:
            raise NotFoundError(f"{self.name} has no channel {channel!r}")
        return found

    def listed_on(self, playlist: str, token: str) -> tuple[list[Mapping[str, Any]], str]:
        """Return a page of a list, the newest first, and the token of the next or nothing."""
        query = {"part": "contentDetails", "playlistId": playlist, "maxResults": str(A_PAGE)}
        answer = self.get("/playlistItems", {**query, **({"pageToken": token} if token else {})})
        return self.listed(answer, "items"), str(answer.get("nextPageToken") or "")

    def videos(self, ids: Sequence[str]) -> list[Any]:
        """Return the videos that are still public, of at most fifty."""
        if not ids:
            return []
        query = {"part": PARTS, "id": ",".join(ids), "maxResults": str(A_PAGE)}
        return self.listed(self.get("/videos", query), "items")

    def _refusal(self, path: str, response: httpx2.Response) -> AppError:
        """Return what a refusal stands for: a spent quota comes as 403 with a reason."""
        error = super()._refusal(path, response)
        reason = _reason(response) if isinstance(error, DeniedError | ExhaustedError) else ""
        if reason in _SPENT:
            return ExhaustedError(error.message, retry_after_seconds=AGAIN_SECONDS)
        return ExhaustedError(error.message) if reason in _HASTY else error


def _reason(response: httpx2.Response) -> str:
    try:
        errors = at(response.json(), "error.errors")
    except ValueError:
        return ""
    return str(at(errors[0], "reason")) if isinstance(errors, list) and errors else ""


@dataclass(frozen=True)
class _Place:
    """Where a walk goes on: a page of a channel's list; no channel is the end."""

    span: Span | None
    channel: str
    token: str = ""

    @property
    def cursor(self) -> str | None:
        begun = str(self.span) if self.span else EVERYTHING
        return f"{begun}/{self.channel}/{self.token}" if self.channel else None


class Uploads:
    """`shared.catalog.ports.PageSource`: videos of channels, the newest of each first.

    A cursor is ``since/until/channel/token``; the moments of a walk over everything are 0. Lists
    are ordered by upload: the first page with a video older than the span is a channel's last.

    Args:
        service: The API.
        channels: Ids of channels, in the order of the walk.
        span: When videos were published; None for everything.
    """

    def __init__(self, service: YouTube, channels: Sequence[str], span: Span | None = None) -> None:
        if not channels:
            raise InvalidInputError("whose videos? Name channels of YouTube in the settings")
        self._service = service
        self._channels = list(channels)
        self._span = span
        self._lists: dict[str, str] = {}
        self.walked_until: datetime | None = None
        """End of the span, once it was walked whole."""

    def pages(self, cursor: str | None) -> Iterator[Delivery]:
        """Yield what comes after ``cursor``, fifty videos at a time."""
        place = self._place(cursor)
        span = place.span
        while place.channel:
            entries, token = self._service.listed_on(self._uploads(place.channel), place.token)
            kept = [entry for entry in entries if _within(entry, span)]
            more = bool(token) and len(kept) == len(entries)
            following = (place.channel, token) if more else (self._after(place.channel), "")
            place = _Place(span, *following)
            yield Delivery(self._service.videos(_ids(kept)), next_cursor=place.cursor)
        self.walked_until = span.until if span else None

    def _place(self, cursor: str | None) -> _Place:
        if cursor is None:
            return _Place(self._span, self._channels[0])
        span, inner = Span.of(cursor)
        channel, _, token = inner.partition("/")
        if channel not in self._channels:
            raise InvalidInputError(f"the cursor {cursor!r} is of a channel that is not read")
        return _Place(None if str(span) == EVERYTHING else span, channel, token)

    def _uploads(self, channel: str) -> str:
        if channel not in self._lists:
            self._lists[channel] = self._service.uploads(channel)
        return self._lists[channel]

    def _after(self, channel: str) -> str:
        left = self._channels[self._channels.index(channel) + 1 :]
        return left[0] if left else ""


def _ids(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    found = (at(entry, "contentDetails.videoId") for entry in entries)
    return [own_id for own_id in found if isinstance(own_id, str)]


def _within(entry: Mapping[str, Any], span: Span | None) -> bool:
    published = moment("contentDetails.videoPublishedAt")(entry)
    return span is None or published is None or span.since <= published
