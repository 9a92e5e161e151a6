"""Parts of what TMDB knows of a title: ids, people, pictures, translations, ratings, offers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from shared.catalog.feeds import fields as f
from shared.catalog.feeds.fields import Json
from shared.catalog.feeds.listing import Carried, Ways, offer_fields
from shared.catalog.raw import ALL_REGIONS, RecordError
from shared.catalog.services import Service, service_of
from shared.catalog.values import OfferType
from shared.kernel.text import clean

IMAGE_BASE = "https://image.tmdb.org/t/p"
MOST_IMAGES = 10
"""Pictures of a kind that are kept of a list, best first; TMDB has hundreds of some titles."""
MAX_CREDITS = 20
MAX_MAKERS = 5
_SIZES = {"poster": 500, "backdrop": 1280, "logo": 500, "still": 300}
_LISTS = {"posters": "poster", "backdrops": "backdrop", "stills": "backdrop", "logos": "logo"}
_OFFERS = {
    "flatrate": OfferType.SUBSCRIPTION,
    "flatrate_and_buy": OfferType.SUBSCRIPTION,
    "free": OfferType.FREE,
    "ads": OfferType.ADS,
    "rent": OfferType.RENTAL,
    "buy": OfferType.PURCHASE,
}
_WRITING = frozenset({"Writer", "Screenplay", "Story", "Teleplay", "Author", "Novel"})
_THEATRICAL = 3
_NAMES = (
    "external_ids",
    "credits",
    "aggregate_credits",
    "watch/providers",
    "release_dates",
    "content_ratings",
    "images",
    "translations",
    "alternative_titles",
    "keywords",
)


@dataclass
class Found:
    """What parts say of one title; offers are read in `region` only."""

    region: str = ALL_REGIONS
    external_ids: dict[str, str] = field(default_factory=dict)
    people: list[dict[str, Any]] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    themes: list[str] = field(default_factory=list)
    by_region: dict[str, dict[str, Any]] = field(default_factory=dict)
    ways: Ways = field(default_factory=Ways)


class Parts:
    """The answers of a page that speak of a title without naming it."""

    def __init__(self, records: Sequence[object], region: str) -> None:
        self._region = region
        self._by_id: dict[int, list[Json]] = {}
        self._titles = set(_titles_in(records))
        for record in records:
            if isinstance(record, Mapping) and self.is_part(record):
                self._by_id.setdefault(_id_of(record), []).append(record)

    @staticmethod
    def is_part(record: Json) -> bool:
        """Tell whether a record speaks of a title by its id only."""
        named = any(isinstance(record.get(key), str) for key in ("title", "name"))
        if named or of_person(record):
            return False
        return isinstance(record.get("id"), int) and _part_name(record) is not None

    def unclaimed(self, index: int, record: Json) -> Iterator[RecordError]:
        """Yield an error where no title of the page has the part's id."""
        spaces = (_namespace(record),) if _namespace(record) else ("movie", "tv")
        if not any((space, record["id"]) in self._titles for space in spaces):
            told = f"speaks of {'/'.join(spaces)} {record['id']}, which is not on this page"
            yield RecordError(index, "id", told)

    def of(self, namespace: str, number: int, *, appended: Json) -> Found:
        """Return what the page and the title's own record say of a title by its parts."""
        own = {name: appended[name] for name in _NAMES if isinstance(appended.get(name), Mapping)}
        found = parts_of({**own, "imdb_id": appended.get("imdb_id")}, self._region)
        for record in self._by_id.get(number, ()):
            if _namespace(record) in {"", namespace}:
                name = _part_name(record) or ""
                _take(found, name, record)
        return found


def parts_of(record: Json, region: str = ALL_REGIONS) -> Found:
    """Return what the parts say that were appended to a record."""
    found = Found(region)
    if record.get("imdb_id"):
        _external_ids(found, record)
    for name in _NAMES:
        if isinstance(record.get(name), Mapping):
            _take(found, name, record[name])
    if isinstance(record.get("crew"), list) or isinstance(record.get("guest_stars"), list):
        _credits(found, record)
    return found


def _take(found: Found, name: str, part: Json) -> None:
    takers = {
        "external_ids": _external_ids,
        "credits": _credits,
        "aggregate_credits": _credits,
        "watch/providers": _providers,
        "release_dates": _release_dates,
        "content_ratings": _content_ratings,
        "images": _pictures,
        "translations": _translations,
        "alternative_titles": _alternative_titles,
        "keywords": _keywords,
    }
    takers[name](found, part)


def _part_name(record: Json) -> str | None:
    """Return which part an answer of its own is, by its shape."""
    results = record.get("results")
    if isinstance(results, Mapping):
        return "watch/providers"
    sample = results[0] if isinstance(results, list) and results else None
    shapes: Sequence[tuple[str, bool]] = (
        ("translations", "translations" in record),
        ("alternative_titles", "titles" in record or f.at(sample, "title") is not None),
        ("images", any(name in record for name in _LISTS)),
        ("keywords", "keywords" in record),
        ("credits", "cast" in record or "crew" in record),
        ("release_dates", f.at(sample, "release_dates") is not None),
        ("content_ratings", f.at(sample, "rating") is not None),
        ("keywords", _only(sample, {"id", "name"})),
        ("external_ids", "wikidata_id" in record or "facebook_id" in record),
    )
    if isinstance(results, list) and "page" in record:
        return None
    return next((name for name, fits in shapes if fits), None)


def stand_in(record: Json) -> dict[str, Any] | None:
    """Return a title of the id that a part speaks of, None where the record is no part."""
    if not Parts.is_part(record):
        return None
    if _namespace(record) == "tv":
        return {"id": record["id"], "name": "-", "first_air_date": ""}
    return {"id": record["id"], "title": "-", "release_date": ""}


def of_person(record: Json) -> bool:
    """Tell whether an answer speaks of a person: credits that are titles, an id of a name."""
    if str(record.get("imdb_id") or "").startswith("nm"):
        return True
    lists = (record.get(name) for name in ("cast", "crew"))
    entries = [entry for found in lists if isinstance(found, list) for entry in found]
    dates = ("release_date", "first_air_date")
    return any(f.at(entry, date) is not None for entry in entries for date in dates)


def _only(record: object, names: set[str]) -> bool:
    return isinstance(record, Mapping) and set(record) == names


def _namespace(record: Json) -> str:
    """Return whether a part speaks of a movie or a series, empty where it does not say."""
    if "tvdb_id" in record or _part_name(record) == "content_ratings":
        return "tv"
    results = record.get("results")
    if isinstance(results, list):
        return "movie" if _part_name(record) == "release_dates" else "tv"
    if isinstance(results, Mapping):
        links = (str(f.at(entry, "link") or "") for entry in results.values())
        return next((kind for link in links for kind in ("movie", "tv") if f"/{kind}/" in link), "")
    return "movie" if "titles" in record or "keywords" in record else ""


def _titles_in(records: Iterable[object]) -> Iterator[tuple[str, int]]:
    for record in records:
        if not isinstance(record, Mapping):
            continue
        listed = (record.get(name) for name in ("results", "parts"))
        lists = (entry for entries in listed if isinstance(entries, list) for entry in entries)
        for entry in (record, *lists):
            number = f.at(entry, "id")
            for key, kind in (("title", "movie"), ("name", "tv")):
                if isinstance(number, int) and isinstance(f.at(entry, key), str):
                    yield kind, number


def _id_of(record: Json) -> int:
    number: int = record["id"]
    return number


def image(kind: str, path: object, width: object = None) -> dict[str, Any] | None:
    """Return a picture by its path: in full size where its width is known, else a common one."""
    if not isinstance(path, str) or not path.startswith("/"):
        return None
    size = _SIZES[kind]
    kind = "backdrop" if kind == "still" else kind
    if isinstance(width, int) and width > 0:
        return {"kind": kind, "width": width, "url": f"{IMAGE_BASE}/original{path}"}
    return {"kind": kind, "width": size, "url": f"{IMAGE_BASE}/w{size}{path}"}


def people(given: object, role: str) -> list[dict[str, Any]]:
    """Return people of a list with one role."""
    entries = given if isinstance(given, list) else []
    return [
        {"name": clean(entry["name"]), "role": role, "character": _character(entry, role)}
        for entry in entries
        if isinstance(entry, Mapping) and isinstance(entry.get("name"), str)
    ]


def _character(entry: Json, role: str) -> str | None:
    roles = entry.get("roles")
    given = entry.get("character") or f.at(
        roles[0] if isinstance(roles, list) and roles else None, "character"
    )
    return clean(given)[:200] or None if role == "actor" and isinstance(given, str) else None


def credits_of(given: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return makers first, then the cast, once each, at most twenty."""
    once = {(p["name"], p["role"]): p for p in reversed(list(given)) if p["name"]}
    listed = list(reversed(once.values()))
    makers = [p for p in listed if p["role"] != "actor"][: 2 * MAX_MAKERS]
    cast = [p for p in listed if p["role"] == "actor"]
    kept = [*makers, *cast][:MAX_CREDITS]
    return [{**person, "order": order} for order, person in enumerate(kept)]


def _external_ids(found: Found, part: Json) -> None:
    given = f.external_ids(imdb="imdb_id", tvdb="tvdb_id")(part) or {}
    found.external_ids.update(given)


def _credits(found: Found, part: Json) -> None:
    for entry in f.objects(part, "crew"):
        jobs = [str(entry.get("job") or "")]
        jobs += [str(job.get("job") or "") for job in f.objects(entry, "jobs")]
        if "Director" in jobs:
            found.people += people([entry], "director")
        if any(job in _WRITING for job in jobs):
            found.people += people([entry], "writer")
    found.people += people(part.get("cast"), "actor") + people(part.get("guest_stars"), "actor")


def _pictures(found: Found, part: Json) -> None:
    for name, kind in _LISTS.items():
        listed = f.objects(part, name)[:MOST_IMAGES]
        made = (image(kind, entry.get("file_path"), entry.get("width")) for entry in listed)
        found.images += [one for one in made if one is not None]


def _translations(found: Found, part: Json) -> None:
    for entry in f.objects(part, "translations"):
        title = f.at(entry, "data.title") or f.at(entry, "data.name")
        language, region = entry.get("iso_639_1"), entry.get("iso_3166_1")
        if isinstance(title, str) and title and isinstance(language, str) and language:
            found.titles[f"{language}-{region}" if region else language] = clean(title)[:500]


def _alternative_titles(found: Found, part: Json) -> None:
    """Take titles by country; they name no language, which is ``und`` (RFC 5646 §4.1)."""
    name = "titles" if "titles" in part else "results"
    for entry in f.objects(part, name):
        title, region = entry.get("title"), entry.get("iso_3166_1")
        if isinstance(title, str) and title and isinstance(region, str):
            locale, kept = f"und-{region}", clean(title)[:500]
            number = 2
            while found.titles.get(locale, kept) != kept:
                locale, number = f"und-{region}-x-{number}", number + 1
            found.titles[locale] = kept


def _keywords(found: Found, part: Json) -> None:
    name = "keywords" if "keywords" in part else "results"
    found.themes += f.names(name, "name")(part) or []


def _release_dates(found: Found, part: Json) -> None:
    """Take each country's certificate, the cinema's before any other."""
    for entry in f.objects(part, "results"):
        dates = f.objects(entry, "release_dates")
        first = sorted(dates, key=lambda one: one.get("type") != _THEATRICAL)
        made = (f.certificate(one.get("certification") or "") for one in first)
        _rated(found, entry, next((one for one in made if one), None))


def _content_ratings(found: Found, part: Json) -> None:
    for entry in f.objects(part, "results"):
        _rated(found, entry, f.certificate(entry.get("rating") or ""))


def _rated(found: Found, entry: Json, certificate: dict[str, str] | None) -> None:
    region = entry.get("iso_3166_1")
    if certificate and isinstance(region, str) and _is_region(region):
        found.by_region.setdefault(region, {}).setdefault("maturity", certificate)


def _is_region(code: str) -> bool:
    return len(code) == 2 and code.isascii() and code.isupper()  # noqa: PLR2004 - α-2


def _providers(found: Found, part: Json) -> None:
    results = part.get("results")
    for region, entry in results.items() if isinstance(results, Mapping) else ():
        if found.region not in {ALL_REGIONS, region} or not isinstance(entry, Mapping):
            continue
        if not _is_region(str(region)):
            continue
        for terms in entry:
            for number, provider in enumerate(f.objects(entry, terms) if terms in _OFFERS else ()):
                _provided(found.ways, region, terms, (number, provider), entry.get("link"))


def _provided(
    ways: Ways, region: str, terms: str, provider: tuple[int, Json], link: object
) -> None:
    number, entry = provider
    name = str(entry.get("provider_name") or entry.get("provider_id"))
    path = f"results.{region}.{terms}[{number}]"
    service = service_of("tmdb", str(entry.get("provider_id")), name)
    ways.add(path, name, service, partial(_carried, region, terms, link, path))


def _carried(region: str, terms: str, link: object, path: str, service: Service) -> Carried:
    return Carried(service, region, offer_fields(service, _OFFERS[terms], link), path)
