"""Any process may die at any time: search is back soon, and nothing is lost."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.cloud import (
    Cloud,
    ingest_through_a_kill,
    quietly,
    within,
    write_catalog,
)

BACK_SECONDS = 15


def kill_and_await(cloud: Cloud, pid: Callable[[], int | None]) -> None:
    """Kill a process; return once another has its place and search finds again."""
    old = pid()
    assert old is not None
    cloud.kill(old)

    within(BACK_SECONDS, lambda: quietly(pid) not in {None, old}, f"another process for {old}")
    within(BACK_SECONDS, lambda: cloud.finds("space adventure"), "search")


@pytest.mark.parametrize("name", ["postgres", "redis", "emulators", "functions"])
def test_killed_child_is_back_and_nothing_is_lost(cloud: Cloud, name: str) -> None:
    counts = cloud.counts()

    kill_and_await(cloud, lambda: cloud.child(name))

    assert within(BACK_SECONDS, lambda: status_counts(cloud), "mg status") == counts


@pytest.mark.parametrize("name", ["search_query", "gateway"])
def test_killed_function_is_back(cloud: Cloud, name: str) -> None:
    kill_and_await(cloud, lambda: cloud.functions().get(name, {}).get("pid"))

    assert cloud.functions()[name]["restarts"] >= 1


def test_ingestion_survives_the_death_of_the_emulators(cloud: Cloud, tmp_path: Path) -> None:
    file = tmp_path / "lanterns.csv"
    write_catalog(file, 300)

    outcome = ingest_through_a_kill(cloud, file)

    report = outcome.report
    assert outcome.code == 0, report
    assert report["read"] == 300
    assert report["stored"] == 270
    assert report["set_aside"] == 30


def status_counts(cloud: Cloud) -> object:
    """Return the counts, None while the product does not answer yet."""
    found = cloud.status()["ingestion"]
    return None if "error" in found else cloud.counts()
