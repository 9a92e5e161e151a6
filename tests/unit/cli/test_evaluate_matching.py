"""``mg evaluate matching`` and ``drift``: by the local cloud where it runs, else by themselves."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from tests.unit.cli.conftest import Services
from tests.unit.cli.test_commands import JOBS, done

Run = Callable[..., Result]
ROW = "id,title,type,release_year\ntm1,Heat,MOVIE,1995\n"


def snapshot(folder: Path) -> Path:
    folder.mkdir()
    (folder / "hulu_titles.csv").write_text(ROW, encoding="utf-8")
    return folder


@pytest.mark.usefixtures("state")
def test_without_a_local_cloud_the_job_runs_by_itself(mg: Run, tmp_path: Path) -> None:
    folders = [str(snapshot(tmp_path / name)) for name in ("before", "after")]

    result = mg("evaluate", "drift", "--before", folders[0], "--after", folders[1],
                "--format", "json")  # fmt: skip

    assert result.exit_code == 0
    assert json.loads(result.stdout)["summary"]["kept_share"] == 1.0


@pytest.mark.usefixtures("state")
def test_a_folder_of_another_shape_fails_with_the_file_it_lacks(mg: Run, tmp_path: Path) -> None:
    result = mg("evaluate", "matching", "--data", str(tmp_path), "--format", "json")

    assert result.exit_code == 1
    assert "no file truth.csv.gz" in json.loads(result.stdout)["error"]


def test_with_a_local_cloud_its_job_is_run_and_every_part_printed(
    mg: Run, services: Services, tmp_path: Path
) -> None:
    parts = {"f1": 0.97, "confirmed": {"recall": 0.95, "pairs": {"a – b": {"precision": 0.99}}}}
    services.on(f"POST {JOBS}/matching-evaluate:run", (200, done(parts)))

    result = mg("evaluate", "matching", "--data", str(tmp_path))

    assert result.exit_code == 0
    for shown in ("0.97", "confirmed", "0.95", "a – b", "precision", "0.99"):
        assert shown in result.stdout
