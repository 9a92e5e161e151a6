"""What is kept of a release is decided by what was released, and by nothing else."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from terraform.pipeline.record import main

if TYPE_CHECKING:
    from pathlib import Path

ABOUT = ("--commit", "c0ffee" * 6, "--build", "b-1", "--environment", "dev", "--at", "2026-01-01")


def recorded(folder: Path) -> dict[str, object]:
    """Record what the steps left in a folder."""
    assert main([*ABOUT, "--folder", str(folder)]) == 0
    note: dict[str, object] = json.loads((folder / "release.json").read_bytes())
    return note


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return what the steps of a good release leave."""
    (tmp_path / "manifest.json").write_text(
        '{"seed": {"sha256": "b2"}, "gateway": {"sha256": "a1"}}'
    )
    (tmp_path / "images.txt").write_text("us/p/jobs/jobs@sha256:1\nus/p/functions/gateway:a1\n")
    (tmp_path / "plan.tfplan").write_bytes(b"a plan")
    outcome = {"promoted": True, "percent": 100, "reasons": ["10 %: gateway: promote: fine"]}
    (tmp_path / "outcome.json").write_text(json.dumps(outcome))
    (tmp_path / "smoke.txt").write_text("found Heat\n")
    return tmp_path


def test_note_names_commit_bundles_images_plan_and_result(folder: Path) -> None:
    note = recorded(folder)

    assert note["result"] == "released"
    assert note["bundles"] == {"gateway": "a1", "seed": "b2"}
    assert note["images"] == ["us/p/functions/gateway:a1", "us/p/jobs/jobs@sha256:1"]
    assert note["plan_sha256"] == hashlib.sha256(b"a plan").hexdigest()
    assert note["commit"] == "c0ffee" * 6


def test_equal_input_makes_an_equal_note(folder: Path) -> None:
    recorded(folder)
    first = [(folder / name).read_bytes() for name in ("release.json", "release.md")]

    recorded(folder)

    assert [(folder / name).read_bytes() for name in ("release.json", "release.md")] == first


@pytest.mark.parametrize("absent", ["outcome.json", "smoke.txt"])
def test_release_that_did_not_hold_is_recorded_as_rolled_back(folder: Path, absent: str) -> None:
    (folder / absent).unlink()

    assert recorded(folder)["result"] == "rolled back"


def test_canary_that_went_back_is_no_release_although_the_door_works(folder: Path) -> None:
    reasons = ["25 %: search-query: roll-back: p95 900 ms of 400 ms promised"]
    outcome = {"promoted": False, "percent": 25, "reasons": reasons}
    (folder / "outcome.json").write_text(json.dumps(outcome))

    assert recorded(folder)["result"] == "rolled back"
    assert reasons[0] in (folder / "release.md").read_text()


@pytest.mark.parametrize("absent", ["manifest.json", "images.txt", "plan.tfplan"])
def test_release_of_nothing_is_not_recorded(folder: Path, absent: str) -> None:
    (folder / absent).unlink()

    assert main([*ABOUT, "--folder", str(folder)]) == 1
    assert not (folder / "release.json").exists()
