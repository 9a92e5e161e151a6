"""The workflow that keeps catalogs fresh, run by the interpreter of workflows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from emulators.workflows.errors import WorkflowError
from shared.kernel import trace
from tests.unit.workflows.conftest import Lab, Outside

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = (Path(__file__).parents[3] / "workflows" / "catalog_refresh.yaml").read_text()
ENVIRONMENT = {
    "GOOGLE_CLOUD_PROJECT_ID": "p1",
    "GOOGLE_CLOUD_LOCATION": "us-central1",
    "GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID": "e1",
}


class Jobs(Outside):
    """Runs jobs; one platform's fails as often, and with the code, a test says."""

    def __init__(self, platform: str = "", code: int = 503, times: int = 0) -> None:
        super().__init__()
        self.platform, self.code, self.left = platform, code, times

    async def call(self, name: str, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a connector's answer
        """Take a job run."""
        self.calls.append((name, arguments))
        if self.left and self.platform in self.arguments[-1]:
            self.left -= 1
            raise WorkflowError({"message": "no", "code": self.code, "tags": ["HttpError"]})
        return {"succeededCount": 1}

    @property
    def arguments(self) -> list[list[str]]:
        """The command line of every run, in order."""
        bodies: list[Any] = [arguments["body"] for _, arguments in self.calls]
        return [body["overrides"]["containerOverrides"][0]["args"] for body in bodies]

    @property
    def traces(self) -> set[str]:
        """What the jobs were told of their trace."""
        bodies: list[Any] = [arguments["body"] for _, arguments in self.calls]
        told = [body["overrides"]["containerOverrides"][0]["env"] for body in bodies]
        assert {variable["name"] for (variable,) in told} == {"TRACEPARENT"}
        return {variable["value"] for (variable,) in told}


def laboratory(jobs: Jobs) -> Lab:
    """Return a laboratory whose connectors run these jobs."""
    lab = Lab()
    lab.host = replace(lab.host, connectors=jobs, environment=ENVIRONMENT)
    return lab


async def test_every_platform_is_fetched_in_every_region_by_default() -> None:
    jobs = Jobs()

    answer = await laboratory(jobs).run(SOURCE, {})

    assert answer == {"run_id": "refresh-e1", "parts": 27}
    assert {name for name, _ in jobs.calls} == {"googleapis.run.v2.projects.locations.jobs.run"}
    assert len({tuple(arguments) for arguments in jobs.arguments}) == 27
    assert jobs.calls[0][1]["name"] == "projects/p1/locations/us-central1/jobs/catalog-fetch"


async def test_input_narrows_what_is_fetched() -> None:
    jobs = Jobs()

    await laboratory(jobs).run(
        SOURCE, {"platforms": ["hulu"], "regions": ["US"], "kind": "catalog"}
    )

    (arguments,) = jobs.arguments
    assert " ".join(arguments) == (
        "--provider streaming_availability --platform hulu --region US --kind catalog"
        " --since  --no-anew --run-id refresh-e1"
    )


async def test_run_that_is_to_be_told_anew_says_so_to_each_fetch() -> None:
    jobs = Jobs()

    await laboratory(jobs).run(SOURCE, {"platforms": ["hulu"], "regions": ["US"], "anew": True})

    (arguments,) = jobs.arguments
    assert "--anew" in arguments


async def test_part_that_fails_is_tried_again_with_growing_waits() -> None:
    jobs = Jobs("hulu", times=2)
    lab = laboratory(jobs)

    answer = await lab.run(SOURCE, {"platforms": ["hulu"], "regions": ["US"]})

    assert (answer["parts"], len(jobs.calls), lab.clock.sleeps) == (1, 3, [10, 20])


async def test_part_that_stays_broken_does_not_stop_the_others_but_is_named() -> None:
    jobs = Jobs("hulu", times=99)

    with pytest.raises(WorkflowError) as caught:
        await laboratory(jobs).run(SOURCE, {"platforms": ["hulu", "netflix"], "regions": ["US"]})

    assert isinstance(caught.value.payload, dict)
    assert caught.value.payload["message"] == 'not refreshed ["hulu-US"]'
    assert caught.value.payload["done"] == 1
    assert len(jobs.calls) == 5


async def test_what_the_caller_got_wrong_is_not_tried_again() -> None:
    jobs = Jobs("hulu", code=404, times=99)

    with pytest.raises(WorkflowError):
        await laboratory(jobs).run(SOURCE, {"platforms": ["hulu"], "regions": ["US"]})

    assert len(jobs.calls) == 1


async def test_all_jobs_of_an_execution_are_in_the_trace_that_its_id_names() -> None:
    jobs = Jobs()
    lab = laboratory(jobs)
    execution = "0af76519-16cd-43dd-8448-eb211c80319c"
    told = ENVIRONMENT | {"GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID": execution}
    lab.host = replace(lab.host, environment=told)

    await lab.run(SOURCE, {"regions": ["US"]})

    (place,) = (trace.received({"traceparent": told}) for told in jobs.traces)
    assert place is not None
    assert (place.trace_id, place.sampled) == (execution.replace("-", ""), True)


async def test_whoever_starts_it_may_name_the_trace() -> None:
    jobs = Jobs()
    given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    await laboratory(jobs).run(SOURCE, {"regions": ["US"], "traceparent": given})

    assert jobs.traces == {given}
