"""Seasons and episodes inside a show of Streaming Availability, as shows of their own.

They have no ids but those of their show: what names them is the show and their place in it, which
is their place in the lists (the provider numbers neither).
"""

from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]
PROVIDER = "streaming_availability"
OLDER = "_more"
"""Where fields stand that a show of v4 does not have."""
_INHERITED = ("genres", "showType", "imageSet")
_TMDB = {"movie": "tmdb_movie", "tv": "tmdb_tv"}


def parts_of(show: Json) -> Iterator[dict[str, Any]]:
    """Yield every season and episode that has offers of its own."""
    for number, season in enumerate(_objects(show.get("seasons")), start=1):
        if season.get("streamingOptions"):
            yield _part(show, season, "season", {"season": number})
        for place, episode in enumerate(_objects(season.get("episodes")), start=1):
            if episode.get("streamingOptions"):
                yield _part(show, episode, "episode", {"season": number, "episode": place})


def _part(show: Json, part: Json, kind: str, place: dict[str, int]) -> dict[str, Any]:
    own = "/".join(f"{name[0]}{number}" for name, number in place.items())
    series = next((str(show[name]) for name in ("id", "imdbId", "tmdbId") if show.get(name)), "")
    known = {"title": show.get("title"), "external_ids": _ids(show), **place}
    return {
        **{name: show.get(name) for name in _INHERITED},
        "itemType": kind,
        "id": f"{series}/{own}",
        "title": part.get("title"),
        "overview": part.get("overview"),
        "releaseYear": part.get("airYear") or part.get("firstAirYear"),
        "streamingOptions": part.get("streamingOptions"),
        OLDER: {"part_of": known, "external_ids": {}},
    }


def _ids(show: Json) -> dict[str, str]:
    space, _, number = str(show.get("tmdbId") or "").partition("/")
    found = {"sa": show.get("id"), "imdb": show.get("imdbId"), _TMDB.get(space, ""): number}
    return {name: str(value) for name, value in found.items() if name and value}


def _objects(given: object) -> list[Json]:
    entries = given if isinstance(given, list) else []
    return [entry for entry in entries if isinstance(entry, Mapping)]
