"""The local twin fails where a stage fails, and tells what it did not execute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from terraform.pipeline import local
from terraform.pipeline.local import NotExecuted, Stage, StageError, Work, chosen, run

if TYPE_CHECKING:
    from pathlib import Path


def passing(_: Work) -> None:
    """Pass."""


def failing(_: Work) -> None:
    """Fail."""
    raise StageError("it ended with 1")


def absent(_: Work) -> None:
    """Be absent."""
    raise NotExecuted("terraform is not installed")


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """Return an empty folder to work in."""
    return Work(tmp_path, "")


def test_stage_that_fails_is_named_and_the_others_still_run(
    work: Work, capsys: pytest.CaptureFixture[str]
) -> None:
    stages = [Stage("first", failing), Stage("second", passing), Stage("third", absent)]

    assert run(stages, work) == (["first"], ["third: terraform is not installed"])
    assert "it ended with 1" in capsys.readouterr().out


def test_nothing_planned_means_nothing_checked_and_says_so(work: Work) -> None:
    policy = [stage for stage in local.STAGES if stage.name in {"policy", "checkov"}]

    assert run(policy, work) == (
        [],
        ["policy: nothing was planned", "checkov: nothing was planned"],
    )


def test_plan_that_cannot_be_read_fails_its_policy(work: Work) -> None:
    work.plans["dev"] = work.folder / "absent.json"

    assert run(chosen(["policy"], []), work)[0] == ["policy"]


def test_checkov_that_checks_nothing_fails(work: Work) -> None:
    silent = Work(work.folder, "true", {"dev": work.folder / "dev.json"})

    assert run(chosen(["checkov"], []), silent)[0] == ["checkov"]


def test_checkov_that_does_not_run_fails(work: Work) -> None:
    broken = Work(work.folder, "false", {"dev": work.folder / "dev.json"})

    assert run(chosen(["checkov"], []), broken)[0] == ["checkov"]


def test_stages_are_chosen_by_name_and_keep_their_order() -> None:
    every = [stage.name for stage in local.STAGES]

    assert [stage.name for stage in chosen([], [])] == every
    assert [stage.name for stage in chosen(["policy", "plan"], [])] == ["plan", "policy"]
    assert "tests" not in [stage.name for stage in chosen([], ["tests"])]


def test_run_that_executes_nothing_is_no_success(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert local.main(["--only", "policy"]) == 2
    assert "policy: nothing was planned" in capsys.readouterr().out


def test_what_only_a_cloud_can_do_is_listed_with_its_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    local.main(["--only", "policy", "--without", "tests"])

    said = capsys.readouterr().out
    assert "tests: was not asked for" in said
    for name, reason in local.IN_THE_CLOUD.items():
        assert f"{name}: {reason}" in said
