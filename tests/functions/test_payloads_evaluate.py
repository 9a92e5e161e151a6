"""The job that measures what is kept of recorded answers, as it is run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from tests.fakes.edge import load

if TYPE_CHECKING:
    import pytest

PAYLOADS = Path(__file__).parents[1] / "fixtures" / "payloads"


def test_job_prints_a_row_for_each_family_and_what_was_not_kept(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = load("payloads_evaluate").handle(["--data", str(PAYLOADS)])

    summary = orjson.loads(capsys.readouterr().out.splitlines()[-1])
    assert status == 0
    assert set(summary["families"]) == {folder.name for folder in PAYLOADS.iterdir()}
    assert summary["families"]["tmdb"]["lost"] == 0
    assert "refusals" in summary["details"]["tmdb"]


def test_job_refuses_a_folder_without_answers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = load("payloads_evaluate").handle(["--data", str(tmp_path)])

    assert status == 1
    assert "has no folder with JSON files" in capsys.readouterr().err
