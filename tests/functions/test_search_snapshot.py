"""The job that builds what searches keep in memory, over a real database."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.adapters.resident import FORMAT, SNAPSHOT
from shared.adapters.snapshots import read_snapshot
from shared.adapters.sql.resident.changes import SqlChanges
from shared.kernel import ids
from shared.kernel.clock import FixedClock
from shared.search.resident.part import Part
from tests.fakes import catalog
from tests.fakes.edge import load
from tests.fakes.embedder import WordsEmbedder

if TYPE_CHECKING:
    from types import ModuleType


@pytest.fixture
def job(catalogue: connect.Addresses) -> ModuleType:
    """Return the job over the catalogue, its clock standing still."""
    assert catalogue.database_url
    main = load("search_snapshot")
    main.clock = FixedClock(catalog.NOW)  # type: ignore[attr-defined]
    return main


def built(job: ModuleType, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Run the job and return its summary."""
    assert job.handle([]) == 0
    summary: dict[str, Any] = orjson.loads(capsys.readouterr().out.splitlines()[-1])
    return summary


def test_the_snapshot_holds_every_living_title(
    job: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    with connect.engine().begin() as connection:
        connection.execute(text("UPDATE content SET deleted_at = now() WHERE title = 'Heat'"))
        alive = connection.execute(text("SELECT id FROM content WHERE deleted_at IS NULL"))
        expected = {str(row.id) for row in alive}

    summary = built(job, capsys)

    path = connect.addresses().artifacts_dir / SNAPSHOT
    snapshot = read_snapshot(path)
    assert set(Part.from_arrays(snapshot.arrays).ids) == expected
    assert summary["titles"] == len(expected) == catalog.MADE + 5
    assert (summary["version"], summary["bytes"]) == (snapshot.version, path.stat().st_size)
    read_at = catalog.NOW.timestamp()
    about = {"format": FORMAT, "model": WordsEmbedder.model, "read_at": read_at}
    assert snapshot.about == about


def test_of_a_catalog_that_is_too_large_there_is_no_snapshot_any_more(
    job: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    built(job, capsys)
    job.most = 100  # type: ignore[attr-defined]

    summary = built(job, capsys)

    assert not (connect.addresses().artifacts_dir / SNAPSHOT).exists()
    assert not summary["written"]
    assert summary["titles"] > 100
    assert "version" not in summary


def test_an_empty_catalog_has_an_empty_snapshot(
    job: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    with connect.engine().begin() as connection:
        connection.execute(text("UPDATE content SET deleted_at = now()"))

    assert built(job, capsys)["titles"] == 0

    snapshot = read_snapshot(connect.addresses().artifacts_dir / SNAPSHOT)
    assert list(Part.from_arrays(snapshot.arrays).ids) == []


def test_changes_of_days_ago_are_forgotten_and_later_ones_kept(
    job: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, age in enumerate((timedelta(days=3), timedelta(hours=47))):
        SqlChanges(FixedClock(catalog.NOW - age)).note([ids.named(str(number))])

    assert built(job, capsys)["purged"] == 1

    ((kept, _),) = SqlChanges().since(0, limit=10)
    assert kept == str(ids.named("1"))
