"""Streaming Availability API v4: shows and changes, as canonical items.

One item per (platform, region, platform's own content id), with all its offers. The provider's own
show id travels as external id ``sa`` and never stands in for a platform's id (spec/ingestion §5.2).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from pydantic import ValidationError

from shared.catalog.feeds.fields import imdb_id, shortened
from shared.catalog.feeds.streaming_availability_offers import offer_of
from shared.catalog.feeds.streaming_availability_parts import OLDER, parts_of
from shared.catalog.genres import map_genres
from shared.catalog.item import CanonicalItem
from shared.catalog.platforms import (
    Platform,
    content_id_of_link,
    is_original,
    platform_of_code,
    web_link,
)
from shared.catalog.raw import (
    ALL_PLATFORMS,
    ALL_REGIONS,
    FieldError,
    RawPage,
    RecordError,
    Unconfigured,
    first_issue,
    shown,
    source_of,
)
from shared.catalog.values import ContentType
from shared.kernel.text import clean

PROVIDER = "streaming_availability"
MAX_CREDITS = 20
MAX_MAKERS = 5
_TYPES = {"movie": ContentType.MOVIE, "series": ContentType.SERIES}
_ITEM_TYPES = {"season": ContentType.SEASON, "episode": ContentType.EPISODE}
_TMDB = {"movie": "tmdb_movie", "tv": "tmdb_tv"}
_IMAGES = {"verticalPoster": "poster", "horizontalBackdrop": "backdrop"}

Json = Mapping[str, Any]
Part = CanonicalItem | RecordError
Listing = tuple[Platform, str, str]
Offers = dict[Listing, list[Json]]


def show_items(page: RawPage, raw_uri: str, index: int, show: Json) -> Iterator[Part]:
    """Yield an item, or an error, for each platform and content id that carries ``show``.

    A page of one platform gives that platform's items only; a show that none of the platforms we
    know offers in the page's region is set aside.
    """
    try:
        offers = _offers_by_listing(show, page)
    except FieldError as error:
        yield RecordError(index, error.field, error.message)
        return
    yield from unconfigured(page, index, show)
    if not offers:
        place = f"streamingOptions.{page.region.lower()}"
        yield RecordError(index, place, f"has no offer of {page.platform or 'any platform'}")
    yield from _items(page, raw_uri, index, show, offers)


def part_items(page: RawPage, raw_uri: str, index: int, show: Json) -> Iterator[Part]:
    """Yield the items of seasons and episodes that have offers of their own."""
    taken = {content_id for _, content_id, _ in _offers_by_listing(show, page)}
    for part in parts_of(show):
        try:
            offers = _offers_by_listing(part, page)
        except FieldError as error:
            yield RecordError(index, error.field, error.message)
            continue
        named = {key: _part_key(key, part, taken) for key in offers}
        taken |= {content_id for _, content_id, _ in offers}
        yield from _items(page, raw_uri, index, part, {named[key]: o for key, o in offers.items()})


def _part_key(key: Listing, part: Json, taken: Collection[str]) -> Listing:
    """Return a part's listing; a link that opens the show or another part names neither."""
    platform, content_id, region = key
    return (platform, f"sa:{part['id']}", region) if content_id in taken else key


def unconfigured(page: RawPage, index: int, show: Json) -> Iterator[Unconfigured]:
    """Yield what the page's regions offer on services that are none of our platforms."""
    for country, options in _countries(show, page):
        for number, option in enumerate(options):
            code = str(at(option, "service", "id"))
            if platform_of_code(code) is None:
                path = f"streamingOptions.{country}[{number}]"
                message = f"service {code!r} is none of our platforms"
                yield Unconfigured(index, path, message, service=code)


def change_items(page: RawPage, raw_uri: str, index: int, change: Json) -> Iterator[Part]:
    """Yield what a change leaves behind: the show's offers of that platform as they are now.

    A platform that has taken its last offer away gives an item without offers.
    """
    try:
        show, platform = _changed(page, change)
        narrowed = page.model_copy(update={"platform": platform.id})
        offers = _offers_by_listing(show, narrowed)
        gone = (platform, _content_id(platform, change, show), page.region)
        offers = offers or {gone: []}
    except FieldError as error:
        yield RecordError(index, error.field, error.message)
        return
    yield from _items(narrowed, raw_uri, index, show, offers)


def _changed(page: RawPage, change: Json) -> tuple[Json, Platform]:
    show = page.shows.get(str(change.get("showId")))
    if not isinstance(show, Mapping):
        raise FieldError("showId", f"{shown(change.get('showId'))} is not among the page's shows")
    code = at(change, "service", "id")
    platform = platform_of_code(str(code))
    if platform is None:
        raise FieldError("service.id", f"{shown(code)} is no platform we know")
    return show, platform


def _offers_by_listing(show: Json, page: RawPage) -> Offers:
    """Return the raw offers of the page's regions, by platform, the platform's id and region."""
    found: Offers = {}
    for country, options in _countries(show, page):
        for option in options:
            platform = platform_of_code(str(at(option, "service", "id")))
            if platform is not None and page.platform in {ALL_PLATFORMS, "", platform.id}:
                key = (platform, _content_id(platform, option, show), country.upper())
                found.setdefault(key, []).append(option)
    return found


def _countries(show: Json, page: RawPage) -> Iterator[tuple[str, Sequence[Json]]]:
    by_country = show.get("streamingOptions")
    every = list(by_country) if isinstance(by_country, Mapping) else []
    for country in every if page.region == ALL_REGIONS else [page.region.lower()]:
        options = at(by_country, country)
        if options is None:
            continue
        if not isinstance(options, Sequence) or isinstance(options, str):
            raise FieldError("streamingOptions", f"is no list but {shown(options)}")
        yield str(country), options


def _content_id(platform: Platform, option: Json, show: Json) -> str:
    """Return the platform's own id; ``sa:…`` where no link tells it, from which no link is made."""
    links = (option.get("link"), option.get("videoLink"))
    found = (content_id_of_link(platform.id, link) for link in links if isinstance(link, str))
    named = (show.get(name) for name in ("id", "imdbId", "tmdbId"))
    own = next((str(name) for name in named if name), "")
    return next((own_id for own_id in found if own_id), f"sa:{own}")


def _items(page: RawPage, raw_uri: str, index: int, show: Json, offers: Offers) -> Iterator[Part]:
    try:
        common = _title(show)
    except FieldError as error:
        if offers:
            yield RecordError(index, error.field, error.message)
        return
    source = source_of(page, raw_uri, index)
    for number, ((platform, content_id, region), options) in enumerate(offers.items()):
        part = platform.id if number == 0 else f"{platform.id}.{number}"
        try:
            own = _own(platform, content_id, region, show=show, options=options)
            yield CanonicalItem.model_validate({**common, **own, "source": source})
        except FieldError as error:
            yield RecordError(index, error.field, error.message, part)
        except ValidationError as error:
            yield RecordError(index, *first_issue(error), part)


def _title(show: Json) -> dict[str, Any]:
    """Return the fields that are the same on every platform."""
    images = _images(show.get("imageSet"))
    return {
        "title": _text(show, "title") or _missing("title"),
        "original_title": _text(show, "originalTitle") or None,
        "overview": shortened(_text(show, "overview")) or None,
        "content_type": content_type(show),
        "release_year": show.get("releaseYear") or show.get("firstAirYear") or None,
        "runtime_minutes": show.get("runtime") or None,
        "credits": _credits(show),
        "external_ids": _external_ids(show),
        "images": images,
        "user_rating": _rating(show.get("rating")),
        "series": _series(show),
        "sample": _is_invented(images),
        **(show.get(OLDER) or {}),
    }


def _own(
    platform: Platform, content_id: str, region: str, *, show: Json, options: Sequence[Json]
) -> dict[str, Any]:
    """Return the fields that belong to one platform."""
    names = _genre_names(show)
    mapped = map_genres(names, platform=platform.id)
    offers = [offer_of(platform, option) for option in options]
    page = web_link(platform.id, content_id, region=region, content_type=content_type(show))
    return {
        "platform": platform.id,
        "platform_content_id": content_id,
        "region": region,
        "genres": mapped.genres,
        "themes": mapped.themes,
        "offers": [{**offer, "link": offer["link"] or page} for offer in offers],
        "is_original": is_original(platform, names, {offer["type"] for offer in offers}),
    }


def _missing(field: str) -> str:
    raise FieldError(field, "is missing")


def at(value: object, *path: str) -> Any:  # noqa: ANN401 - JSON
    """Return what lies at ``path``, None where the way ends."""
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def _text(record: Json, field: str) -> str:
    value = record.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise FieldError(field, f"is no text but {shown(value)}")
    return clean(value)


def content_type(show: Json) -> ContentType:
    """Return what kind of thing a show is; without a type it is unknown, never a movie."""
    part = _ITEM_TYPES.get(str(show.get("itemType")))
    return part or _TYPES.get(str(show.get("showType")), ContentType.UNKNOWN)


def _rating(value: object) -> float | None:
    """Return 0–100 as 0–10; the provider writes 0 where nobody has rated."""
    if value is None or value == 0:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise FieldError("rating", f"is no number but {shown(value)}")
    return round(value / 10, 2)


def _series(show: Json) -> dict[str, Any] | None:
    seasons, episodes = show.get("seasonCount"), show.get("episodeCount")
    if seasons is None and episodes is None:
        return None
    return {"seasons": seasons, "episodes": episodes}


def _external_ids(show: Json) -> dict[str, str]:
    found = {"sa": str(show.get("id") or ""), "imdb": imdb_id(show.get("imdbId"), "imdbId") or ""}
    namespace, _, number = str(show.get("tmdbId") or "").partition("/")
    if namespace:
        if namespace not in _TMDB or not number.isdigit():
            raise FieldError("tmdbId", f"{shown(show['tmdbId'])} is neither movie/… nor tv/…")
        found[_TMDB[namespace]] = number
    return {name: value for name, value in found.items() if value}


def _credits(show: Json) -> list[dict[str, Any]]:
    """Return makers first, since the cast is cut at `MAX_CREDITS` people."""
    makers = [
        *_people(show, "directors", "director"),
        *_people(show, "creators", "creator"),
    ]
    people = [*makers[: 2 * MAX_MAKERS], *_people(show, "cast", "actor")][:MAX_CREDITS]
    return [{**person, "order": order} for order, person in enumerate(people)]


def _people(show: Json, field: str, role: str) -> Iterable[dict[str, Any]]:
    names = show.get(field) or ()
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise FieldError(field, f"is no list but {shown(names)}")
    kept = dict.fromkeys(clean(name) for name in names if isinstance(name, str) and clean(name))
    limit = MAX_CREDITS if role == "actor" else MAX_MAKERS
    return [{"name": name, "role": role} for name in islice(kept, limit)]


def _genre_names(show: Json) -> list[str]:
    genres = show.get("genres") or ()
    if not isinstance(genres, list | tuple):
        raise FieldError("genres", f"is no list but {shown(genres)}")
    return [str(at(genre, "name") or at(genre, "id") or genre) for genre in genres]


def _images(image_set: object) -> list[dict[str, Any]]:
    """Return posters and backdrops; the wide poster stands in where there is no backdrop."""
    if not isinstance(image_set, Mapping):
        return []
    kinds = dict(_IMAGES)
    if not image_set.get("horizontalBackdrop"):
        kinds["horizontalPoster"] = "backdrop"
    return [
        {"kind": kind, "width": int(width[1:]), "url": url}
        for name, kind in kinds.items()
        for width, url in _sizes(image_set.get(name), name).items()
        if width[:1] == "w" and width[1:].isdecimal()
    ]


def _sizes(given: object, name: str) -> Mapping[str, Any]:
    if given is not None and not isinstance(given, Mapping):
        raise FieldError(f"imageSet.{name}", f"is no set of pictures but {shown(given)}")
    return given or {}


def _is_invented(images: Sequence[Mapping[str, Any]]) -> bool:
    """Tell sample data: its pictures lie where no picture can ever be (RFC 2606 §2)."""
    hosts = (str(image["url"]).split("/")[2:3] for image in images)
    return any(host and host[0].endswith(".invalid") for host in hosts)
