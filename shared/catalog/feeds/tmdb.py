"""TMDB v3: titles of searches, lists and details, with what other answers say of them.

A page may hold details with parts appended to them, or those parts as answers of their own
(``/movie/550/watch/providers``): these are joined to the title of the same id on the page. Ids are
told apart by namespace, since movies and series are numbered each for themselves.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from shared.catalog.feeds import fields as f
from shared.catalog.feeds.fields import Json, Reader
from shared.catalog.feeds.listing import Part, Told, items_of
from shared.catalog.feeds.reading import Read, reading
from shared.catalog.feeds.tmdb_parts import Parts, credits_of, image, parts_of, people
from shared.catalog.genres import map_genres
from shared.catalog.item import CanonicalItem
from shared.catalog.raw import FieldError, RawPage, RecordError
from shared.catalog.values import ContentType

PROVIDER = "tmdb"
TOP_POPULARITY = 1000
"""A popularity at which a title counts as one of the most popular; the scale has no end."""
_BODY = ("results", "parts", "cast", "crew", "items", "movie_results", "tv_results")
_SERIAL = {"name": ContentType.SERIES, "title": ContentType.MOVIE}

_COMMON: Mapping[str, Reader] = {
    "overview": f.overview("overview"),
    "user_rating": f.rating("vote_average", votes="vote_count"),
    "vote_count": f.whole("vote_count"),
    "countries": f.countries("production_countries", "origin_country"),
}
_MOVIE: Mapping[str, Reader] = {
    **_COMMON,
    "title": f.text("title", "original_title"),
    "original_title": f.text("original_title"),
    "release_year": f.year("release_date"),
    "release_date": f.day("release_date"),
    "runtime_minutes": f.positive("runtime"),
}
_SERIES: Mapping[str, Reader] = {
    **_COMMON,
    "title": f.text("name", "original_name"),
    "original_title": f.text("original_name"),
    "release_year": f.year("first_air_date"),
    "release_date": f.day("first_air_date"),
}
_PART: Mapping[str, Reader] = {
    **_COMMON,
    "title": f.text("name"),
    "release_year": f.year("air_date"),
    "release_date": f.day("air_date"),
    "runtime_minutes": f.positive("runtime"),
}
_LENGTH: Mapping[str, Reader] = {
    "seasons": f.whole("number_of_seasons"),
    "episodes": f.whole("number_of_episodes"),
    "status": f.text("status"),
}


def reader(page: RawPage, raw_uri: str) -> Read:
    """Return how records of this page are read, with the parts that it holds."""
    parts = Parts(page.records, page.region)

    def comes_to(index: int, record: Json) -> Iterator[Part]:
        if parts.is_part(record):
            return parts.unclaimed(index, record)
        return _titles(page, raw_uri, index, record, parts)

    return reading(comes_to)


def _titles(
    page: RawPage, raw_uri: str, index: int, record: Json, parts: Parts
) -> Iterator[CanonicalItem | RecordError]:
    several = next((name for name in _BODY if isinstance(record.get(name), list)), None)
    if several is None or "season_number" in record:
        yield from _title(page, raw_uri, index, record, parts)
        yield from _episodes(page, raw_uri, index, record, parts)
        return
    for name in _BODY:
        for number, entry in enumerate(f.objects(record, name)):
            part = f"{name}[{number}]"
            yield from _title(page, raw_uri, index, entry, parts, part=part)
            yield from _episodes(page, raw_uri, index, entry, parts, within=f"{part}.")


def _episodes(
    page: RawPage, raw_uri: str, index: int, season: Json, parts: Parts, *, within: str = ""
) -> Iterator[Part]:
    series = {name: season[name] for name in ("show_id", "genres") if name in season}
    for number, entry in enumerate(f.objects(season, "episodes")):
        part = f"{within}episodes[{number}]"
        yield from _title(page, raw_uri, index, {**series, **entry}, parts, part=part)


def _title(
    page: RawPage, raw_uri: str, index: int, record: Json, parts: Parts, *, part: str = ""
) -> Iterator[Part]:
    try:
        told = told_of(record, parts)
    except FieldError as error:
        yield RecordError(index, error.field, error.message, part)
        return
    yield from items_of(page, raw_uri, index, replace(told, part=part))


def told_of(record: Json, parts: Parts) -> Told:
    """Return what a title's record and the page's other answers tell of it.

    Raises:
        FieldError: It is no title, or a field of it cannot be used.
    """
    if "episode_number" in record or "season_number" in record:
        return _told_of_part(record)
    field = next((name for name in _SERIAL if isinstance(record.get(name), str)), None)
    number = record.get("id")
    if field is None or not isinstance(number, int) or not _is_title(record, field):
        raise FieldError("record", f"is no title: {_kind(record)}")
    kind = _SERIAL[field]
    namespace = "movie" if kind is ContentType.MOVIE else "tv"
    appended = parts.of(namespace, number, appended=record)
    known = f.mapped(record, _MOVIE if field == "title" else _SERIES)
    length = f.mapped(record, _LENGTH) if field == "name" else {}
    known |= {
        "content_type": kind,
        "external_ids": {f"tmdb_{namespace}": str(number), **appended.external_ids},
        "images": [*_images(record), *appended.images],
        "credits": credits_of([*people(record.get("created_by"), "creator"), *appended.people]),
        "titles": appended.titles,
        "popularity": f.popularity(record.get("popularity"), TOP_POPULARITY),
    }
    if field == "name" and "runtime_minutes" not in known:
        known["runtime_minutes"] = _typical(record.get("episode_run_time"))
    if length:
        known["series"] = length
    return Told(
        own_id=f"{namespace}/{number}",
        fields=known,
        genres=_genres(record),
        themes=appended.themes,
        carried=appended.ways.carried,
        unconfigured=appended.ways.unconfigured,
        wrong=appended.ways.wrong,
        by_region=appended.by_region,
    )


def _told_of_part(record: Json) -> Told:
    """Return what is told of a season or an episode; its own id is of neither movies nor series."""
    episode = record.get("episode_number")
    kind = ContentType.SEASON if episode is None else ContentType.EPISODE
    series, season = record.get("show_id"), record.get("season_number")
    place = {"season": season, "episode": episode}
    if isinstance(series, int):
        place["external_ids"] = {"tmdb_tv": str(series)}
    own = parts_of(record)
    counted = {"episodes": len(record["episodes"])} if record.get("episodes") else None
    known = f.mapped(record, _PART) | {
        "content_type": kind,
        "part_of": place,
        "images": _images(record),
        "credits": credits_of(own.people),
        "series": counted,
        "external_ids": {k: v for k, v in own.external_ids.items() if k in {"imdb", "tvdb"}},
    }
    # Those of its series, where who asked has put them there: who may not see one of a genre may
    # not see its parts.
    own_id = f"{kind.value}/{record.get('id')}"
    return Told(own_id=own_id, fields=known, genres=_genres(record))


def _is_title(record: Json, field: str) -> bool:
    if record.get("media_type") == "person" or "known_for_department" in record:
        return False
    dated = {"title": "release_date", "name": "first_air_date"}[field]
    return dated in record or f"original_{field}" in record


def _kind(record: Json) -> str:
    """Return what tells a reader what a record is: its fields."""
    return ", ".join(sorted(map(str, record))[:8])


def _images(record: Json) -> list[dict[str, Any]]:
    found = (
        image("poster", record.get("poster_path")),
        image("backdrop", record.get("backdrop_path")),
        image("still", record.get("still_path")),
    )
    return [made for made in found if made is not None]


def _genres(record: Json) -> Sequence[str]:
    """Return genres as names of ours: lists carry ids, details carry ids with names."""
    given: Iterable[object] = record.get("genre_ids") or record.get("genres") or ()
    if not isinstance(given, list | tuple):
        raise FieldError("genres", "is no list")
    found: list[str] = []
    for genre in given:
        number, name = f.at(genre, "id") or genre, f.at(genre, "name")
        mapped = map_genres((str(number),), platform=PROVIDER)
        found += [*mapped.genres, *mapped.themes] or ([name] if isinstance(name, str) else [])
    return found


def _typical(values: object) -> int | None:
    """Return the first of the lengths that a series' episodes have."""
    given = values if isinstance(values, list) else []
    return next((v for v in given if isinstance(v, int) and v > 0), None)
