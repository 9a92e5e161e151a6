"""Facts of real titles, read from the development data: ids, titles, years, people.

No texts are taken. Votes choose which titles are well known; they are not kept.
"""

import csv
import gzip
import json
import re
import unicodedata
from ast import literal_eval
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from emulators.providers.platforms import GENRES as GENRE_NAMES

MOVIES: Final = 700
SERIES: Final = 300
ALIASES: Final = {
    "documentation": "documentary",
    "science fiction": "scifi",
    "sci-fi": "scifi",
    "children": "family",
    "musical": "music",
    "film-noir": "crime",
}
KEPT_GENRES: Final = frozenset(GENRE_NAMES) - {"news", "talk"}
CAST_KNOWN_SINCE: Final = 1960
MOST_GENRES: Final = 4
MOST_CAST: Final = 7

LOST_LETTERS: Final = re.compile("[\\u00c2\\u00c3\\u00e0][\\u0080-\\u00bf\\u2022\\u2026]|\\ufffd")

Row = Mapping[str, str]


@dataclass(frozen=True)
class Known:
    """One real title, as far as the data agrees on it."""

    imdb_id: str
    tmdb_id: str
    show_type: str
    title: str
    original_title: str
    year: int
    seasons: int | None
    runtime: int | None
    genres: tuple[str, ...]
    directors: tuple[str, ...]
    cast: tuple[str, ...]
    countries: tuple[str, ...]
    language: str
    votes: float


def known_titles(data: Path) -> list[Known]:
    """Return the chosen movies and series, best known first within each kind."""
    titles = _each_once(sorted(_titles(data), key=lambda known: (-known.votes, known.imdb_id)))
    movies = [t for t in titles if t.show_type == "movie" and t.tmdb_id and (t.cast or old(t))]
    series = [t for t in titles if t.show_type == "series"]
    return [*_choose(movies, MOVIES), *_choose(series, SERIES)]


def _each_once(titles: list[Known]) -> list[Known]:
    """Return the best known of each (title, year, type).

    Some of the data's ids are wrong: a series stands there a second time under another's.
    """
    found: dict[tuple[str, int, str], Known] = {}
    for known in titles:
        found.setdefault((known.title.casefold(), known.year, known.show_type), known)
    return list(found.values())


def old(title: Known) -> bool:
    """Tell whether a film is from before the years our sources name casts for."""
    return title.year < CAST_KNOWN_SINCE


def _choose(titles: Sequence[Known], count: int) -> list[Known]:
    """Take the best known half, then make room for every country, decade, genre and language."""
    chosen = dict.fromkeys(titles[: count // 2])
    quotas: tuple[tuple[Callable[[Known], Iterable[Hashable]], int], ...] = (
        (lambda t: t.countries[:1], 10),
        (lambda t: [t.language], 10),
        (lambda t: [t.year // 10], 30),
        (lambda t: t.genres[:2], 25),
    )
    for keys, quota in quotas:
        _fill(chosen, titles, keys=keys, quota=quota, limit=count)
    for title in titles:
        if len(chosen) < count:
            chosen.setdefault(title)
    return sorted(chosen, key=lambda t: (-t.votes, t.imdb_id))


def _fill(
    chosen: dict[Known, None],
    titles: Sequence[Known],
    *,
    keys: Callable[[Known], Iterable[Hashable]],
    quota: int,
    limit: int,
) -> None:
    seen = Counter(key for title in chosen for key in keys(title))
    for title in titles:
        wanted = [key for key in keys(title) if seen[key] < quota]
        if wanted and title not in chosen and len(chosen) < limit:
            chosen[title] = None
            seen.update(keys(title))


def _titles(data: Path) -> Iterator[Known]:
    links = {row["imdbId"]: row for row in _rows(data / "catalog/ml25m_movies_links.csv.gz")}
    films = {row["imdb_id"]: row for row in _rows(data / "catalog/tmdb_movies_to_2015.csv.gz")}
    corpus, people = _corpus(data), _credits(data)
    for row in _listed(data):
        if row["type"] == "SHOW":
            yield _series(row, people.get(_credit_key(row), {}))
        elif _same_film(row, links.get(row["imdb_id"])):
            film = {
                **people.get(_credit_key(row), {}),
                **corpus.get(links[row["imdb_id"]]["tmdbId"], {}),
                **films.get(row["imdb_id"], {}),
            }
            yield _movie(row, links[row["imdb_id"]], film)


def _listed(data: Path) -> Iterator[Row]:
    """Yield one row per IMDb id that is the same title wherever it is listed."""
    by_id: dict[str, list[Row]] = {}
    for path in sorted((data / "catalog").glob("justwatch_*/*.csv.gz")):
        for row in _rows(path):
            if row["imdb_id"]:
                by_id.setdefault(row["imdb_id"], []).append(row)
    for rows in by_id.values():
        if len({row["id"] for row in rows}) == 1 and rows[-1]["title"] and _votes(rows[-1]):
            yield rows[-1]


def _movie(row: Row, link: Row, film: Row) -> Known:
    return Known(
        imdb_id=row["imdb_id"],
        tmdb_id=f"movie/{link['tmdbId']}" if link["tmdbId"] else "",
        show_type="movie",
        title=mended(row["title"].strip()),
        original_title=_original_title(row, film),
        year=int(row["release_year"]),
        seasons=None,
        runtime=_runtime(row),
        genres=_genres(row, [*link["genres"].split("|"), *film.get("genres", "").split("|")]),
        directors=_names(film.get("director", ""))[:3],
        cast=_names(film.get("cast", "")),
        countries=_countries(row),
        language=film.get("original_language") or _language(_countries(row)),
        votes=_votes(row),
    )


def _series(row: Row, credit: Row) -> Known:
    return Known(
        imdb_id=row["imdb_id"],
        tmdb_id="",
        show_type="series",
        title=mended(row["title"].strip()),
        original_title=row["title"].strip(),
        year=int(row["release_year"]),
        seasons=max(1, int(float(row["seasons"] or 1))),
        runtime=_runtime(row),
        genres=_genres(row, []),
        directors=(),
        cast=_names(credit.get("cast", "")),
        countries=_countries(row),
        language=_language(_countries(row)),
        votes=_votes(row),
    )


def _same_film(row: Row, link: Row | None) -> bool:
    """Tell whether both sources mean the same film by one IMDb id; one in fifteen ids is wrong."""
    if link is None:
        return False
    named = re.fullmatch(r"(.*) \((\d{4})\)\s*", link["title"])
    if not named or abs(int(named[2]) - int(row["release_year"])) > 1:
        return False
    name = re.sub(r"^(.*), (The|A|An)\b", r"\2 \1", named[1])
    return _folded(row["title"]) in _folded(name) or _folded(name) in _folded(row["title"])


def _credits(data: Path) -> dict[str, Row]:
    """Return cast and director, where a service names them, by kind, folded title and year."""
    found: dict[str, Row] = {}
    for path in sorted((data / "catalog/platform_native_2021").glob("*.csv.gz")):
        for row in _rows(path):
            kind = "SHOW" if row["type"] == "TV Show" else "MOVIE"
            key = _credit_key({**row, "type": kind})
            people = {name: row[name].replace(",", "|") for name in ("cast", "director")}
            if row["cast"]:
                found.setdefault(key, people)
    return found


def _credit_key(row: Row) -> str:
    return f"{row['type']}/{_folded(row['title'])}/{row['release_year']}"


def _corpus(data: Path) -> dict[str, Row]:
    """Return original titles and languages (ISO 639-1) of movies by TMDb id."""
    with gzip.open(data / "search/tmdb_corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    names = ("original_title", "original_language")
    found: dict[str, Row] = {}
    for row in rows:
        facts = {name: row[name] for name in names if row.get(name)}
        if facts.get("original_language") == "cn":
            # TMDb's name for Cantonese is no language of ISO 639-1.
            facts["original_language"] = "zh"
        found[str(row["tmdb_id"])] = facts
    return found


COUNTRY_LANGUAGES: Final = {
    "JP": "ja", "KR": "ko", "FR": "fr", "DE": "de", "ES": "es", "IT": "it", "IN": "hi", "CN": "zh",
    "HK": "zh", "TW": "zh", "MX": "es", "AR": "es", "CO": "es", "BR": "pt", "PT": "pt", "TR": "tr",
    "SE": "sv", "DK": "da", "NO": "no", "FI": "fi", "PL": "pl", "RU": "ru", "CZ": "cs", "NL": "nl",
    "IL": "he", "TH": "th", "IR": "fa", "AT": "de", "CL": "es", "IS": "is",
}  # fmt: skip


def _language(countries: Sequence[str]) -> str:
    return COUNTRY_LANGUAGES.get(countries[0], "en") if countries else "en"


def _genres(row: Row, more: Iterable[str]) -> tuple[str, ...]:
    names = [*literal_eval(row["genres"] or "[]"), *(name.lower() for name in more)]
    canonical = dict.fromkeys(ALIASES.get(name, name) for name in names)
    return tuple(name for name in canonical if name in KEPT_GENRES)[:MOST_GENRES] or ("drama",)


def _countries(row: Row) -> tuple[str, ...]:
    return tuple(literal_eval(row["production_countries"] or "[]"))


def _names(joined: str) -> tuple[str, ...]:
    names = dict.fromkeys(mended(name.strip()) for name in joined.split("|"))
    return tuple(name for name in names if name)[:MOST_CAST]


def _original_title(row: Row, film: Row) -> str:
    """Return the original title, or the title where none is known or its letters are lost."""
    name = mended(film.get("original_title", "").strip())
    return mended(row["title"].strip()) if not name or LOST_LETTERS.search(name) else name


def mended(text: str) -> str:
    """Return ``text`` with UTF-8 that was once read as Latin-1 set right."""
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def _runtime(row: Row) -> int | None:
    return int(float(row["runtime"] or 0)) or None


def _votes(row: Row) -> float:
    return float(row["imdb_votes"] or 0)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower()).replace("&", "and")
    return re.sub(r"[^a-z0-9]", "", plain)


def _rows(path: Path) -> Iterator[Row]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)
