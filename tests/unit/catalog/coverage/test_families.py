"""Folders of recorded answers, measured family by family."""

import gzip
import json
import shutil
from pathlib import Path

import pytest

from shared.catalog.coverage.families import measure_family, measure_folder, provider_of
from shared.kernel.errors import InvalidInputError
from tests.unit.catalog.feeds.answers import PAYLOADS


def test_every_family_is_counted_with_what_is_kept_of_it() -> None:
    found = measure_folder(PAYLOADS)

    rows = {name: tally.summary() for name, tally in found.items()}
    assert set(rows) == {folder.name for folder in PAYLOADS.iterdir()}
    assert rows["watchmode"] == {
        "files": 3,
        "items": 4,
        "fields": 60,
        "kept": 50,
        "set_aside": 10,
        "lost": 0,
        "unreadable": 0,
        "errors": 0,
        "unknown": 0,
    }
    assert all(
        row["kept"] + row["set_aside"] + row["lost"] == row["fields"] for row in rows.values()
    )


def test_details_name_reasons_refusals_and_answers_that_are_no_titles() -> None:
    details = measure_folder(PAYLOADS)["tmdb"].details()

    assert details["refusals"] == {
        "the provider refuses (7): Invalid API key: it is not one of ours.": {"times": 1}
    }
    assert details["no_titles"] == {"genres": {"times": 1}}
    assert details["set_aside_because"]["service Leuchtkino is none of our platforms"] == {
        "times": 2
    }


def test_files_may_be_compressed_and_lie_deeper(tmp_path: Path) -> None:
    deeper = tmp_path / "watchmode" / "2026"
    deeper.mkdir(parents=True)
    body = (PAYLOADS / "watchmode" / "details.json").read_bytes()
    (deeper / "one.json.gz").write_bytes(gzip.compress(body))
    (deeper / "notes.txt").write_text("not an answer", encoding="utf-8")

    found = measure_folder(tmp_path)["watchmode"]

    assert (found.files, found.items) == (1, 3)


def test_file_that_cannot_be_read_is_named_and_the_others_count(tmp_path: Path) -> None:
    family = tmp_path / "tmdb"
    shutil.copytree(PAYLOADS / "tmdb", family)
    (family / "cut.json").write_text('{"id": 1, ', encoding="utf-8")
    (family / "torn.json.gz").write_bytes(b"\x1f\x8b\x08")

    found = measure_folder(tmp_path)["tmdb"]

    assert (found.files, set(found.unreadable)) == (7, {"cut.json", "torn.json.gz"})
    assert found.items == 5


def test_shape_that_was_never_seen_is_named(tmp_path: Path) -> None:
    family = tmp_path / "youtube_data_v3"
    family.mkdir()
    odd = {"kind": "youtube#video", "id": "aaaaaaaaaa1", "snippet": {"title": "x", "mood": "late"}}
    (family / "odd.json").write_text(json.dumps([odd, {"weather": "fair"}, 7]), encoding="utf-8")

    details = measure_folder(tmp_path)["youtube_data_v3"].details()

    assert details["unknown_fields"] == {"snippet.mood": {"times": 1}}
    assert {"None is no video", "no object"} <= set(details["no_titles"])


def test_folder_of_nobody_we_know_is_named(tmp_path: Path) -> None:
    family = tmp_path / "lantern"
    family.mkdir()
    (family / "a.json").write_text("{}", encoding="utf-8")

    found = measure_folder(tmp_path)["lantern"]

    assert found.unreadable == {"a.json": "no provider of ours is called 'lantern'"}


@pytest.mark.parametrize("name", ["absent", "."])
def test_folder_without_answers_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInputError):
        measure_folder(tmp_path / name)


@pytest.mark.parametrize(
    ("family", "provider"),
    [
        ("tmdb", "tmdb"),
        ("justwatch_graphql", "justwatch"),
        ("youtube_data_v3", "youtube"),
        ("streaming_availability_v2", "streaming_availability"),
        ("ott_details", "ott_details"),
        ("tmdbx", None),
    ],
)
def test_folder_is_named_after_its_provider(family: str, provider: str | None) -> None:
    assert provider_of(family) == provider


def test_family_without_files_has_nothing() -> None:
    assert measure_family("tmdb", []).summary()["fields"] == 0
