"""The workflows of availability and enrichment, run by the interpreter of workflows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulators.hub.workflow_files import read_header
from emulators.workflows.errors import WorkflowError
from tests.unit.catalog.test_life_workflows import Jobs, laboratory

FOLDER = Path(__file__).parents[3] / "workflows"
AVAILABILITY, ENRICHMENT, EPISODES, QUALITY, TRENDING = (
    (FOLDER / f"{name}.yaml").read_text()
    for name in ("availability_refresh", "enrichment", "episodes_refresh", "quality", "trending")
)
ONE_PART: dict[str, Any] = {"platforms": ["hulu"], "regions": ["US"]}


@pytest.mark.parametrize(
    ("name", "cron"),
    [
        ("availability_refresh", "35 * * * *"),
        ("catalog_refresh", "5 */6 * * *"),
        ("enrichment", "0 3 * * *"),
        ("episodes_refresh", "20 4 * * 3"),
        ("quality", "40 5 * * 1"),
        ("trending", "*/30 * * * *"),
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


async def test_trends_are_asked_for_by_region_and_tried_once_more() -> None:
    jobs = Jobs("DE", times=2)

    with pytest.raises(WorkflowError) as caught:
        await laboratory(jobs).run(TRENDING, {"regions": ["US", "DE"]})

    assert isinstance(caught.value.payload, dict)
    assert caught.value.payload["message"] == 'trends not fetched ["DE"]'
    assert jobs.arguments == [
        f"--provider tmdb --kind trending --region {region} --run-id trending-e1"
        for region in ("US", "DE", "DE")
    ]


async def test_quality_is_rated_under_the_run_it_is() -> None:
    jobs = Jobs()

    assert await laboratory(jobs).run(QUALITY, {}) == {"run_id": "quality-e1"}

    assert (jobs.names, jobs.arguments) == (["catalog-rescore"], ["--run-id quality-e1"])


async def test_episodes_are_fetched_and_compared_by_part_and_then_asked_for_in_detail() -> None:
    jobs = Jobs()

    answer = await laboratory(jobs).run(EPISODES, ONE_PART)

    assert answer == {"run_id": "episodes-e1", "parts": 1}
    chosen = "--provider streaming_availability --platform hulu --region US --run-id episodes-e1"
    assert jobs.names == ["catalog-fetch", "catalog-reconcile", "catalog-fetch"]
    assert jobs.arguments == [
        f"{chosen} --kind episodes",
        f"{chosen} --wait-seconds 840",
        "--provider tmdb --kind episodes --region US --run-id episodes-e1",
    ]


async def test_details_of_episodes_are_asked_for_though_a_platform_could_not_be_fetched() -> None:
    jobs = Jobs("hulu", times=99)

    with pytest.raises(WorkflowError) as caught:
        await laboratory(jobs).run(EPISODES, ONE_PART)

    assert isinstance(caught.value.payload, dict)
    assert caught.value.payload["message"] == 'episodes not refreshed ["hulu-US"]'
    assert "tmdb" in jobs.arguments[-1]
