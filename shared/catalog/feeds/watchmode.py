"""Watchmode: titles of searches and lists, and details with their sources."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from shared.catalog import texts
from shared.catalog.feeds import fields as f
from shared.catalog.feeds.fields import Json, Reader
from shared.catalog.feeds.listing import (
    Carried,
    Told,
    Ways,
    offer_fields,
    price,
    quality,
)
from shared.catalog.feeds.reading import Read, reading_titles
from shared.catalog.raw import FieldError, RawPage, shown
from shared.catalog.services import Service, service_of
from shared.catalog.values import ContentType, OfferType

PROVIDER = "watchmode"
EPISODES, SERIES = "episodes", "of_series"
"""What episodes are appended as; under which name each of them carries its series."""
_LISTS = ("title_results", "titles", "results", "releases")
_TYPES = {
    "movie": ContentType.MOVIE,
    "tv_movie": ContentType.MOVIE,
    "tv_series": ContentType.SERIES,
    "tv_miniseries": ContentType.SERIES,
    "tv_special": ContentType.SPECIAL,
    "short_film": ContentType.SHORT,
}
_OFFERS = {
    "sub": OfferType.SUBSCRIPTION,
    "rent": OfferType.RENTAL,
    "buy": OfferType.PURCHASE,
    "free": OfferType.FREE,
    "tve": OfferType.ADDON,
}
_CABLE_TIER = "tv-everywhere"
_FIELDS: Mapping[str, Reader] = {
    "title": f.text("title", "name"),
    "original_title": f.text("original_title"),
    "overview": f.overview("plot_overview", "overview"),
    "release_year": f.year("year", "release_date"),
    "release_date": f.day("release_date"),
    "runtime_minutes": f.positive("runtime_minutes"),
    "user_rating": f.rating("user_rating"),
    "maturity": f.maturity("us_rating"),
}
_TMDB = {"movie": "tmdb_movie", "tv": "tmdb_tv"}
_POSTER_WIDTH = 185
_BACKDROP_WIDTH = 780
# Prices come without a currency, in that of the region they are for (ISO 4217 by ISO 3166-1).
_EURO = "AT BE CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK"
_CURRENCIES = {
    **dict.fromkeys(_EURO.split(), "EUR"),
    **dict.fromkeys(("US", "EC", "SV", "PA"), "USD"),
    "AR": "ARS", "AU": "AUD", "BG": "BGN", "BR": "BRL", "CA": "CAD", "CH": "CHF", "CL": "CLP",
    "CO": "COP", "CZ": "CZK", "DK": "DKK", "GB": "GBP", "HK": "HKD", "HU": "HUF", "ID": "IDR",
    "IL": "ILS", "IN": "INR", "IS": "ISK", "JP": "JPY", "KR": "KRW", "MX": "MXN", "MY": "MYR",
    "NO": "NOK", "NZ": "NZD", "PE": "PEN", "PH": "PHP", "PL": "PLN", "RO": "RON", "RS": "RSD",
    "RU": "RUB", "SE": "SEK", "SG": "SGD", "TH": "THB", "TR": "TRY", "TW": "TWD", "UA": "UAH",
    "VN": "VND", "ZA": "ZAR",
}  # fmt: skip


def reader(page: RawPage, raw_uri: str) -> Read:
    """Return how records of this page are read."""
    return reading_titles(page, raw_uri, entries=_entries, told_of=told_of)


def _entries(record: Json) -> Iterator[tuple[str, Json]]:
    """Yield each title of a list, or the record itself, then the episodes appended to it.

    An episode says its own numbers alone: whose it is goes with it.
    """
    lists = [name for name in _LISTS if isinstance(record.get(name), list)]
    if not lists:
        yield "", record
    for name in (*lists, EPISODES):
        if isinstance(record.get(name), list):
            for number, entry in enumerate(f.objects(record, name)):
                yield f"{name}[{number}]", {**entry, SERIES: record} if name == EPISODES else entry


def told_of(record: Json, _page: RawPage) -> Told:
    """Return what a title's record tells.

    Raises:
        FieldError: It is no title, or a field of it cannot be used.
    """
    number = record.get("id", record.get("title_id"))
    if not isinstance(number, int) or not (record.get("title") or record.get("name")):
        raise FieldError("record", f"is no title: {', '.join(sorted(map(str, record))[:8])}")
    episode = "episode_number" in record
    kind = ContentType.EPISODE if episode else _kind(record)
    fields = f.mapped(record, _FIELDS) | {
        "content_type": kind,
        "external_ids": _ids(record, episode=episode),
        "images": _images(record),
        "credits": _credits(record),
    }
    if episode:
        fields["part_of"] = _place(record)
    ways = _ways(record)
    return Told(
        own_id=f"episode/{number}" if episode else str(number),
        fields=fields,
        genres=f.names("genre_names")(record) or (),
        carried=ways.carried,
        unconfigured=ways.unconfigured,
        wrong=ways.wrong,
    )


def _place(record: Json) -> dict[str, Any]:
    series = record.get(SERIES) or {}
    return {
        "title": series.get("title"),
        "external_ids": _ids(series, episode=False),
        "season": record.get("season_number"),
        "episode": record.get("episode_number"),
    }


def _kind(record: Json) -> ContentType:
    return _TYPES.get(str(record.get("type")), ContentType.UNKNOWN)


def _ids(record: Json, *, episode: bool) -> dict[str, str]:
    """Return ids; TMDB's needs its namespace, and an episode's number is of neither."""
    found = f.external_ids(imdb="imdb_id")(record) or {}
    namespace = _TMDB.get(str(record.get("tmdb_type")))
    if namespace and not episode:
        found |= f.external_ids(**{namespace: "tmdb_id"})(record) or {}
    return found


def _images(record: Json) -> list[dict[str, Any]]:
    kinds = (
        ("poster", "poster", _POSTER_WIDTH),
        ("poster_url", "poster", _POSTER_WIDTH),
        ("image_url", "poster", _POSTER_WIDTH),
        ("backdrop", "backdrop", _BACKDROP_WIDTH),
        ("thumbnail_url", "backdrop", 208),
    )
    found = ((kind, record.get(name), usual) for name, kind, usual in kinds)
    return [
        {"kind": kind, "width": _width(url, usual), "url": url}
        for kind, url, usual in found
        if isinstance(url, str) and url.startswith("http") and "no_poster" not in url
    ]


def _width(url: str, usual: int) -> int:
    """Return the width that a picture's name ends in (``…_poster_w185.jpg``)."""
    stem = url.rsplit(".", 1)[0].rsplit("_", 1)[-1].removeprefix("w")
    return int(stem) if stem.isdecimal() and 0 < int(stem) <= 10_000 else usual  # noqa: PLR2004


def _credits(record: Json) -> list[dict[str, Any]]:
    """Return people that were appended to the details."""
    given = record.get("cast-crew", record.get("cast_crew"))
    listed = [e for e in given if isinstance(e, Mapping)] if isinstance(given, list) else []
    roles = {"Director": "director", "Writer": "writer", "Creator": "creator"}
    found = []
    for entry in listed:
        name, said = entry.get("full_name"), str(entry.get("role") or "")
        role = "actor" if entry.get("type") == "Cast" else roles.get(said)
        if isinstance(name, str) and name and role:
            character = said[:200] or None if role == "actor" else None
            found.append({"name": name[:200], "role": role, "character": character})
    makers_first = sorted(found, key=lambda person: person["role"] == "actor")[:20]
    return [{**person, "order": order} for order, person in enumerate(makers_first)]


def _ways(record: Json) -> Ways:
    ways = Ways()
    for number, source in enumerate(f.objects(record, "sources")):
        name = str(source.get("name") or source.get("source_id"))
        code = "" if source.get("source_id") is None else str(source["source_id"])
        path = f"sources[{number}]"
        ways.add(path, name, service_of(PROVIDER, code, name), partial(_carried, path, source))
    return ways


def _carried(path: str, source: Json, service: Service) -> Carried:
    kind = _OFFERS.get(str(source.get("type")))
    region = texts.country(str(source.get("region") or ""))
    if kind is None or region is None:
        wrong = "type" if kind is None else "region"
        raise FieldError(f"{path}.{wrong}", f"{shown(source.get(wrong))} is not known")
    amount = source.get("price") if kind in {OfferType.RENTAL, OfferType.PURCHASE} else None
    links = (source.get(name) for name in ("web_url", "android_url", "ios_url"))
    usable = [link for link in links if isinstance(link, str) and link.startswith("http")]
    offer = offer_fields(
        service,
        kind,
        usable[0] if usable else None,
        quality=quality(source.get("format")),
        **price(amount, _CURRENCIES.get(region), f"{path}.price"),
    )
    if source.get("type") == "tve":
        offer["tier"] = _CABLE_TIER
    length = {name: source.get(name) for name in ("seasons", "episodes") if source.get(name)}
    return Carried(service, region, offer, path, {"series": length} if length else {})
