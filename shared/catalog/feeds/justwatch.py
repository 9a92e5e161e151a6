"""JustWatch as recorded: the REST answers of 2019 and those of the GraphQL interface.

There is no public interface and no client of ours; what was recorded can be read.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from shared.catalog import texts
from shared.catalog.feeds import fields as f
from shared.catalog.feeds.fields import Json, Reader
from shared.catalog.feeds.justwatch_offers import ways_of
from shared.catalog.feeds.listing import Told
from shared.catalog.feeds.reading import Read, reading_titles
from shared.catalog.genres import map_genres
from shared.catalog.raw import ALL_REGIONS, FieldError, RawPage
from shared.catalog.values import ContentType

PROVIDER = "justwatch"
IMAGE_BASE = "https://images.justwatch.com"
TOP_POPULARITY = 1000
_TYPES = {
    "movie": ContentType.MOVIE,
    "show": ContentType.SERIES,
    "show_season": ContentType.SEASON,
    "show_episode": ContentType.EPISODE,
    "season": ContentType.SEASON,
    "episode": ContentType.EPISODE,
}
_PROFILES = {"poster": ("s592", 592), "backdrop": ("s1440", 1440)}
_MAKERS = {"ACTOR": "actor", "DIRECTOR": "director", "WRITER": "writer", "CREATOR": "creator"}
_REST: Mapping[str, Reader] = {
    "title": f.text("title"),
    "original_title": f.text("original_title"),
    "overview": f.overview("short_description"),
    "release_year": f.year("original_release_year"),
    "release_date": f.day("localized_release_date", "cinema_release_date"),
    "runtime_minutes": f.positive("runtime"),
    "maturity": f.maturity("age_certification"),
    "countries": f.countries("production_countries"),
}
_GRAPHQL: Mapping[str, Reader] = {
    "title": f.text("title"),
    "original_title": f.text("originalTitle"),
    "overview": f.overview("shortDescription"),
    "release_year": f.year("originalReleaseYear", "originalReleaseDate"),
    "release_date": f.day("originalReleaseDate"),
    "runtime_minutes": f.positive("runtime"),
    "maturity": f.maturity("ageCertification"),
    "user_rating": f.rating("scoring.imdbScore"),
    "vote_count": f.whole("scoring.imdbVotes"),
    "countries": f.countries("productionCountries"),
}


def reader(page: RawPage, raw_uri: str) -> Read:
    """Return how records of this page are read."""
    return reading_titles(page, raw_uri, entries=entries, told_of=told_of)


def entries(record: Json) -> Iterator[tuple[str, Json]]:
    """Yield each title with its place: of a GraphQL answer, of a list, or the record itself."""
    answers = record.get("data")
    if isinstance(answers, Mapping):
        for name, answer in answers.items():
            yield from _edges(f"data.{name}", answer)
        return
    if not isinstance(record.get("items"), list):
        yield "", record
    for name in ("items", "seasons", "episodes"):
        for number, entry in enumerate(_titles_in(record, name)):
            yield f"{name}[{number}]", entry


def _titles_in(record: Json, name: str) -> list[Json]:
    """Return the titles of a list; a show's seasons are titles where they say what they are."""
    listed = f.objects(record, name) if isinstance(record.get(name), list) else []
    return [entry for entry in listed if name == "items" or entry.get("object_type")]


def _edges(path: str, answer: object) -> Iterator[tuple[str, Json]]:
    if not isinstance(answer, Mapping):
        return
    if isinstance(answer.get("edges"), list):
        for number, edge in enumerate(f.objects(answer, "edges")):
            yield f"{path}.edges[{number}]", edge
    elif isinstance(answer.get("node"), Mapping) or "content" in answer:
        yield path, answer


def told_of(record: Json, page: RawPage) -> Told:
    """Return what a title's record tells, in either shape.

    Raises:
        FieldError: It is no title, or a field of it cannot be used.
    """
    node = record.get("node", record)
    if isinstance(node, Mapping) and isinstance(node.get("content"), Mapping):
        return _told_graphql(record, node, page)
    kind = str(record.get("object_type"))
    if kind not in _TYPES or not record.get("title"):
        raise FieldError("record", f"is no title: {', '.join(sorted(map(str, record))[:8])}")
    region = _region(record.get("full_path") or record.get("full_paths"), page)
    return _told(record, f.mapped(record, _REST) | _rest_extras(record), kind, region)


def _told(record: Json, fields: dict[str, Any], kind: str, region: str) -> Told:
    ways = ways_of(f.objects(record, "offers"), "offers", region)
    fields["content_type"] = _TYPES[kind]
    return Told(
        own_id=f"{kind}/{record.get('id')}",
        fields=fields,
        genres=_genres(record.get("genre_ids") or record.get("genres")),
        carried=ways.carried,
        unconfigured=ways.unconfigured,
        wrong=ways.wrong,
        region=region,
    )


def _rest_extras(record: Json) -> dict[str, Any]:
    scores = {str(s.get("provider_type")): s for s in f.objects(record, "scoring")}
    ids = {str(e.get("provider")): e.get("external_id") for e in f.objects(record, "external_ids")}
    images = [_image("poster", record.get("poster"))]
    images += [_image("backdrop", e.get("backdrop_url")) for e in f.objects(record, "backdrops")]
    part = {"season": record.get("season_number"), "episode": record.get("episode_number")}
    series = {
        "seasons": record.get("max_season_number"),
        "episodes": record.get("max_episode_number"),
    }
    extras = {
        "user_rating": f.rating("value")(scores.get("imdb:score", {})),
        "vote_count": f.whole("value")(scores.get("imdb:votes", {})),
        "popularity": f.popularity(record.get("tmdb_popularity"), TOP_POPULARITY),
        "external_ids": _ids(ids.get("imdb"), ids.get("tmdb"), str(record.get("object_type"))),
        "images": [image for image in images if image],
        "credits": _credits(record, "role", "character_name"),
    }
    if any(v is not None for v in part.values()):
        extras["part_of"] = {**part, "title": record.get("show_title")}
    if any(v is not None for v in series.values()):
        extras["series"] = series
    return extras


def _told_graphql(edge: Json, node: Json, page: RawPage) -> Told:
    content: Json = node["content"]
    kind = str(node.get("objectType") or node.get("__typename")).lower()
    if kind not in _TYPES:
        raise FieldError("objectType", f"{kind!r} is not known")
    region = _region(content.get("fullPath"), page)
    offers = [
        o for o in (edge.get("newOffer"), edge.get("watchNowOffer")) if o and node is not edge
    ]
    listed = [*offers, *f.objects(node, "offers")]
    ways = ways_of([o for o in listed if isinstance(o, Mapping)], "offers", region)
    fields = f.mapped(content, _GRAPHQL) | _graphql_extras(node, content, kind)
    return Told(
        own_id=str(node.get("id") or f"{kind}/{node.get('objectId')}"),
        fields={**fields, "content_type": _TYPES[kind]},
        genres=_genres(content.get("genres")),
        carried=ways.carried,
        unconfigured=ways.unconfigured,
        wrong=ways.wrong,
        region=region,
    )


def _graphql_extras(node: Json, content: Json, kind: str) -> dict[str, Any]:
    images = [_image("poster", content.get("posterUrl"))]
    images += [_image("backdrop", e.get("backdropUrl")) for e in f.objects(content, "backdrops")]
    ids = content.get("externalIds")
    extras: dict[str, Any] = {
        "popularity": f.popularity(f.at(content, "scoring.tmdbPopularity"), TOP_POPULARITY),
        "external_ids": _ids(f.at(ids, "imdbId"), f.at(ids, "tmdbId"), kind),
        "images": [image for image in images if image],
        "credits": _credits(content, "role", "characterName"),
    }
    if content.get("seasonNumber") is not None:
        extras["part_of"] = {
            "title": f.at(node, "show.content.title"),
            "season": content.get("seasonNumber"),
            "episode": content.get("episodeNumber"),
        }
    seasons, episodes = node.get("totalSeasonCount"), node.get("totalEpisodeCount")
    if seasons is not None or episodes is not None:
        extras["series"] = {"seasons": seasons, "episodes": episodes}
    return extras


def _ids(imdb: object, tmdb: object, kind: str) -> dict[str, str]:
    """Return ids; TMDB's of a season or an episode is of neither movies nor series."""
    namespace = {"movie": "tmdb_movie", "show": "tmdb_tv"}.get(kind)
    found = {"imdb": f.imdb_id(imdb, "external_ids.imdb")}
    if namespace:
        # A season's own number may follow that of its show ("1396:3577").
        found[namespace] = (
            str(tmdb).split(":")[0] if str(tmdb or "").split(":")[0].isdecimal() else None
        )
    return {name: value for name, value in found.items() if value}


def _image(kind: str, template: object) -> dict[str, Any] | None:
    """Return a picture by its template (``/poster/1/{profile}/name.{format}``)."""
    if not isinstance(template, str) or not template:
        return None
    profile, width = _PROFILES[kind]
    path = template.replace("{profile}", profile).replace("{format}", "jpg")
    url = path if path.startswith("http") else f"{IMAGE_BASE}{path}"
    return {"kind": kind, "width": width, "url": url}


def _credits(record: Json, role: str, character: str) -> list[dict[str, Any]]:
    given = ((_MAKERS.get(str(e.get(role)).upper()), e) for e in f.objects(record, "credits"))
    found = [
        {"role": part, "name": e["name"][:200], "character": e.get(character) or None}
        for part, e in given
        if part and isinstance(e.get("name"), str) and e["name"]
    ]
    makers_first = sorted(found, key=lambda person: person["role"] == "actor")[:20]
    return [{**person, "order": order} for order, person in enumerate(makers_first)]


def _genres(given: object) -> list[str]:
    """Return names of ours for numbers, short names or names of JustWatch."""
    entries = given if isinstance(given, list) else []
    found: list[str] = []
    for genre in entries:
        names = (f.at(genre, key) for key in ("shortName", "short_name", "id", "translation"))
        name = str(
            next((n for n in names if n), "") or ("" if isinstance(genre, Mapping) else genre)
        )
        mapped = map_genres((name,), platform=PROVIDER)
        found += [*mapped.genres, *mapped.themes]
    return found


def _region(path: object, page: RawPage) -> str:
    """Return the country that a title's page is of (``/us/movie/…``), else the page's."""
    if isinstance(path, Mapping):
        path = next(iter(path.values()), "")
    parts = path.split("/") if isinstance(path, str) else []
    found = texts.country(parts[1]) if len(parts) > 1 else None
    return found or (page.region if page.region != ALL_REGIONS else "US")
