"""The workflows of availability and enrichment, run by the interpreter of workflows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulators.hub.workflow_files import read_header
from emulators.workflows.errors import WorkflowError
from tests.unit.catalog.test_life_workflows import Jobs, laboratory

FOLDER = Path(__file__).parents[3] / "workflows"
AVAILABILITY, ENRICHMENT = (
    (FOLDER / f"{name}.yaml").read_text() for name in ("availability_refresh", "enrichment")
)
ONE_PART: dict[str, Any] = {"platforms": ["hulu"], "regions": ["US"]}


@pytest.mark.parametrize(
    ("name", "cron"),
    [
        ("availability_refresh", "35 * * * *"),
        ("catalog_refresh", "5 */6 * * *"),
        ("enrichment", "0 3 * * *"),
    ],
)
def test_each_begins_by_itself_when_the_specification_says(name: str, cron: str) -> None:
    header = read_header(FOLDER / f"{name}.yaml")

    assert header is not None
    assert (header.cron, header.time_zone) == (cron, "Etc/UTC")


async def test_availability_of_every_platform_is_read_in_every_region() -> None:
    jobs = Jobs()

    answer = await laboratory(jobs).run(AVAILABILITY, {})

    assert answer == {"run_id": "availability-e1", "parts": 27}
    assert len(set(jobs.arguments)) == 27
    assert all("--kind availability" in line for line in jobs.arguments)
    assert set(jobs.names) == {"catalog-fetch"}


async def test_input_names_provider_platforms_and_regions_of_availability() -> None:
    jobs = Jobs()

    since = {"since": "2026-01-01T00:00:00+00:00"}
    await laboratory(jobs).run(AVAILABILITY, {**ONE_PART, **since, "provider": "watchmode"})

    (line,) = jobs.arguments
    assert line == (
        "--provider watchmode --platform hulu --region US --kind availability"
        " --since 2026-01-01T00:00:00+00:00 --run-id availability-e1"
    )


async def test_part_of_availability_is_tried_twice_more_and_named_where_it_stays_broken() -> None:
    jobs = Jobs("hulu", times=99)
    lab = laboratory(jobs)

    with pytest.raises(WorkflowError) as caught:
        await lab.run(AVAILABILITY, {"platforms": ["hulu", "netflix"], "regions": ["US"]})

    assert isinstance(caught.value.payload, dict)
    assert caught.value.payload["message"] == 'availability not refreshed ["hulu-US"]'
    assert (caught.value.payload["done"], len(jobs.calls)) == (1, 4)
    assert lab.clock.sleeps == [10, 20]


async def test_enrichment_fetches_then_embeds_then_rates() -> None:
    jobs = Jobs()

    answer = await laboratory(jobs).run(ENRICHMENT, {})

    assert answer == {"run_id": "enrichment-e1", "regions": 1}
    assert jobs.names == ["catalog-fetch", "catalog-reembed", "catalog-rescore"]
    assert jobs.arguments[0] == (
        "--provider tmdb --kind enrichment --region US --run-id enrichment-e1"
    )


async def test_titles_are_embedded_and_rated_though_nobody_could_be_asked_about_them() -> None:
    jobs = Jobs("catalog-fetch", times=99)

    with pytest.raises(WorkflowError) as caught:
        await laboratory(jobs).run(ENRICHMENT, {"regions": ["US", "DE"]})

    assert isinstance(caught.value.payload, dict)
    assert caught.value.payload["message"] == (
        'not enriched ["catalog-fetch-US","catalog-fetch-DE"]'
    )
    assert jobs.names[-2:] == ["catalog-reembed", "catalog-rescore"]
    assert jobs.names.count("catalog-fetch") == 8
