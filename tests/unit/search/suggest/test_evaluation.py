"""The two measurements, on a corpus small enough to be judged by hand."""

from __future__ import annotations

import gzip
import json
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import pytest

from shared.kernel.errors import InvalidInputError, NotFoundError
from shared.search.suggest.evaluation import evaluate_suggestions
from shared.search.suggest.typos import evaluate_typos

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILMS = [
    {"title": "Heat", "vote_count": 300, "popularity": 20, "cast": ["Al Pacino"]},
    {"title": "Heathers", "vote_count": 100, "popularity": 10, "genres": ["Comedy"]},
    {"title": "Speed", "vote_count": 100, "popularity": 10},
    {"title": "Unrated", "vote_count": 0},
]
TYPOS = "query\ttarget_title\nhaet\tHeat\nsped\tSpeed\nthe spede\tThe Speed\nnope\tMissing\n"


def still() -> float:
    return 0.0


def steady() -> Callable[[], float]:
    """Return a clock that goes on by a quarter of a second whenever it is looked at."""
    return partial(next, count(1000.0, 0.25))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "search"
    folder.mkdir()
    with gzip.open(folder / "tmdb_corpus.jsonl.gz", "wt", encoding="utf-8") as stream:
        stream.writelines(json.dumps(film) + "\n" for film in FILMS)
    (folder / "typo_title_queries.tsv").write_text(TYPOS, encoding="utf-8")
    return folder


def test_ranks_are_weighted_by_votes(data: Path) -> None:
    found = evaluate_suggestions(data, None, still)

    # "heat" finds Heat first and Heathers second at up to four letters, Heathers alone after that.
    weighted = (300 * 1 + 100 / 2 + 100 * 1) / 500
    assert found["mean_reciprocal_rank"]["3 letters"] == pytest.approx(weighted)
    assert found["mean_reciprocal_rank"]["5 letters"] == pytest.approx(1.0)
    assert (found["titles"], found["titles_with_votes"]) == (4, 3)


def test_typos_are_judged_where_the_title_is_known(data: Path) -> None:
    found = evaluate_typos(data, data / "tmdb_corpus.jsonl.gz", still)

    assert (found["queries"], found["without_their_title"]) == (4, 2)
    assert found["found"]["one word"] == {
        "queries": 2, "recall_at_1": 1.0, "recall_at_10": 1.0, "mrr": 1.0
    }  # fmt: skip


def test_words_are_judged_where_the_catalogue_knows_the_right_one(data: Path) -> None:
    rows = "misspelt\tcorrect\nspeeed\tspeed\nheta\theat\nunknwon\tunknown\n"
    (data / "misspellings.tsv").write_text(rows, encoding="utf-8")

    words = evaluate_typos(data, data / "tmdb_corpus.jsonl.gz", still)["words"]

    assert words == {"corrected": 2, "p50_ms": 0.0, "p95_ms": 0.0, "p99_ms": 0.0}


def test_words_of_which_the_catalogue_knows_none_take_no_time(data: Path) -> None:
    rows = "misspelt\tcorrect\nunknwon\tunknown\nheat\theat\n"
    (data / "misspellings.tsv").write_text(rows, encoding="utf-8")

    words = evaluate_typos(data, data / "tmdb_corpus.jsonl.gz", steady())["words"]

    assert words == {"p50_ms": 0.0, "p95_ms": 0.0, "p99_ms": 0.0}


def test_what_is_asked_takes_its_own_time(data: Path) -> None:
    (data / "misspellings.tsv").write_text("misspelt\tcorrect\nspeeed\tspeed\n")

    typed = evaluate_suggestions(data, None, steady())
    typos = evaluate_typos(data, data / "tmdb_corpus.jsonl.gz", steady())

    each = {"p50": 250.0, "p95": 250.0, "p99": 250.0}
    assert typed["milliseconds"] == {"as typed": each, "with a slip": each}
    assert (typed["build_seconds"], typos["build_seconds"]) == (0.25, 0.25)
    assert [found["p50_ms"] for found in (typos, typos["words"])] == [250.0, 250.0]


def test_catalogs_beside_the_folder_are_the_corpus_unless_another_is_named(data: Path) -> None:
    catalogs = data.parent / "catalog" / "justwatch_2022"
    catalogs.mkdir(parents=True)
    rows = "title,imdb_votes\nHeat,3\nSpeed,\n"
    (catalogs / "hulu_titles.csv").write_text(rows, encoding="utf-8")

    assert evaluate_typos(data, None, still)["titles"] == 2


@pytest.mark.parametrize("evaluate", [evaluate_typos, evaluate_suggestions])
def test_a_folder_without_data_is_refused(
    tmp_path: Path, evaluate: Callable[[Path, None, Callable[[], float]], object]
) -> None:
    with pytest.raises((InvalidInputError, NotFoundError), match="name a corpus"):
        evaluate(tmp_path, None, still)
