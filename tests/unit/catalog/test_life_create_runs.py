"""Runs that a person starts, against the workflows there are."""

from __future__ import annotations

from datetime import timedelta, timezone
from pathlib import Path

import pytest

from shared.catalog import fetch
from shared.catalog.fetch import KINDS
from shared.catalog.life_create_runs import FEEDS, SERVED, RunKind, RunPlan, RunWanted, plan_run
from shared.kernel.errors import InvalidInputError
from tests.unit.matching.items import NOON

WORKFLOWS = Path(__file__).parents[3] / "workflows"
CATALOG = plan_run(
    RunWanted(kind=RunKind.CATALOG, platforms=["netflix"], regions=["US", "GB"]), NOON
)


@pytest.mark.parametrize("serving", SERVED.values(), ids=[str(kind) for kind in SERVED])
def test_what_serves_a_run_is_a_workflow_that_names_its_runs_so(serving: object) -> None:
    plan = RunPlan(serving, (), ())  # type: ignore[arg-type]
    source = (WORKFLOWS / f"{plan.serving.workflow.replace('-', '_')}.yaml").read_text("utf-8")

    assert f'run_id: ${{"{plan.serving.prefix}" + ' in source
    kinds = {kind for kinds in KINDS.values() for kind in kinds}
    assert plan.serving.family <= kinds | {RunKind.QUALITY}
    told = {"regions": plan.serving.placed, "platforms": plan.serving.parted}
    for name in (name for name, may_be in told.items() if may_be):
        assert f'map.get(input, "{name}")' in source
    if plan.serving.usual in FEEDS:
        assert 'map.get(input, "since")' in source
    if plan.serving.kind:
        assert f'default(map.get(input, "kind"), "{plan.serving.usual}")' in source


@pytest.mark.parametrize(
    ("argument", "met"),
    [
        ({}, True),
        ({"kind": "catalog"}, True),
        ({"kind": "availability"}, False),
        ({"platforms": ["hulu", "netflix"]}, True),
        ({"platforms": ["hulu"]}, False),
        ({"regions": ["GB"], "platforms": ["netflix"]}, True),
        ({"regions": ["DE"], "platforms": ["netflix"]}, False),
    ],
)
def test_a_run_meets_those_that_may_fetch_the_same(argument: dict[str, object], met: bool) -> None:
    assert CATALOG.is_met_by(argument) is met


def test_what_is_named_twice_is_asked_for_once() -> None:
    twice = plan_run(RunWanted(kind=RunKind.CATALOG, platforms=["netflix", "netflix"]), NOON)
    assert twice.argument == {"kind": "changes", "platforms": ["netflix"]}


def test_kinds_that_begin_at_a_moment_are_the_feeds() -> None:
    assert FEEDS == fetch.FEEDS


def test_moment_to_begin_at_is_handed_on_in_utc() -> None:
    wanted = RunWanted(
        kind=RunKind.AVAILABILITY, since=NOON.astimezone(timezone(timedelta(hours=2)))
    )

    assert plan_run(wanted, NOON).argument == {"since": "2026-01-01T12:00:00+00:00"}


@pytest.mark.parametrize(
    "wanted",
    [
        {"kind": "catalog", "full": True, "since": NOON},
        {"kind": "enrichment", "since": NOON},
        {"kind": "availability", "since": NOON + timedelta(seconds=1)},
    ],
)
def test_what_reads_no_feed_or_is_still_to_come_begins_nowhere(wanted: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError) as refused:
        plan_run(RunWanted.model_validate(wanted), NOON)

    assert [issue.field for issue in refused.value.issues] == ["since"]
