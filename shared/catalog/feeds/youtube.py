"""YouTube Data API v3: videos, search results and items of playlists.

Channels, playlists and categories are no titles and are set aside by what they are. A playlist's
item carries the day it was put on the list and the list's owner, not the video's own.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from shared.catalog.feeds import fields as f
from shared.catalog.feeds.fields import Json, Reader
from shared.catalog.feeds.listing import Carried, Told, offer_fields, quality
from shared.catalog.feeds.reading import Read, reading_titles
from shared.catalog.languages import bcp47
from shared.catalog.platforms import platforms
from shared.catalog.raw import ALL_REGIONS, FieldError, RawPage, shown
from shared.catalog.services import Service
from shared.catalog.values import ContentType, OfferType
from shared.kernel.text import clean

PROVIDER = "youtube"
TOP_VIEWS = 1_000_000_000
LONGEST_SHORT_MINUTES = 10
SHORTEST_MOVIE_MINUTES = 60
_DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_WIDTHS = {"default": 120, "medium": 320, "high": 480, "standard": 640, "maxres": 1280}
_GONE = frozenset({"private video", "deleted video"})
_KINDS = {
    "youtube#channel": "a channel",
    "youtube#playlist": "a playlist",
    "youtube#videoCategory": "a category of videos",
    "youtube#guideCategory": "a category of channels",
}
_FIELDS: Mapping[str, Reader] = {
    "title": f.text("snippet.title"),
    "overview": f.overview("snippet.description"),
}


def reader(page: RawPage, raw_uri: str) -> Read:
    """Return how records of this page are read."""
    return reading_titles(page, raw_uri, entries=_entries, told_of=told_of)


def _entries(record: Json) -> Iterator[tuple[str, Json]]:
    """Yield each video of a list with its place, or the record itself."""
    if not isinstance(record.get("items"), list):
        yield "", record
        return
    for number, entry in enumerate(f.objects(record, "items")):
        yield f"items[{number}]", entry


def told_of(record: Json, page: RawPage) -> Told:
    """Return what is told of a video.

    Raises:
        FieldError: It is no video, is no longer there, or a field of it cannot be used.
    """
    number = _video_id(record)
    fields = f.mapped(record, _FIELDS)
    if str(fields.get("title", "")).lower() in _GONE:
        raise FieldError("snippet.title", f"{fields['title']!r}: the video is no longer public")
    minutes = f.first("contentDetails.duration", how=minutes_of)(record)
    fields |= {
        "content_type": _hinted(minutes),
        "runtime_minutes": minutes,
        "titles": _titles(record),
        "images": _images(record),
        "credits": _channel(record),
        "popularity": f.popularity(f.whole("statistics.viewCount")(record), TOP_VIEWS),
        "maturity": _maturity(record),
        **_published(record),
    }
    return Told(
        own_id=number,
        fields=fields,
        genres=f.names("snippet.categoryId")(_category(record)) or (),
        themes=f.names("snippet.tags")(record) or (),
        carried=_carried(record, number, page),
    )


def _video_id(record: Json) -> str:
    """Return the video's id, which stands elsewhere in each kind of answer."""
    given = record.get("id")
    kind = f.at(given, "kind") or record.get("kind")
    found = f.at(given, "videoId") or f.at(record, "snippet.resourceId.videoId")
    if not found and kind == "youtube#video":
        found = given
    if not isinstance(found, str) or not platforms()[PROVIDER].is_own_id(found):
        kind = f.at(record, "snippet.resourceId.kind") if kind == "youtube#playlistItem" else kind
        raise FieldError("kind", f"{_KINDS.get(str(kind), shown(kind))} is no video")
    return found


def minutes_of(value: str) -> int | None:
    """Return whole minutes of an ISO 8601 duration, 30 seconds rounded up; 0 is none."""
    found = _DURATION.fullmatch(value) if len(value) < 40 else None  # noqa: PLR2004 - sane
    if found is None or value == "P":
        raise ValueError("is no duration (ISO 8601)")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    total = ((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + seconds
    return (total + 30) // 60 or (1 if total else None)


def _hinted(minutes: int | None) -> ContentType:
    """Return what a length hints at (spec/ingestion §5.2); without one it is unknown."""
    if minutes is None:
        return ContentType.UNKNOWN
    if minutes < LONGEST_SHORT_MINUTES:
        return ContentType.SHORT
    return ContentType.MOVIE if minutes > SHORTEST_MOVIE_MINUTES else ContentType.EPISODE


def _category(record: Json) -> Json:
    """Return the category as the list of one that genres are read from."""
    category = f.at(record, "snippet.categoryId")
    return {"snippet.categoryId": None, "snippet": {"categoryId": [category] if category else []}}


def _titles(record: Json) -> dict[str, str]:
    """Return titles by language: the default one, and localizations."""
    found = {}
    language = bcp47(*str(f.at(record, "snippet.defaultLanguage") or "").split("-")[:2])
    title = f.at(record, "snippet.localized.title")
    if language and isinstance(title, str) and title:
        found[language] = clean(title)[:500]
    given = record.get("localizations")
    for tag, entry in given.items() if isinstance(given, Mapping) else ():
        title = f.at(entry, "title")
        if isinstance(title, str) and title:
            found[str(tag)] = clean(title)[:500]
    return found


def _images(record: Json) -> list[dict[str, Any]]:
    """Return the thumbnails, which are wide; a picture that says there is none is none."""
    given = f.at(record, "snippet.thumbnails")
    entries = given.items() if isinstance(given, Mapping) else ()
    return [
        {"kind": "backdrop", "width": f.at(entry, "width") or _WIDTHS.get(name, 120), "url": url}
        for name, entry in entries
        if isinstance(url := f.at(entry, "url"), str) and "no_thumbnail" not in url
    ]


def _channel(record: Json) -> list[dict[str, Any]]:
    own = f.text("snippet.videoOwnerChannelTitle")(record)
    on_list = f.at(record, "snippet.playlistId") is not None
    name = own or (None if on_list else f.text("snippet.channelTitle")(record))
    return [{"name": name[:200], "role": "creator"}] if name else []


def _published(record: Json) -> dict[str, Any]:
    """Return when the video came out; a playlist's item says so in its details only."""
    on_list = f.at(record, "snippet.playlistId") is not None
    path = "contentDetails.videoPublishedAt" if on_list else "snippet.publishedAt"
    return f.mapped(record, {"release_date": f.day(path), "release_year": f.year(path)})


def _maturity(record: Json) -> dict[str, str] | None:
    rating = f.at(record, "contentDetails.contentRating")
    if not isinstance(rating, Mapping):
        return None
    if rating.get("ytRating") == "ytAgeRestricted":
        return {"system": "age", "value": "18+"}
    mpaa = str(rating.get("mpaaRating") or "").removeprefix("mpaa")
    return f.certificate("PG-13" if mpaa == "Pg13" else mpaa)


def _carried(record: Json, number: str, page: RawPage) -> list[Carried]:
    """Return the offer, in every region that the video is not closed to."""
    published = f.moment("snippet.publishedAt")(record)
    on_list = f.at(record, "snippet.playlistId") is not None
    audio = bcp47(*str(f.at(record, "snippet.defaultAudioLanguage") or "").split("-")[:2])
    service = Service(platforms()[PROVIDER], OfferType.FREE)
    offer = offer_fields(
        service,
        OfferType.FREE,
        f"https://www.youtube.com/watch?v={number}",
        quality=quality(f.at(record, "contentDetails.definition")),
        audio=(audio,) if audio else (),
        available_from=None if on_list else published,
    )
    return [Carried(service, region, offer, "id") for region in _regions(record, page)]


def _regions(record: Json, page: RawPage) -> list[str]:
    limits = f.at(record, "contentDetails.regionRestriction")
    allowed = f.names("allowed")(limits) if isinstance(limits, Mapping) else None
    blocked = f.names("blocked")(limits) if isinstance(limits, Mapping) else None
    if allowed is not None:
        found = [code for code in allowed if page.region in {ALL_REGIONS, code}]
        return [code for code in found if len(code) == 2 and code.isupper()]  # noqa: PLR2004
    return [] if page.region in (blocked or ()) else [page.region]
