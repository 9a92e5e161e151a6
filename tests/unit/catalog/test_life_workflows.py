"""The workflows of expiry and reconciliation, run by the interpreter of workflows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from emulators.workflows.errors import WorkflowError
from tests.unit.workflows.conftest import Lab, Outside

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).parents[3] / "workflows"
EXPIRY, RECONCILE = ((FOLDER / f"{name}.yaml").read_text() for name in ("expiry", "reconcile"))
ENVIRONMENT = {
    "GOOGLE_CLOUD_PROJECT_ID": "p1",
    "GOOGLE_CLOUD_LOCATION": "us-central1",
    "GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID": "e1",
}
ONE_PART: dict[str, Any] = {"platforms": ["hulu"], "regions": ["US"]}


class Jobs(Outside):
    """Runs jobs; those whose name and arguments hold a word fail as often as a test says."""

    def __init__(self, failing: str = "", times: int = 0) -> None:
        super().__init__()
        self.failing, self.left = failing, times

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a connector's answer
        """Take a job run."""
        self.calls.append((name, arguments))
        if self.left and self.failing in str(arguments):
            self.left -= 1
            raise WorkflowError({"message": "no", "code": 503, "tags": ["HttpError"]})
        return {"succeededCount": 1}

    @property
    def names(self) -> list[str]:
        """The jobs that were run, in order."""
        found: list[Any] = [arguments["name"] for _, arguments in self.calls]
        return [name.rpartition("/")[2] for name in found]

    @property
    def arguments(self) -> list[str]:
        """The command line of every run, in order."""
        bodies: list[Any] = [arguments["body"] for _, arguments in self.calls]
        lines = [body["overrides"]["containerOverrides"][0]["args"] for body in bodies]
        return [" ".join(line) for line in lines]


def laboratory(jobs: Jobs) -> Lab:
    lab = Lab()
    lab.host = replace(lab.host, connectors=jobs, environment=ENVIRONMENT)
    return lab


async def test_offers_end_every_quarter_and_titles_are_told_of_in_the_first() -> None:
    ran: list[list[str]] = []
    for minutes in (0, 15, 30, 45, 60):
        jobs = Jobs()
        lab = laboratory(jobs)
        lab.clock.time += minutes * 60
        await lab.run(EXPIRY, {})
        ran.append(jobs.names)

    both = ["catalog-expire", "catalog-notify"]
    assert ran == [both, both[:1], both[:1], both[:1], both]


@pytest.mark.parametrize("notify", [True, False])
async def test_input_says_whether_titles_are_told_of(notify: bool) -> None:
    jobs = Jobs()

    assert await laboratory(jobs).run(EXPIRY, {"notify": notify}) == {"notified": notify}

    assert ("catalog-notify" in jobs.names) is notify


async def test_a_job_of_expiry_is_tried_three_times() -> None:
    jobs = Jobs("catalog-expire", 2)
    await laboratory(jobs).run(EXPIRY, {"notify": False})
    assert jobs.names == ["catalog-expire"] * 3

    with pytest.raises(WorkflowError):
        await laboratory(Jobs("catalog-expire", 3)).run(EXPIRY, {"notify": False})


async def test_every_part_is_fetched_whole_and_then_compared() -> None:
    jobs = Jobs()

    assert await laboratory(jobs).run(RECONCILE, ONE_PART) == {"run_id": "full-e1", "parts": 1}

    chosen = "--provider streaming_availability --platform hulu --region US --run-id full-e1"
    assert jobs.names == ["catalog-fetch", "catalog-reconcile"]
    assert jobs.arguments == [f"{chosen} --anew --kind catalog", f"{chosen} --wait-seconds 840"]


async def test_all_platforms_are_reconciled_in_all_regions_by_default() -> None:
    jobs = Jobs()

    assert await laboratory(jobs).run(RECONCILE, {}) == {"run_id": "full-e1", "parts": 27}

    assert len(set(jobs.arguments)) == 54


async def test_a_part_that_is_refused_is_named_and_the_others_are_done() -> None:
    jobs = Jobs("'GB'", 99)

    with pytest.raises(WorkflowError) as caught:
        await laboratory(jobs).run(RECONCILE, {**ONE_PART, "regions": ["US", "GB", "DE"]})

    assert isinstance(caught.value.payload, dict)
    assert str(caught.value.payload["message"]).startswith("not reconciled")
    assert caught.value.payload["done"] == 2
