"""``mg evaluate search``: a job of its own process, over a cloud that is gone afterwards."""

from __future__ import annotations

import json
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from emulators.cli import evaluate, scratch
from emulators.core import environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.unit.cli.test_evaluate_matching import Run


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stand for the cloud by the environment alone; say when it was ended."""
    ends: list[str] = []

    @contextmanager
    def cloud() -> Iterator[Mapping[str, str]]:
        try:
            yield environment.load().inherited
        finally:
            ends.append("ended")

    monkeypatch.setattr(evaluate, "scratch_cloud", cloud)
    return ends


@pytest.mark.usefixtures("state")
def test_a_folder_without_films_fails_with_the_file_it_lacks(
    mg: Run, ended: list[str], tmp_path: Path
) -> None:
    result = mg("evaluate", "search", "--data", str(tmp_path), "--format", "json")

    assert result.exit_code == 1
    assert "no file tmdb_corpus.jsonl.gz" in json.loads(result.stdout)["error"]
    assert ended == ["ended"]


@pytest.mark.usefixtures("state")
def test_a_cloud_that_does_not_start_is_the_error_and_leaves_nothing(
    mg: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    failing = ("sh", "-c", 'echo \'{"error": "no PostgreSQL is here"}\'; exit 1')
    monkeypatch.setattr(scratch, "MG", failing)

    result = mg("evaluate", "search", "--data", str(tmp_path), "--format", "json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"] == "no PostgreSQL is here"
    assert list(tmp_path.glob("mg-scratch-*")) == []
