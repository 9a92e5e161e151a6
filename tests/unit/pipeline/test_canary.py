"""When a new revision takes more traffic, and when all of them go back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from terraform.pipeline.canary import (
    LEVELS,
    Outcome,
    Promise,
    Release,
    Sample,
    Unmeasurable,
    Verdict,
    judged,
    rolled_back,
    rolled_out,
    settled,
)

PROMISE = Promise(available=0.999, within_ms=400, reached=True)
GATEWAY = Release("gateway", "gateway-1", "gateway-2", PROMISE)
STEP = Release("search-index", "index-1", "index-2", replace(PROMISE, reached=False))
HEALTHY = Sample(requests=5000, failures=3, p95_ms=210)
BURST = Sample(requests=5000, failures=60, p95_ms=210)
SLOW = Sample(requests=5000, failures=0, p95_ms=900)
QUIET = Sample(requests=4, failures=0, p95_ms=20)
SILENT = Sample(requests=0, failures=0, p95_ms=None)


@dataclass
class Split:
    """Traffic that remembers what it was told, and may refuse."""

    told: list[tuple[str, str, int]] = field(default_factory=list)
    refuses: str = ""

    def split(self, release: Release, percent: int) -> None:
        """Remember a split."""
        self._refuse(release.new)
        self.told.append((release.service, release.new, percent))

    def settle(self, service: str, revision: str) -> None:
        """Remember where everything went."""
        self._refuse(revision)
        self.told.append((service, revision, 100))

    def _refuse(self, revision: str) -> None:
        if revision == self.refuses:
            raise ConnectionError(f"{revision} refused")

    def last(self, service: str) -> str:
        """Return the revision that a service was brought to last."""
        return [revision for name, revision, _ in self.told if name == service][-1]


@dataclass
class Series:
    """Samples by service, one after the other; the last one stays."""

    samples: dict[str, list[Sample | str]]

    def sample(self, release: Release) -> Sample:
        """Return the next sample, or fail as it says."""
        kept = self.samples[release.service]
        found = kept.pop(0) if len(kept) > 1 else kept[0]
        if isinstance(found, str):
            raise Unmeasurable(found)
        return found


@dataclass
class Steps:
    """Time and load, counted."""

    levels: int = 0
    waits: int = 0
    loads: list[tuple[int, int]] = field(default_factory=list)

    def begin(self) -> None:
        """Count a level."""
        self.levels += 1

    def wait(self) -> None:
        """Count a wait."""
        self.waits += 1

    def load(self, requests: int, percent: int) -> None:
        """Remember a load."""
        self.loads.append((requests, percent))


def released(traffic: Split, pace: Steps, **samples: list[Sample | str]) -> Outcome:
    """Roll out the services that there are samples of."""
    releases = [one for one in (GATEWAY, STEP) if one.service.replace("-", "_") in samples]
    series = Series({name.replace("_", "-"): given for name, given in samples.items()})
    return rolled_out(releases, traffic=traffic, metrics=series, pace=pace)


def test_healthy_revision_takes_more_and_more_until_it_has_everything() -> None:
    traffic, pace = Split(), Steps()

    outcome = released(traffic, pace, gateway=[HEALTHY])

    assert outcome.promoted
    assert [percent for _, _, percent in traffic.told] == [*LEVELS, 100]
    assert {revision for _, revision, _ in traffic.told} == {"gateway-2"}
    assert (pace.levels, pace.waits, pace.loads) == (4, 4, [])


@pytest.mark.parametrize(
    ("bad", "reason"), [(BURST, "60 of 5000 requests failed"), (SLOW, "p95 900 ms of 400 ms")]
)
def test_burst_of_errors_or_regression_of_latency_goes_back_and_says_why(
    bad: Sample, reason: str
) -> None:
    traffic = Split()

    outcome = released(traffic, Steps(), gateway=[HEALTHY, HEALTHY, bad])

    assert not outcome.promoted
    assert outcome.percent == 50
    assert traffic.last("gateway") == "gateway-1"
    assert reason in outcome.reasons[-1]


def test_one_bad_service_takes_all_of_them_back() -> None:
    traffic = Split()

    outcome = released(traffic, Steps(), gateway=[HEALTHY], search_index=[BURST])

    assert not outcome.promoted
    assert traffic.last("gateway") == "gateway-1"
    assert traffic.last("search-index") == "index-1"


def test_monitoring_that_does_not_answer_is_a_reason_to_go_back() -> None:
    traffic = Split()

    outcome = released(traffic, Steps(), gateway=[HEALTHY, "monitoring does not answer: 503"])

    assert not outcome.promoted
    assert traffic.last("gateway") == "gateway-1"
    assert outcome.reasons[-1] == "25 %: roll-back: monitoring does not answer: 503"


def test_quiet_service_is_waited_for_before_load_is_sent() -> None:
    pace = Steps()

    outcome = released(Split(), pace, gateway=[QUIET, HEALTHY])

    assert outcome.promoted
    assert pace.loads == []
    assert pace.waits == len(LEVELS) + 1


def test_service_that_stays_quiet_is_given_load() -> None:
    pace = Steps()

    outcome = released(Split(), pace, gateway=[QUIET, QUIET, HEALTHY])

    assert outcome.promoted
    assert pace.loads == [(100, 10)]


def test_service_that_is_quiet_under_load_goes_back() -> None:
    traffic = Split()

    outcome = released(traffic, Steps(), gateway=[SILENT])

    assert not outcome.promoted
    assert traffic.last("gateway") == "gateway-1"
    assert "although load was sent" in outcome.reasons[-1]


def test_service_that_no_load_reaches_is_judged_by_what_it_had() -> None:
    pace = Steps()

    outcome = released(Split(), pace, search_index=[QUIET])

    assert outcome.promoted
    assert pace.loads == []
    assert "4 requests are fewer than 100, of which 0 failed" in outcome.reasons[-1]


@pytest.mark.parametrize("at", [0, 99])
def test_failures_speak_however_few_the_requests(at: int) -> None:
    sample = Sample(requests=2 + at, failures=2, p95_ms=20)

    assert judged(PROMISE, sample).verdict is Verdict.ROLL_BACK


def test_one_failure_alone_is_no_burst() -> None:
    assert judged(PROMISE, Sample(100, 1, 20)).verdict is Verdict.PROMOTE


def test_promise_is_kept_up_to_its_very_edge() -> None:
    assert judged(PROMISE, Sample(100_000, 100, 400)).verdict is Verdict.PROMOTE
    assert judged(PROMISE, Sample(100_000, 101, 400)).verdict is Verdict.ROLL_BACK
    assert judged(PROMISE, Sample(100_000, 100, 400.1)).verdict is Verdict.ROLL_BACK


def test_requests_without_latencies_are_not_believed() -> None:
    assert judged(PROMISE, Sample(500, 0, None)).verdict is Verdict.ROLL_BACK


@pytest.mark.parametrize("sample", [HEALTHY, BURST, SLOW, QUIET, SILENT])
@pytest.mark.parametrize("release", [GATEWAY, STEP])
def test_in_the_end_nothing_is_left_open(release: Release, sample: Sample) -> None:
    assert settled(release.promise, sample).verdict is not Verdict.WAIT


def test_error_on_the_way_brings_everything_back_and_is_told() -> None:
    traffic = Split(refuses="index-2")

    with pytest.raises(ConnectionError, match="index-2 refused"):
        released(traffic, Steps(), gateway=[HEALTHY], search_index=[HEALTHY])

    assert traffic.last("gateway") == "gateway-1"
    assert traffic.last("search-index") == "index-1"


def test_service_that_cannot_go_back_keeps_none_of_the_others_from_it() -> None:
    traffic = Split(refuses="gateway-1")

    with pytest.raises(ExceptionGroup, match="not everything went back") as caught:
        rolled_back([GATEWAY, STEP], traffic)

    assert traffic.told == [("search-index", "index-1", 100)]
    assert "gateway does not serve gateway-1" in caught.value.exceptions[0].__notes__
