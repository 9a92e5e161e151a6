"""YouTube Data v3 as its clients meet it: one channel, its uploads, and their details.

The channel uploads a trailer of a title when the title's first offer appears; it may be watched
where the title has, or has had, offers.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import grpc
from aiohttp import web

from emulators.core import errors
from emulators.providers.catalog import Title
from emulators.providers.faces import Face, whole
from emulators.providers.limits import SpentError
from emulators.providers.shows import Json

PREFIX: Final = "/youtube/v3"
CHANNEL: Final = "UCsampleFilmsAndSeries01"
UPLOADS: Final = "UU" + CHANNEL[2:]
NAME: Final = "Sample Films and Series"
MOST_A_PAGE: Final = 50
USUAL_A_PAGE: Final = 5
SEARCH_UNITS: Final = 100
WIDTHS: Final = {"default": (120, 90), "medium": (320, 180), "high": (480, 360)}
# Error reasons, by our codes; a spent quota comes as 403.
REASONS: Final = {
    grpc.StatusCode.UNAUTHENTICATED: (400, "badRequest"),
    grpc.StatusCode.NOT_FOUND: (404, "playlistNotFound"),
    grpc.StatusCode.INVALID_ARGUMENT: (400, "invalidParameter"),
    grpc.StatusCode.RESOURCE_EXHAUSTED: (429, "rateLimitExceeded"),
}


@dataclass(frozen=True)
class Video:
    """A trailer."""

    id: str
    published: int
    title: Title


class YouTube(Face):
    """YouTube over the store."""

    service = "youtube"

    def routes(self) -> list[web.RouteDef]:
        """Return its routes."""
        return [
            self.route(f"{PREFIX}/channels", "channels", self._channels),
            self.route(f"{PREFIX}/playlistItems", "playlist_items", self._items),
            self.route(f"{PREFIX}/videos", "videos", self._videos),
            self.route(f"{PREFIX}/search", "search", self._search, units=SEARCH_UNITS),
        ]

    def key(self, request: web.Request) -> str | None:
        """Return the key of the header, or that of the query."""
        return request.headers.get("X-Goog-Api-Key") or request.query.get("key")

    def refusal(self, error: errors.EmulatorError) -> tuple[int, Json]:
        """Return an error as Google words it."""
        status, reason = REASONS.get(
            error.status, (errors.HTTP_STATUS[error.status], "backendError")
        )
        domain, message = "youtube", error.message
        if isinstance(error, SpentError):
            status, reason, domain = 403, "quotaExceeded", "youtube.quota"
            message = "The request cannot be completed because you have exceeded your quota."
        told = {"message": message, "domain": domain, "reason": reason}
        return status, {"error": {"code": status, "message": message, "errors": [told]}}

    def _channels(self, request: web.Request) -> Json:
        wanted = request.query.get("id", "").split(",")
        lists = {"likes": "", "uploads": UPLOADS}
        channel = {
            "kind": "youtube#channel",
            "id": CHANNEL,
            "contentDetails": {"relatedPlaylists": lists},
        }
        found = [channel] if CHANNEL in wanted else []
        return _response("channelListResponse", found)

    def _items(self, request: web.Request) -> Json:
        if request.query.get("playlistId") != UPLOADS:
            raise errors.not_found("The playlist cannot be found.")
        videos, paging = _paged(self._uploaded(), request)
        return {**_response("playlistItemListResponse", [_item(v) for v in videos]), **paging}

    def _videos(self, request: web.Request) -> Json:
        known = {video.id: video for video in self._uploaded()}
        wanted = [own_id for own_id in request.query.get("id", "").split(",") if own_id]
        if not 1 <= len(wanted) <= MOST_A_PAGE:
            raise errors.invalid_argument(f"id: from 1 to {MOST_A_PAGE} ids")
        parts = set(request.query.get("part", "").split(","))
        found = [_details(known[own_id], parts) for own_id in wanted if own_id in known]
        return _response("videoListResponse", found)

    def _search(self, request: web.Request) -> Json:
        words = request.query.get("q", "").lower()
        matching = [v for v in self._uploaded() if words in v.title.title.lower()]
        videos, paging = _paged(matching, request)
        found = [
            {
                "kind": "youtube#searchResult",
                "id": {"kind": "youtube#video", "videoId": video.id},
                "snippet": _snippet(video),
            }
            for video in videos
        ]
        return {**_response("searchListResponse", found), **paging}

    def _uploaded(self) -> list[Video]:
        """Return what is uploaded by now, the newest first."""
        now = self.store.now()
        all_of_them = (_video(title) for title in self.store.titles())
        found = [video for video in all_of_them if video and video.published <= now]
        return sorted(found, key=lambda video: (-video.published, video.id))


def _video(title: Title) -> Video | None:
    starts = [offer.starts for offers in title.offers.values() for offer in offers]
    if not starts:
        return None
    digest = hashlib.sha256(f"trailer of {title.id}".encode()).digest()
    return Video(base64.urlsafe_b64encode(digest)[:11].decode(), min(starts), title)


def _paged(videos: list[Video], request: web.Request) -> tuple[list[Video], Json]:
    """Return a page; a token names the next video, so that what is new moves nothing."""
    size = whole(request, "maxResults", default=USUAL_A_PAGE, most=MOST_A_PAGE)
    token, ids = request.query.get("pageToken", ""), [video.id for video in videos]
    if token and token not in ids:
        raise errors.invalid_argument("The request specifies an invalid page token.")
    start = ids.index(token) if token else 0
    following = ids[start + size : start + size + 1]
    info = {"pageInfo": {"totalResults": len(videos), "resultsPerPage": size}}
    more = {"nextPageToken": following[0]} if following else {}
    return videos[start : start + size], {**info, **more}


def _response(kind: str, items: list[Json]) -> Json:
    info = {"totalResults": len(items), "resultsPerPage": len(items)}
    return {"kind": f"youtube#{kind}", "etag": "sample", "pageInfo": info, "items": items}


def _item(video: Video) -> Json:
    published = _moment(video.published)
    return {
        "kind": "youtube#playlistItem",
        "etag": "sample",
        "id": f"{UPLOADS}.{video.id}",
        "contentDetails": {"videoId": video.id, "videoPublishedAt": published},
    }


def _details(video: Video, parts: set[str]) -> Json:
    seconds = 90 + int(video.title.id) % 60
    allowed = sorted(country.upper() for country, offers in video.title.offers.items() if offers)
    content = {
        "duration": f"PT{seconds // 60}M{seconds % 60}S",
        "dimension": "2d",
        "definition": "hd",
        "caption": "false",
        "licensedContent": True,
        "regionRestriction": {"allowed": allowed},
        "contentRating": {},
        "projection": "rectangular",
    }
    views = {"viewCount": str(video.title.popularity * 1000), "likeCount": "0", "commentCount": "0"}
    known = {"snippet": _snippet(video), "contentDetails": content, "statistics": views}
    wanted = {name: part for name, part in known.items() if name in parts}
    return {"kind": "youtube#video", "etag": "sample", "id": video.id, **wanted}


def _snippet(video: Video) -> Json:
    title = f"{video.title.title} ({video.title.year}): Trailer"
    base = f"https://media.sample.invalid/vi/{video.id}"
    return {
        "publishedAt": _moment(video.published),
        "channelId": CHANNEL,
        "title": title,
        "description": video.title.overview,
        "thumbnails": {
            name: {"url": f"{base}/{name}.jpg", "width": width, "height": height}
            for name, (width, height) in WIDTHS.items()
        },
        "channelTitle": NAME,
        "categoryId": "1",
        "liveBroadcastContent": "none",
        "defaultLanguage": "en",
        "localized": {"title": title, "description": video.title.overview},
        "defaultAudioLanguage": video.title.language,
    }


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
