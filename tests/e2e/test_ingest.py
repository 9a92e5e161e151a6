"""A catalog file is taken in: each record is stored or set aside, and twice is as once."""

from typing import Any

import pytest

from tests.e2e.cloud import GENERIC, JSON, TITLES, Cloud

COMMAND = ("ingest", str(TITLES), *GENERIC, "--platform", "netflix", *JSON)


@pytest.fixture(scope="module")
def report(cloud: Cloud) -> dict[str, Any]:
    """Return what taking in the file reports."""
    return cloud.mg(*COMMAND).json()


def test_each_record_is_stored_or_set_aside(report: dict[str, Any]) -> None:
    assert report["state"] == "done"
    assert report["read"] == 30
    assert report["stored"] == 25
    assert report["set_aside"] == 5
    assert report["lost"] == 0


def test_what_was_set_aside_names_its_source_and_field(
    cloud: Cloud, report: dict[str, Any]
) -> None:
    found = cloud.rows(
        "SELECT raw_uri, field, error FROM ingest_error WHERE run_id = :run",
        run=report["run_id"],
    )

    assert len(found) == report["set_aside"]
    assert all("#" in raw_uri and error for raw_uri, _, error in found)
    assert all(field for _, field, _ in found)


def test_file_taken_in_twice_leaves_everything_as_it_was(
    cloud: Cloud, report: dict[str, Any]
) -> None:
    counts, titles = cloud.counts(), cloud.fingerprint()

    again = cloud.mg(*COMMAND).json()

    assert (again["stored"], again["lost"]) == (report["stored"], 0)
    assert cloud.counts() == counts
    assert cloud.fingerprint() == titles


def test_title_of_the_file_is_found(cloud: Cloud, report: dict[str, Any]) -> None:
    assert report["stored"]

    found = cloud.search(q="Seven Samurai", platforms="netflix", region="US")["results"]

    assert found[0]["content"]["title"] == "Seven Samurai"


def test_status_is_one_object_with_counts(cloud: Cloud) -> None:
    status = cloud.mg("status", *JSON).json()

    counts = status["ingestion"]
    assert status["state"] == "ready"
    assert counts["read"] == counts["resolved"] + counts["set_aside"] + counts["pending"]
    assert counts["titles"] >= 980
    assert {each["state"] for each in status["functions"].values()} <= {"ready", "asleep"}


def test_file_that_is_not_there_is_wrong_usage(cloud: Cloud) -> None:
    assert cloud.mg("ingest", "no-such-file.csv", *GENERIC).code == 2
