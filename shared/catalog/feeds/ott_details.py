"""OTT-details: titles with links per service in the United States.

The interface says on which service a title is, not on what terms: these follow from the service
(``offer`` in ``data/platforms.json``); a store that sells and rents counts as selling, without a
price. Availability comes as an object by country or as a bare link.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from shared.catalog import texts
from shared.catalog.feeds import fields as f
from shared.catalog.feeds.fields import Json, Reader
from shared.catalog.feeds.listing import Carried, Told, Ways, offer_fields
from shared.catalog.feeds.reading import Read, reading_titles
from shared.catalog.platforms import platform_of_link
from shared.catalog.raw import ALL_REGIONS, FieldError, RawPage, shown
from shared.catalog.services import Service, service_of
from shared.catalog.values import ContentType

PROVIDER = "ott_details"
ONLY_REGION = "US"
"""The country that the interface speaks of where it names none."""
_WIDTHS = (re.compile(r"_CR\d+,\d+,(\d+),"), re.compile(r"_(?:UX|SX|V1_UX|V1_SX)(\d+)"))
_USUAL_WIDTH = 182
_TYPES = {
    "movie": ContentType.MOVIE,
    "series": ContentType.SERIES,
    "tvseries": ContentType.SERIES,
    "show": ContentType.SERIES,
    "episode": ContentType.EPISODE,
    "short": ContentType.SHORT,
}


def _minutes(value: object) -> int | None:
    """Return minutes of ``75 min`` or of a plain number."""
    if isinstance(value, str) and not value.strip().isdecimal():
        found = texts.duration(value)
        if found is None or found[0] is None:
            raise ValueError("is no length in minutes")
        return found[0] or None
    return texts.whole(value) or None


_FIELDS: Mapping[str, Reader] = {
    "title": f.text("title"),
    "overview": f.overview("synopsis"),
    "release_year": f.year("released"),
    "user_rating": f.rating("imdbrating"),
    "external_ids": f.external_ids(imdb="imdbid"),
    "content_type": f.content_type("type", _TYPES),
    "runtime_minutes": f.first("runtime", how=_minutes),
}


_TELLING = ("imdbid", "type", "released", "synopsis", "streamingAvailability")
"""Fields of which a title has one beside its name, and nothing else of the interface has any."""


def reader(page: RawPage, raw_uri: str) -> Read:
    """Return how records of this page are read."""
    return reading_titles(page, raw_uri, entries=_titles, told_of=told_of)


def _titles(record: Json) -> list[tuple[str, Json]]:
    """Return each title of a list, or the record itself."""
    listed = isinstance(record.get("results"), list)
    return [("", one) for one in (f.objects(record, "results") if listed else [record])]


def told_of(record: Json, page: RawPage) -> Told:
    """Return what a title's record tells.

    Raises:
        FieldError: It is no title, or a field of it cannot be used.
    """
    if not record.get("title") or not any(record.get(name) for name in _TELLING):
        raise FieldError("record", f"is no title: {', '.join(sorted(map(str, record))[:8])}")
    fields = f.mapped(record, _FIELDS)
    fields["images"] = _images(record.get("imageurl"))
    ways = _ways(record, page)
    return Told(
        own_id=str(record.get("imdbid") or fields["title"])[:200],
        fields=fields,
        genres=f.names("genre")(record) or (),
        carried=ways.carried,
        unconfigured=ways.unconfigured,
        wrong=ways.wrong,
    )


def _images(given: object) -> list[dict[str, Any]]:
    urls = given if isinstance(given, list) else [given]
    return [
        {"kind": "poster", "width": _width(url), "url": url}
        for url in urls
        if isinstance(url, str) and url.startswith("http")
    ]


def _width(url: str) -> int:
    """Return the width that a picture's address asks for; some ask for none."""
    found = (pattern.search(url) for pattern in _WIDTHS)
    return next((int(m[1]) for m in found if m and 0 < int(m[1]) <= 10_000), _USUAL_WIDTH)  # noqa: PLR2004


def _ways(record: Json, page: RawPage) -> Ways:
    """Return the ways to watch, whichever shape they have."""
    ways, given = Ways(), record.get("streamingAvailability")
    usual = ONLY_REGION if page.region == ALL_REGIONS else page.region
    countries = f.at(given, "country") if isinstance(given, Mapping) else None
    if isinstance(given, str):
        _add(ways, "streamingAvailability", {"url": given}, usual, None)
    elif countries is not None and not isinstance(countries, Mapping):
        _add(ways, "streamingAvailability.country", {"url": countries}, usual, None)
    for code, listed in countries.items() if isinstance(countries, Mapping) else ():
        region = texts.country(str(code)) or usual
        seen = f.at(given, f"updatedAt.country.{code}")
        path = f"streamingAvailability.country.{code}"
        for place, offer in _entries(listed, path):
            _add(ways, place, offer, region, seen)
    return ways


def _entries(listed: object, path: str) -> Iterator[tuple[str, Json]]:
    """Yield the entries of a country: objects, bare links, or links by service."""
    if isinstance(listed, str):
        yield path, {"url": listed}
    elif isinstance(listed, Mapping):
        entries = {k: v for k, v in listed.items() if isinstance(v, str)}
        if "url" in entries:
            yield path, entries
            return
        for service, url in entries.items():
            yield f"{path}.{service}", {"platform": service, "url": url}
    elif isinstance(listed, list):
        for number, entry in enumerate(listed):
            offer = entry if isinstance(entry, Mapping) else {"url": entry}
            yield f"{path}[{number}]", offer


def _add(ways: Ways, path: str, offer: Json, region: str, seen: object) -> None:
    link, code = offer.get("url"), offer.get("platform")
    if not isinstance(link, str) or not link:
        ways.wrong.append(FieldError(f"{path}.url", f"{shown(link)} is no link"))
        return
    service = _service(code, link)
    name = str(code) if code else (link.split("/")[2:3] or [link[:60]])[0]
    ways.add(path, name, service, partial(_carried, path, link, region, seen))


def _service(code: object, link: str) -> Service | None:
    """Return the service by its code, or by whose page the link leads to where there is none."""
    if code:
        return service_of(PROVIDER, str(code), str(code))
    platform = platform_of_link(link)
    return Service(platform, platform.link_offer) if platform else None


def _carried(path: str, link: str, region: str, seen: object, service: Service) -> Carried:
    offer = offer_fields(service, service.offer, link)
    told = _last_seen(seen, service)
    return Carried(service, region, offer, path, {"updated_at": told} if told else {})


def _last_seen(seen: object, service: Service) -> datetime | None:
    """Return when the interface last saw the title on a platform; dates lie under short names."""
    dates = [
        found
        for code, given in (seen.items() if isinstance(seen, Mapping) else ())
        if isinstance(given, str)
        and (other := service_of("justwatch", str(code))) is not None
        and other.platform.id == service.platform.id
        and (found := _date(given)) is not None
    ]
    latest = max(dates, default=None)
    return None if latest is None else datetime(latest.year, latest.month, latest.day, tzinfo=UTC)


def _date(given: str) -> date | None:
    try:
        return date.fromisoformat(given[:10])
    except ValueError:
        return None
