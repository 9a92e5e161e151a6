"""matching_evaluate: which options go together, and what it prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.fakes.edge import load
from tests.unit.matching.test_evaluation import (
    HEAT,
    LISTED,
    write_clean,
    write_labelled,
    write_snapshot,
    write_table,
)

if TYPE_CHECKING:
    from pathlib import Path

Said = pytest.CaptureFixture[str]


def run(*options: str, capsys: Said) -> dict[str, Any]:
    """Run the job and return its summary."""
    assert load("matching_evaluate").handle(list(options)) == 0
    summary: dict[str, Any] = orjson.loads(capsys.readouterr().out.splitlines()[-1])
    return summary


def labelled(folder: Path) -> Path:
    """Return a folder with one film that two sources tell of, and two clean tables."""
    write_clean(folder, [("0", "7")])
    return write_labelled(folder, [HEAT, {**HEAT, "rid": "2", "source": "two"}], "tt1", "tt1")


def test_labelled_records_and_clean_tables_are_reported_together(
    tmp_path: Path, capsys: Said
) -> None:
    summary = run("--data", str(labelled(tmp_path)), capsys=capsys)

    assert summary["confirmed"]["f1"] == 1.0
    assert summary["clean"]["films_a_b"]["matched"]["f1"] == 1.0


def test_two_snapshots_are_compared(tmp_path: Path, capsys: Said) -> None:
    before = write_snapshot(tmp_path / "before", hulu=[LISTED])
    after = write_snapshot(tmp_path / "after", hulu=[LISTED])

    summary = run("--before", str(before), "--after", str(after), capsys=capsys)

    assert (summary["kept_share"], summary["duplicated"]) == (1.0, 0)


def test_tables_are_learned_into_a_folder(tmp_path: Path, capsys: Said) -> None:
    catalog = tmp_path / "catalog"
    (catalog / "platform_native_2021").mkdir(parents=True)
    native = {"show_id": "s1", "type": "Movie", "title": "Heat", "cast": "Al Pacino",
              "director": "Michael Mann", "release_year": "1995"}  # fmt: skip
    write_table(catalog / "platform_native_2021" / "hulu_titles.csv.gz", [native])
    tmdb = {"original_title": "Heat", "cast": "Al Pacino|Val Kilmer", "director": "Michael Mann",
            "release_year": "1995"}  # fmt: skip
    write_table(catalog / "tmdb_movies.csv.gz", [tmdb])
    into = tmp_path / "into"
    into.mkdir()

    options = ("--catalog", str(catalog), "--learn-into", str(into))
    summary = run("--data", str(labelled(tmp_path)), *options, capsys=capsys)

    assert summary["people_pairs"] == 1
    assert sorted(path.name for path in into.iterdir()) == ["background.json", "weights.json"]


@pytest.mark.parametrize(
    "options", [(), ("--before", "."), ("--data", ".", "--learn-into", "."), ("--data", "nowhere")]
)
def test_options_that_do_not_go_together_are_wrong_usage(
    options: tuple[str, ...], capsys: Said
) -> None:
    assert load("matching_evaluate").handle(list(options)) == 2
    assert "options" in capsys.readouterr().err


def test_data_it_cannot_use_fails_with_the_file_that_is_missing(
    tmp_path: Path, capsys: Said
) -> None:
    assert load("matching_evaluate").handle(["--data", str(tmp_path)]) == 1
    assert "no file truth.csv.gz" in capsys.readouterr().err
