"""The job that brings the schema to the newest version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.edge import load
from tests.fakes.schema import NEWEST
from tests.fakes.surroundings import surroundings

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from emulators.managed.postgres import Postgres


def test_an_empty_database_is_migrated_and_a_second_run_does_nothing(
    postgres: Postgres,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with postgres.database() as url, surroundings(url, tmp_path, monkeypatch):
        handle = load("db_migrate").handle

        assert [handle([]), handle([])] == [0, 0]

    said = [line for line in capsys.readouterr().out.splitlines() if "severity" not in line]
    assert said == ['{"version":"' + NEWEST + '"}'] * 2
