"""Which of the known titles are chosen, by made data of the shape of the real."""

import csv
import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from emulators.providers.sample.facts import MOVIES, Known, known_titles


@dataclass(frozen=True)
class Film:
    """A film as the data names it; most are American dramas of this century."""

    number: int
    votes: int
    year: int = 2005
    genre: str = "drama"
    country: str = "US"
    language: str = "en"

    @property
    def listed(self) -> Mapping[str, object]:
        """Its row in the listing of a service."""
        return {
            "id": f"tm{self.number}",
            "title": f"Film {self.number}",
            "type": "MOVIE",
            "release_year": self.year,
            "runtime": 100,
            "seasons": "",
            "genres": [self.genre],
            "production_countries": [self.country],
            "imdb_id": f"tt{self.number}",
            "imdb_votes": self.votes,
        }

    @property
    def linked(self) -> Mapping[str, object]:
        """Its row among the links from IMDb to TMDb."""
        name = f"Film {self.number} ({self.year})"
        row = {"imdbId": f"tt{self.number}", "tmdbId": self.number, "title": name}
        return {**row, "genres": "(no genres listed)"}

    @property
    def filmed(self) -> Mapping[str, object]:
        """Its row among the films of TMDb."""
        told = {"imdb_id": f"tt{self.number}", "director": "Jane Campion", "cast": "Sam Neill"}
        return {**told, "genres": "", "original_language": self.language}


def write(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Write a table of the data."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8", newline="", compresslevel=1) as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


def films() -> Iterator[Film]:
    """More films than are chosen, and behind the rest in votes forty of each rare kind.

    The four best known are from New Zealand too.
    """
    yield from (Film(n, votes=100_000 - n, country="NZ") for n in range(1_000, 1_004))
    yield from (Film(n, votes=100_000 - n) for n in range(1_004, 2_000))
    for n in range(40):
        yield Film(2_000 + n, votes=400 - n, country="NZ")
        yield Film(3_000 + n, votes=300 - n, language="mi")
        yield Film(4_000 + n, votes=200 - n, year=1955)
        yield Film(5_000 + n, votes=100 - n, genre="western")


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Known]:
    data = tmp_path_factory.mktemp("data")
    made = list(films())
    write(data / "catalog/justwatch_2022/titles.csv.gz", [film.listed for film in made])
    write(data / "catalog/ml25m_movies_links.csv.gz", [film.linked for film in made])
    write(data / "catalog/tmdb_movies_to_2015.csv.gz", [film.filmed for film in made])
    (data / "search").mkdir()
    with gzip.open(data / "search/tmdb_corpus.jsonl.gz", "wt", encoding="utf-8") as lines:
        lines.write(json.dumps({"tmdb_id": 1}) + "\n")
    return known_titles(data)


def test_the_better_known_half_is_chosen_whatever_it_is(chosen: Sequence[Known]) -> None:
    assert len(chosen) == MOVIES
    assert [known.imdb_id for known in chosen[: MOVIES // 2]] == [
        f"tt{n}" for n in range(1_000, 1_000 + MOVIES // 2)
    ]


@pytest.mark.parametrize(
    ("first", "quota"),
    [(2_000, 10 - 4), (3_000, 10), (4_000, 30), (5_000, 25)],
    ids=["country", "language", "decade", "genre"],
)
def test_what_is_rare_has_its_places_beside_what_is_better_known(
    chosen: Sequence[Known], first: int, quota: int
) -> None:
    rare = [int(known.imdb_id[2:]) for known in chosen if 0 <= int(known.imdb_id[2:]) - first < 40]

    assert rare == list(range(first, first + quota))
