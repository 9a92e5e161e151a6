"""Streaming Availability v2, v3 and the shape before them, told in the words of v4.

They differ in where offers lie (by service, then country; by country), in how genres are written
(numbers; names), in the scale of ratings (0–100; 0–10 in the oldest) and in what they lack. A
record without a type is a movie or a series only where it has fields that just one of them has.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from shared.catalog import texts
from shared.catalog.feeds import fields as f
from shared.catalog.feeds.fields import Json
from shared.catalog.feeds.streaming_availability_parts import OLDER, PROVIDER
from shared.catalog.genres import map_genres
from shared.catalog.languages import bcp47
from shared.catalog.raw import FieldError, shown

_SERIAL = ("firstAirYear", "lastAirYear", "seasons", "episodes", "episodeRuntimes", "seasonCount")
_TMDB = {"movie": "movie", "series": "tv"}
_HUNDRED = 100


def is_older(record: Json) -> bool:
    """Tell whether a record has one of the older shapes."""
    return "streamingInfo" in record and "streamingOptions" not in record


def unwrapped(record: Json) -> list[Json]:
    """Return the titles of an answer as recorded (``result``, ``results``, ``changes``)."""
    for name in ("results", "changes", "shows"):
        if isinstance(record.get(name), list):
            return f.objects(record, name)
    result = record.get("result")
    if isinstance(result, list):
        return f.objects(record, "result")
    return [result] if isinstance(result, Mapping) else [record]


def modern(record: Json) -> dict[str, Any]:
    """Return a record of an older shape as v4 would write it.

    Raises:
        FieldError: A field cannot be used.
    """
    kind = _kind(record)
    return {
        "itemType": "show",
        "showType": kind,
        "imdbId": record.get("imdbId") or record.get("imdbID"),
        "tmdbId": _tmdb(record, kind),
        "title": record.get("title"),
        "originalTitle": record.get("originalTitle"),
        "overview": record.get("overview"),
        "releaseYear": record.get("year"),
        "firstAirYear": record.get("firstAirYear"),
        "runtime": record.get("runtime") or _first(record.get("episodeRuntimes")),
        "cast": record.get("cast"),
        "directors": record.get("directors") or _significant(record, kind, "movie"),
        "creators": record.get("creators") or _significant(record, kind, "series"),
        "genres": _genres(record.get("genres")),
        "rating": _rating(record),
        "seasonCount": record.get("seasonCount") or _count(record.get("seasons")),
        "episodeCount": record.get("episodeCount") or _count(record.get("episodes")),
        "imageSet": {
            "verticalPoster": _pictures(record, "posterURLs"),
            "horizontalBackdrop": _pictures(record, "backdropURLs"),
        },
        "streamingOptions": _options(record.get("streamingInfo")),
        "seasons": [_part(season) for season in _listed(record, "seasons")],
        OLDER: _more(record),
    }


def _part(record: Json) -> dict[str, Any]:
    """Return a season, or an episode of it, as v4 would write it."""
    return {
        "title": record.get("title"),
        "overview": record.get("overview"),
        "firstAirYear": record.get("firstAirYear") or record.get("year"),
        "streamingOptions": _options(record.get("streamingInfo")),
        "episodes": [_part(episode) for episode in _listed(record, "episodes")],
    }


def _listed(record: Json, name: str) -> list[Json]:
    return f.objects(record, name) if isinstance(record.get(name), list) else []


def _kind(record: Json) -> str | None:
    given = record.get("showType") or record.get("type")
    if given:
        return {"tv": "series"}.get(str(given), str(given))
    if any(name in record for name in _SERIAL):
        return "series"
    return "movie" if "year" in record and "runtime" in record and "imdbID" in record else None


def _tmdb(record: Json, kind: str | None) -> str | None:
    """Return TMDB's id with its namespace; without a kind it could be either's, and is neither."""
    given = record.get("tmdbId") or record.get("tmdbID")
    space = _TMDB.get(kind or "")
    if given is None or (space is None and "/" not in str(given)):
        return None
    return str(given) if "/" in str(given) else f"{space}/{given}"


def _significant(record: Json, kind: str | None, of: str) -> object:
    """Return who v2 calls significant: directors of movies, creators of series."""
    return record.get("significants") if kind == of else None


def _genres(given: object) -> list[dict[str, str]]:
    if given is None:
        return []
    if not isinstance(given, list):
        raise FieldError("genres", f"is no list but {shown(given)}")
    found: list[str] = []
    for genre in given:
        if isinstance(genre, int):
            mapped = map_genres((str(genre),), platform=PROVIDER)
            found += [*mapped.genres, *mapped.themes]
        else:
            found.append(str(f.at(genre, "name") or genre))
    return [{"name": name} for name in found]


def _rating(record: Json) -> float | None:
    """Return a rating of 0–100; the shape before v2 writes 0–10, with a point."""
    given = record.get("imdbRating") or record.get("tmdbRating")
    if given is None or isinstance(given, bool):
        return None
    oldest = "imdbID" not in record and not _by_country(record.get("streamingInfo"))
    value = float(texts.number(given) or 0)
    return value * 10 if oldest and value <= f.TOP_OF_SCALE else value


def _pictures(record: Json, name: str) -> dict[str, str]:
    """Return pictures by width as v4 writes it; the original's width is not told."""
    given = record.get(name)
    entries = given.items() if isinstance(given, Mapping) else ()
    return {f"w{width}": url for width, url in entries if str(width).isdecimal() and url}


def _more(record: Json) -> dict[str, Any]:
    """Return fields that v4 has not."""
    age = record.get("age", record.get("advisedMinimumAudienceAge"))
    certificate = record.get("rating") if isinstance(record.get("rating"), str) else None
    known = isinstance(age, int) and 0 < age < _HUNDRED
    plain = {"system": "age", "value": f"{age}+"} if known else None
    found = {
        "maturity": f.certificate(certificate) if certificate else plain,
        "vote_count": f.whole("imdbVoteCount")(record),
        "countries": f.countries("countries")(record),
        "titles": _titles(record),
    }
    return {name: value for name, value in found.items() if value is not None}


def _titles(record: Json) -> dict[str, str] | None:
    """Return the original title under its language."""
    language = bcp47(str(record.get("originalLanguage") or ""))
    title = record.get("originalTitle")
    return {language: title} if language and isinstance(title, str) and title else None


def _by_country(info: object) -> bool:
    return isinstance(info, Mapping) and any(isinstance(entry, list) for entry in info.values())


def _options(info: object) -> dict[str, list[dict[str, Any]]]:
    """Return the offers by country, from either order."""
    if not isinstance(info, Mapping):
        return {}
    found: dict[str, list[dict[str, Any]]] = {}
    for country, service, offer in _entries(info):
        for option in _offers(service, offer):
            found.setdefault(country.lower(), []).append(option)
    return found


def _entries(info: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield country, service and offer: by country (v3), or by service and country (before)."""
    for name, entry in info.items():
        if isinstance(entry, list):
            for offer in entry:
                if isinstance(offer, Mapping):
                    yield name, str(offer.get("service")), offer
        for country, given in entry.items() if isinstance(entry, Mapping) else ():
            for offer in given if isinstance(given, list) else [given]:
                if isinstance(offer, Mapping):
                    yield country, name, offer


def _offers(service: str, offer: Json) -> Iterator[dict[str, Any]]:
    """Yield an offer as v4 writes it, and its rental beside it where both have one entry."""
    kind = offer.get("streamingType") or offer.get("type")
    priced = offer.get("price")
    yield _option(service, offer, kind or ("buy" if priced else "subscription"), priced)
    if offer.get("rent") is not None and kind is None:
        yield _option(service, offer, "rent", offer["rent"])


def _option(service: str, offer: Json, kind: object, priced: object) -> dict[str, Any]:
    addon = offer.get("addon") or offer.get("channel")
    return {
        "service": {"id": service},
        "type": kind,
        "addon": {"id": addon} if isinstance(addon, str) else addon,
        "link": offer.get("link"),
        "videoLink": offer.get("videoLink") or offer.get("watchLink"),
        "quality": offer.get("quality"),
        "audios": offer.get("audios"),
        "subtitles": offer.get("subtitles"),
        "price": _price(priced, offer),
        "availableSince": offer.get("availableSince") or offer.get("added") or offer.get("addedOn"),
        "expiresOn": offer.get("leaving"),
    }


def _price(priced: object, offer: Json) -> object:
    """Return a price as v4 writes it; the oldest shape has a plain amount and a currency."""
    if priced is None or isinstance(priced, Mapping):
        return priced
    return {"amount": priced, "currency": offer.get("currency")}


def _first(values: object) -> object:
    return values[0] if isinstance(values, list) and values else None


def _count(given: object) -> object:
    return len(given) if isinstance(given, list) else given
