"""Viewers are moved to new revisions, or stay where they are, over HTTP."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from shared.kernel.clock import FixedClock
from terraform.pipeline.canary import Promise, Release, Sample, Unmeasurable
from terraform.pipeline.cloud import CloudRun, Google, GoogleError, Monitoring
from terraform.pipeline.release import (
    REQUESTS_A_WALK,
    Pace,
    ReleaseError,
    pinned,
    releases,
    roll_back,
    roll_out,
)
from tests.emulated.pipeline.cloud import Cloud, service

if TYPE_CHECKING:
    from pathlib import Path

PROMISE = {"available": 0.999, "within_ms": 400}
SEARCH = Release("search-query", "search-query-1", "search-query-2", Promise(0.999, 400, True))
SPLITS_OF_A_WAY = [0, 10, 25, 50, 100, 100]


def monitoring(google: Google) -> Monitoring:
    """Return monitoring of the last ten minutes."""
    clock = FixedClock()
    return Monitoring(google, "p", lambda: (clock.at - timedelta(minutes=10), clock.at))


@dataclass
class Rollout:
    """One call of ``roll-out`` and what it left."""

    folder: Path
    door: str
    promises: dict[str, Any] = field(default_factory=dict)

    def run(self, run: CloudRun, google: Google, before: dict[str, str]) -> int:
        """Roll out, without waiting, what is newer than ``before``."""
        outputs = {"promises": {"value": self.promises}}
        resource = {"address": "a.b", "mode": "managed", "type": "a", "values": {}}
        root = {"resources": [resource]}
        plan = {"planned_values": {"outputs": outputs, "root_module": root}}
        (self.folder / "plan.json").write_text(json.dumps(plan))
        (self.folder / "before.json").write_text(json.dumps(before))
        asked = argparse.Namespace(
            before=self.folder / "before.json",
            plan=self.folder / "plan.json",
            out=self.folder / "outcome.json",
            door=self.door,
            minutes=0,
            delay_minutes=0,
            may_be_empty=False,
        )
        return roll_out(asked, run, lambda since: Monitoring(google, "p", since))

    @property
    def outcome(self) -> dict[str, Any]:
        """What was written."""
        found: dict[str, Any] = json.loads((self.folder / "outcome.json").read_bytes())
        return found


@pytest.fixture
def rollout(tmp_path: Path, address: str) -> Rollout:
    """Return a roll-out of gateway and search."""
    promises = {"gateway": PROMISE, "search-query": PROMISE}
    return Rollout(tmp_path, f"{address}/door", promises)


@pytest.fixture
def changed(cloud: Cloud) -> Cloud:
    """Return a cloud where search has a new revision without traffic, and the gateway has none."""
    cloud.services["gateway"] = service("gateway", newest=4)
    split = {"search-query-1": 100}
    cloud.services["search-query"] = service("search-query", newest=2, percent=split)
    cloud.samples["search-query-2"] = (800, 0, 180.0)
    return cloud


BEFORE = {"gateway": "gateway-4", "search-query": "search-query-1"}


def test_pin_ends_the_latest_as_a_target_and_remembers_who_serves(
    cloud: Cloud, run: CloudRun
) -> None:
    cloud.services["gateway"] = service("gateway", newest=4)
    cloud.services["seedling"] = {"name": "projects/p/locations/l/services/seedling"}

    assert pinned(run) == {"gateway": "gateway-4"}
    kind = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION"
    target = {"type": kind, "revision": "gateway-4", "percent": 100}
    assert cloud.splits == [("gateway", [target])]


def test_pin_after_a_release_that_was_cut_off_keeps_the_old_revision(
    cloud: Cloud, run: CloudRun
) -> None:
    found = service("gateway", newest=5, percent={"gateway-4": 25, "gateway-5": 75})
    found["trafficStatuses"][1]["tag"] = "candidate"
    cloud.services["gateway"] = found

    assert pinned(run) == {"gateway": "gateway-4"}


def test_new_revision_is_walked_to_at_zero_percent_and_then_takes_everything(
    changed: Cloud, run: CloudRun, google: Google, rollout: Rollout
) -> None:
    assert rollout.run(run, google, BEFORE) == 0

    shares = [targets[-1]["percent"] for name, targets in changed.splits if name != "gateway"]
    assert shares == SPLITS_OF_A_WAY
    assert {name for name, _ in changed.splits} == {"search-query"}
    assert changed.splits[0][1][1]["tag"] == "candidate"
    assert "tag" not in changed.splits[-1][1][0]
    assert changed.walked[0] == "candidate health/live"
    assert rollout.outcome["promoted"] is True
    assert [one["service"] for one in rollout.outcome["released"]] == ["search-query"]


def test_candidate_that_fails_its_walk_never_meets_a_viewer(
    changed: Cloud, run: CloudRun, google: Google, rollout: Rollout, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed.broken.add("candidate")
    monkeypatch.setattr("terraform.pipeline.smoke.PAUSE_SECONDS", 0)

    assert rollout.run(run, google, BEFORE) == 1

    served = [t["revision"] for _, targets in changed.splits for t in targets if t["percent"]]
    assert set(served) == {"search-query-1"}
    assert "0 %: roll-back: health: 500" in rollout.outcome["reasons"][0]


def test_revision_that_fails_viewers_goes_back(
    changed: Cloud, run: CloudRun, google: Google, rollout: Rollout
) -> None:
    changed.samples["search-query-2"] = (800, 40, 180.0)

    assert rollout.run(run, google, BEFORE) == 1

    assert changed.splits[-1][1][0]["revision"] == "search-query-1"
    assert rollout.outcome["percent"] == 10
    assert "40 of 800 requests failed" in rollout.outcome["reasons"][-1]


def test_monitoring_that_is_away_sends_everyone_back(
    changed: Cloud, run: CloudRun, google: Google, rollout: Rollout
) -> None:
    changed.broken.add("monitoring")

    assert rollout.run(run, google, BEFORE) == 1

    assert changed.splits[-1][1][0]["revision"] == "search-query-1"
    assert "monitoring does not answer" in rollout.outcome["reasons"][-1]


def test_service_that_is_new_serves_at_once_since_nobody_could_go_back(
    cloud: Cloud, run: CloudRun, google: Google, rollout: Rollout
) -> None:
    cloud.services["gateway"] = service("gateway", newest=1)

    assert rollout.run(run, google, {}) == 0

    assert cloud.splits[0][1][0] | {"type": ""} == {
        "type": "",
        "revision": "gateway-1",
        "percent": 100,
    }


def test_revision_that_never_became_ready_moves_nobody(changed: Cloud, run: CloudRun) -> None:
    changed.services["search-query"]["latestCreatedRevision"] = "search-query-3"
    message = "container did not listen"
    changed.services["search-query"]["terminalCondition"] = {"message": message}

    with pytest.raises(ReleaseError, match=f"search-query: .*{message}"):
        releases(run, BEFORE, {"gateway": PROMISE, "search-query": PROMISE})
    assert changed.splits == []


def test_service_without_a_promise_is_not_released(changed: Cloud, run: CloudRun) -> None:
    with pytest.raises(ReleaseError, match="search-query: is not among"):
        releases(run, BEFORE, {"gateway": PROMISE})
    assert changed.splits == []


def test_roll_back_brings_every_service_to_what_was_pinned(
    changed: Cloud, run: CloudRun, tmp_path: Path
) -> None:
    (tmp_path / "before.json").write_text(json.dumps(BEFORE))

    assert roll_back(argparse.Namespace(before=tmp_path / "before.json"), run) == 0

    assert [(name, t[0]["revision"]) for name, t in changed.splits] == list(BEFORE.items())


def test_sample_counts_failures_by_class_of_one_revision(cloud: Cloud, google: Google) -> None:
    cloud.samples["search-query-2"] = (500, 7, 312.5)

    assert monitoring(google).sample(SEARCH) == Sample(500, 7, 312.5)
    for asked in cloud.queries:
        assert 'revision_name="search-query-2"' in asked["filter"]
        assert asked["aggregation.alignmentPeriod"] == "600s"
        assert asked["interval.endTime"] == "2026-01-01T00:00:00+00:00"


def test_revision_that_monitoring_never_saw_has_no_requests(google: Google) -> None:
    assert monitoring(google).sample(SEARCH) == Sample(0, 0, None)


def test_monitoring_that_refuses_is_unmeasurable(cloud: Cloud, google: Google) -> None:
    cloud.broken.add("monitoring")

    with pytest.raises(Unmeasurable, match="503"):
        monitoring(google).sample(SEARCH)


def test_refusal_names_the_call_and_the_reason(cloud: Cloud, run: CloudRun) -> None:
    cloud.broken.add("run")

    with pytest.raises(GoogleError, match=r"GET .*/services: 503 .*run is away"):
        run.services()


def test_load_makes_up_for_the_share_that_a_candidate_has() -> None:
    walks: list[str] = []
    pauses: list[float] = []

    def walk() -> str:
        walks.append("walk")
        return ""

    pace = Pace(FixedClock(), timedelta(minutes=10), timedelta(minutes=4), pauses.append, walk)
    pace.load(100, 25)

    assert len(walks) == 480
    requests_a_second = len(walks) * REQUESTS_A_WALK / sum(pauses)
    assert requests_a_second <= 1000 / 60  # what the door takes from one address
