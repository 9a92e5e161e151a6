"""A corpus as items: what its rows say, and no more."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.catalog.values import ExternalIdType
from shared.kernel.errors import InvalidInputError
from shared.search.evaluation.corpus import read_corpus

AT = datetime(2026, 1, 1, tzinfo=UTC)
HEAT = {
    "tmdb_id": 949,
    "title": "Heat",
    "alt_titles": ["Fuego contra fuego"],
    "year": 1995,
    "genres": ["Crime", "Science Fiction"],
    "keywords": ["bank robbery"],
    "cast": ["Al Pacino"],
    "director": ["Michael Mann"],
    "overview": "A thief and a detective.",
    "popularity": 31.6,
}


def corpus(folder: Path, *rows: object) -> Path:
    path = folder / "tmdb_corpus.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_film_is_told_in_full(tmp_path: Path) -> None:
    (item,) = read_corpus(corpus(tmp_path, HEAT), AT).items

    assert (item.title, item.release_year, item.titles) == (
        "Heat", 1995, {"x-0": "Fuego contra fuego"}
    )  # fmt: skip
    assert item.genres == ("Crime", "Science Fiction")
    assert [one.name for one in item.credits] == ["Michael Mann", "Al Pacino"]
    assert item.external_ids == {ExternalIdType.TMDB_MOVIE: "949"}
    assert item.popularity == pytest.approx(0.504, abs=1e-3)


def test_a_film_of_which_nobody_speaks_is_not_popular(tmp_path: Path) -> None:
    (item,) = read_corpus(corpus(tmp_path, {"tmdb_id": 2, "title": "Ariel"}), AT).items

    assert item.popularity == 0


def test_rows_without_a_title_are_left_out_and_named(tmp_path: Path) -> None:
    found = read_corpus(corpus(tmp_path, HEAT, {"tmdb_id": 3}), AT)

    assert len(found.items) == 1
    (told,) = found.left_out
    assert told.startswith("tmdb_corpus.jsonl#1: ")
    assert "title" in told


def test_a_file_without_a_film_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="holds no film"):
        read_corpus(corpus(tmp_path, {"tmdb_id": 3}), AT)
