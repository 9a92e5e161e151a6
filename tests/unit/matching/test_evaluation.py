"""Resolution measured on labelled data: what is counted, and what is said of data it cannot use."""

from __future__ import annotations

import csv
import gzip
import json
from itertools import combinations
from statistics import mean
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import InvalidInputError, NotFoundError
from shared.matching.evaluation.clean import clean_folders, evaluate_clean
from shared.matching.evaluation.drift import evaluate_drift
from shared.matching.evaluation.measure import Placed, by_group, clusters, count_pairs, one_word
from shared.matching.evaluation.records import read_labelled
from shared.matching.evaluation.resolution import evaluate_records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

PLACED = st.lists(
    st.builds(
        Placed,
        cluster=st.integers(0, 4),
        entity=st.sampled_from("abcd"),
        group=st.sampled_from(("tmdb", "hulu")),
        one_word=st.booleans(),
    ),
    max_size=12,
)
HEAT: dict[str, Any] = {
    "rid": "1", "source": "one", "platform": "hulu", "type": "movie", "title": "Heat",
    "year": 1995, "runtime": 170, "genres": ["Crime"], "cast": ["Al Pacino"],
}  # fmt: skip
LISTED = {"id": "tm1", "title": "Heat", "type": "MOVIE", "release_year": "1995", "runtime": "170",
          "genres": "['crime', 'drama']", "production_countries": "['US']"}  # fmt: skip


def seconds() -> Iterator[float]:
    yield from (0.0, 2.0, 2.0, 4.0, 4.0, 6.0)


def write_table(path: Path, rows: Sequence[Mapping[str, Any]], delimiter: str = ",") -> None:
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def write_labelled(folder: Path, records: Sequence[Mapping[str, Any]], *entities: str) -> Path:
    with gzip.open(folder / "records.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)
    rows = [
        {"rid": record.get("rid", "?"), "imdb_id": entity, "confirmed": "1"}
        for record, entity in zip(records, entities, strict=True)
    ]
    write_table(folder / "truth.csv.gz", rows)
    return folder


@given(PLACED)
def test_pairs_are_counted_as_one_would_by_looking_at_each(placed: list[Placed]) -> None:
    pairs = list(combinations(placed, 2))
    predicted = [(a, b) for a, b in pairs if a.cluster == b.cluster]
    found = [(a, b) for a, b in predicted if a.entity == b.entity]

    counted = count_pairs(placed)

    assert (counted.found, counted.predicted) == (len(found), len(predicted))
    assert counted.true == sum(a.entity == b.entity for a, b in pairs)


@given(PLACED)
def test_pairs_of_sources_add_up_to_all_pairs(placed: list[Placed]) -> None:
    told = by_group(placed).values()

    assert sum(one["true_pairs"] for one in told) == count_pairs(placed).true
    assert sum(one["predicted_pairs"] for one in told) == count_pairs(placed).predicted


@given(PLACED)
def test_one_word_titles_are_judged_by_pairs_that_have_one(placed: list[Placed]) -> None:
    pairs = [(a, b) for a, b in combinations(placed, 2) if a.one_word or b.one_word]

    told = one_word(placed)
    predicted = [a.entity == b.entity for a, b in pairs if a.cluster == b.cluster]
    assert told["true_pairs"] == sum(a.entity == b.entity for a, b in pairs)
    assert told["precision"] == (pytest.approx(mean(predicted), abs=1e-4) if predicted else None)


def test_a_cluster_of_two_entities_and_an_entity_in_two_clusters_are_counted() -> None:
    placed = [Placed(1, "a", "x"), Placed(1, "b", "x"), Placed(2, "b", "x"), Placed(3, "c", "x")]

    found = clusters(placed)

    assert (found["over_merged"], found["over_merged_share"]) == (1, pytest.approx(1 / 3, abs=1e-5))
    assert (found["split"], found["split_share_of_several"]) == (1, 1.0)


def test_labelled_records_are_resolved_and_judged(tmp_path: Path) -> None:
    records = [
        HEAT,
        {**HEAT, "rid": "2", "source": "two"},
        {"rid": "3", "source": "three", "platform": "movielens", "title": "Heat;The (2013)"},
        {"rid": "4", "source": "one", "platform": "hulu", "title": "Ronin", "type": "show"},
    ]
    write_labelled(tmp_path, records, "tt1", "tt1", "tt2", "tt3")

    report = evaluate_records(tmp_path, seconds().__next__)

    assert (report["records"], report["titles"], report["records_per_second"]) == (4, 3, 2)
    assert (report["confirmed"]["precision"], report["confirmed"]["recall"]) == (1.0, 1.0)
    assert report["confirmed"]["by_source_pair"]["one – two"]["true_pairs"] == 1
    assert report["pair_completeness"] == 1.0


def test_a_record_the_normalizer_refuses_is_set_aside(tmp_path: Path) -> None:
    records = [{**HEAT, "rid": str(n), "title": f"Film {n}"} for n in range(30)]
    records[7] = {**records[7], "year": "last year"}
    write_labelled(tmp_path, records, *(f"tt{n}" for n in range(30)))

    read = read_labelled(tmp_path)

    assert len(read.records) == 29
    assert "line 8: year" in read.set_aside[0]


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (
            {"rid": "1", "source": "one", "platform": "hulu"},
            "records.jsonl.gz, line 1: title: is missing",
        ),
        ({**HEAT, "year": "soon"}, "records.jsonl.gz, line 1: year"),
        ({**HEAT, "platform": "Not A Platform"}, "records.jsonl.gz, line 1: platform"),
    ],
)
def test_what_is_wrong_with_records_is_said_with_file_line_and_column(
    tmp_path: Path, record: dict[str, Any], message: str
) -> None:
    write_labelled(tmp_path, [record], "tt1")

    with pytest.raises(InvalidInputError, match=message):
        read_labelled(tmp_path)


def test_files_of_another_shape_are_named_with_what_they_lack(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no file truth\.csv\.gz"):
        read_labelled(tmp_path)
    write_table(tmp_path / "truth.csv.gz", [{"rid": "1", "id": "tt1"}])
    with pytest.raises(InvalidInputError, match=r"truth\.csv\.gz: no column imdb_id, confirmed"):
        read_labelled(tmp_path)
    (tmp_path / "truth.csv.gz").write_bytes(b"no gzip")
    with pytest.raises(InvalidInputError, match=r"truth\.csv\.gz cannot be read"):
        read_labelled(tmp_path)


def test_a_record_without_truth_and_a_line_that_is_no_json_are_named(tmp_path: Path) -> None:
    write_labelled(tmp_path, [HEAT], "tt1")
    lines = json.dumps({**HEAT, "rid": "9"})
    (tmp_path / "records.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    with pytest.raises(InvalidInputError, match="line 1: rid: 9 is not in the truth"):
        read_labelled(tmp_path)
    (tmp_path / "records.jsonl.gz").write_bytes(gzip.compress(b"{"))
    with pytest.raises(InvalidInputError, match="line 1: "):
        read_labelled(tmp_path)


def test_lines_that_are_no_records_are_set_aside_and_blank_ones_are_none(tmp_path: Path) -> None:
    records = [{**HEAT, "rid": str(n), "title": f"Film {n}"} for n in range(60)]
    write_labelled(tmp_path, records, *(f"tt{n}" for n in range(60)))
    lines = [json.dumps(record) for record in records]
    lines[7], lines[8] = "{", '{"rid": "8", "source": "one", "platform": "hulu", "title": ""}'
    (tmp_path / "records.jsonl.gz").unlink()
    text = "\ufeff" + "\r\n".join([*lines[:30], "", *lines[30:], "", ""])
    (tmp_path / "records.jsonl").write_text(text, encoding="utf-8")

    read = read_labelled(tmp_path)

    assert len(read.records) == 58
    assert ["line 8: " in read.set_aside[0], "line 9: title" in read.set_aside[1]] == [True, True]


def test_rows_of_a_snapshot_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    ronin = {**LISTED, "id": "tm2", "title": "", "release_year": "1998"}
    folder = write_snapshot(tmp_path / "before", hulu=[LISTED, ronin])
    packed = folder / "hulu_titles.csv.gz"
    plain = gzip.decompress(packed.read_bytes()).decode()
    packed.unlink()
    (folder / "hulu_titles.csv").write_text(f"\ufeff{plain}tm9,too few\n\n", encoding="utf-8")

    report = evaluate_drift(folder, folder, seconds().__next__)

    assert report["listings"] == {"before": 1, "after": 1}
    assert report["set_aside"] == {"before": 2, "after": 2}


def write_clean(folder: Path, pairs: Sequence[tuple[str, str]]) -> Path:
    made = folder / "films_a_b"
    made.mkdir()
    name, year = "https://example.org/ontology/title", "https://example.org/startYear"
    left = [{"id": "0", name: "Heat of Noon", year: "1995-01-01"}, {"id": "1", name: "", year: ""}]
    right = [{"id": "7", "title": "The Heat of Noon", "releaseDate": "1995-12-15"}]
    write_table(made / "a.csv.gz", left, "|")
    write_table(made / "b.csv.gz", right, "|")
    write_table(made / "gt.csv.gz", [{"D1": a, "D2": b} for a, b in pairs], "|")
    return made


def test_two_clean_tables_are_matched_by_the_same_scorer(tmp_path: Path) -> None:
    folder = write_clean(tmp_path, [("0", "7")])

    assert clean_folders(tmp_path) == [folder]
    report = evaluate_clean(folder, seconds().__next__)

    assert (report["matched"]["precision"], report["matched"]["recall"]) == (1.0, 1.0)
    assert report["resolved"]["f1"] == 1.0


def test_a_true_pair_of_rows_that_are_not_there_is_refused(tmp_path: Path) -> None:
    folder = write_clean(tmp_path, [("0", "8")])

    with pytest.raises(InvalidInputError, match=r"gt\.csv\.gz: pair 0, 8"):
        evaluate_clean(folder, seconds().__next__)


def write_snapshot(folder: Path, **platforms: Sequence[Mapping[str, Any]]) -> Path:
    folder.mkdir()
    for platform, rows in platforms.items():
        write_table(folder / f"{platform}_titles.csv.gz", rows)
    return folder


def test_titles_of_two_snapshots_that_keep_their_id_come_and_go_are_counted(tmp_path: Path) -> None:
    ronin = {**LISTED, "id": "tm2", "title": "Ronin", "release_year": "1998"}
    thief = {**LISTED, "id": "tm3", "title": "Thief of Time", "release_year": "1981"}
    before = write_snapshot(tmp_path / "before", hulu=[LISTED, ronin])
    after = write_snapshot(tmp_path / "after", netflix=[LISTED], peacock=[LISTED, thief])

    report = evaluate_drift(before, after, seconds().__next__)

    assert (report["in_both"], report["kept"], report["added"], report["removed"]) == (1, 1, 1, 1)
    assert (report["duplicated"], report["shared_ids"], report["new_records"]) == (0, 0, 1)


def test_the_aggregators_id_does_not_join_listings_of_two_platforms(tmp_path: Path) -> None:
    before = write_snapshot(tmp_path / "before", hulu=[LISTED])
    other = {**LISTED, "title": "Paddington", "release_year": "2014"}
    after = write_snapshot(tmp_path / "after", netflix=[other])

    report = evaluate_drift(before, after, seconds().__next__)

    assert (report["kept"], report["moved"], report["new_records"]) == (0, 1, 1)


def test_a_folder_that_is_no_snapshot_is_refused(tmp_path: Path) -> None:
    before = write_snapshot(tmp_path / "before", hulu=[{"id": "tm1", "name": "Heat"}])

    with pytest.raises(InvalidInputError, match=r"hulu_titles\.csv\.gz: no column title, type"):
        evaluate_drift(before, before, seconds().__next__)
    with pytest.raises(InvalidInputError, match="holds no CSV file"):
        evaluate_drift(tmp_path, before, seconds().__next__)
