"""Whether a new revision takes more traffic: decisions, without a clock and without a network.

A revision is judged by its own requests: the share that fails and the 95th percentile of their
latency, against what its service promises (terraform/slos.tf). At each level every revision that is
new must hold; one that does not takes all of them back, since they were made to work together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LEVELS = (10, 25, 50, 100)
"""Percent of the requests, one after the other."""
ENOUGH = 100
"""Requests below which numbers say nothing."""
LONE_FAILURE = 1
"""So many failures alone are no burst, whatever their share."""
FULL = 100


class Unmeasurable(Exception):  # noqa: N818 - a state of the world, not a mistake
    """Nobody can tell how a revision does, which is reason enough to go back."""


class Verdict(StrEnum):
    """What follows from a sample."""

    PROMOTE = "promote"
    WAIT = "wait"
    ROLL_BACK = "roll-back"


@dataclass(frozen=True)
class Promise:
    """What a service promises.

    Attributes:
        available: Share of requests that do not fail.
        within_ms: Milliseconds within which 95 % are answered.
        reached: Whether synthetic load through the public door reaches it.
    """

    available: float
    within_ms: float
    reached: bool


@dataclass(frozen=True)
class Sample:
    """Requests that one revision had during one level.

    Attributes:
        requests: How many.
        failures: How many of them it failed (5xx).
        p95_ms: 95th percentile of their latency; None where there were none.
    """

    requests: int
    failures: int
    p95_ms: float | None


@dataclass(frozen=True)
class Release:
    """One service whose revision changes from ``old`` to ``new``."""

    service: str
    old: str
    new: str
    promise: Promise


@dataclass(frozen=True)
class Decision:
    """A verdict and the reason that people read."""

    verdict: Verdict
    reason: str


@dataclass(frozen=True)
class Outcome:
    """How it ended: at which percent, and what was said on the way."""

    promoted: bool
    percent: int
    reasons: tuple[str, ...]


class Traffic(Protocol):
    """Who gets which share."""

    def split(self, release: Release, percent: int) -> None:
        """Send ``percent`` to the new revision, which is the candidate, and the rest to the old."""

    def settle(self, service: str, revision: str) -> None:
        """Send everything to one revision; nothing is a candidate any more."""


class Metrics(Protocol):
    """What monitoring has seen."""

    def sample(self, release: Release) -> Sample:
        """Return the new revision's requests since the last split.

        Raises:
            Unmeasurable: Monitoring does not answer.
        """


class Pace(Protocol):
    """Time and load between two looks."""

    def begin(self) -> None:
        """Note that a level begins: what was before it is not looked at any more."""

    def wait(self) -> None:
        """Let a level have its time, and monitoring its delay."""

    def load(self, requests: int, percent: int) -> None:
        """Send as many requests through the door as make ``requests`` at ``percent``."""


def judged(promise: Promise, sample: Sample) -> Decision:
    """Return what follows from one sample.

    Failures speak at once, however few the requests; silence and speed need `ENOUGH` of them.
    """
    allowed = 1 - promise.available
    if sample.failures > LONE_FAILURE and sample.failures > allowed * sample.requests:
        told = f"{sample.failures} of {sample.requests} requests failed, {allowed:.2%} may"
        return Decision(Verdict.ROLL_BACK, told)
    if sample.requests < ENOUGH:
        return Decision(Verdict.WAIT, f"{sample.requests} requests are fewer than {ENOUGH}")
    if sample.p95_ms is None:
        return Decision(Verdict.ROLL_BACK, "there are requests but no latencies of them")
    told = f"p95 {sample.p95_ms:.0f} ms of {promise.within_ms:.0f} ms"
    if sample.p95_ms > promise.within_ms:
        return Decision(Verdict.ROLL_BACK, f"{told} promised")
    failed = f"{sample.failures} of {sample.requests} requests failed"
    return Decision(Verdict.PROMOTE, f"{failed}, {told}")


def settled(promise: Promise, sample: Sample) -> Decision:
    """Return what follows from a sample when there is nothing left to wait for."""
    decision = judged(promise, sample)
    if decision.verdict is not Verdict.WAIT:
        return decision
    if promise.reached:
        told = f"{decision.reason}, although load was sent"
        return Decision(Verdict.ROLL_BACK, told)
    told = f"{decision.reason}, of which {sample.failures} failed; no load reaches it"
    return Decision(Verdict.PROMOTE, told)


def rolled_out(
    releases: Sequence[Release], *, traffic: Traffic, metrics: Metrics, pace: Pace
) -> Outcome:
    """Bring new revisions to all traffic, level by level, or all of them back.

    Whatever stops it, the old revisions have all traffic again before it returns or raises.
    """
    reasons: list[str] = []
    percent = 0
    try:
        for percent in LEVELS:
            for release in releases:
                traffic.split(release, percent)
            pace.begin()
            failed = _looked(releases, percent, metrics=metrics, pace=pace, reasons=reasons)
            if failed:
                rolled_back(releases, traffic)
                return Outcome(promoted=False, percent=percent, reasons=tuple(reasons))
        for release in releases:
            traffic.settle(release.service, release.new)
    except BaseException:
        rolled_back(releases, traffic)
        raise
    return Outcome(promoted=True, percent=percent, reasons=tuple(reasons))


def rolled_back(releases: Sequence[Release], traffic: Traffic) -> None:
    """Send everything to the old revisions, of every service even where one refuses.

    Raises:
        ExceptionGroup: Services that could not be brought back.
    """
    refused = []
    for release in releases:
        try:
            traffic.settle(release.service, release.old)
        except Exception as error:  # noqa: BLE001 - the others must still go back
            error.add_note(f"{release.service} does not serve {release.old}")
            refused.append(error)
    if refused:
        raise ExceptionGroup("not everything went back", refused)


def _looked(
    releases: Sequence[Release],
    percent: int,
    *,
    metrics: Metrics,
    pace: Pace,
    reasons: list[str],
) -> bool:
    """Tell whether a level failed, after waiting and, where that is not enough, load."""
    pace.wait()
    try:
        first = {release: judged(release.promise, metrics.sample(release)) for release in releases}
        last = _asked_again(first, percent, metrics=metrics, pace=pace)
    except Unmeasurable as error:
        reasons.append(f"{percent} %: roll-back: {error}")
        return True
    for release, decision in last.items():
        reasons.append(f"{percent} %: {release.service}: {decision.verdict}: {decision.reason}")
    return any(decision.verdict is Verdict.ROLL_BACK for decision in last.values())


def _asked_again(
    decisions: Mapping[Release, Decision], percent: int, *, metrics: Metrics, pace: Pace
) -> dict[Release, Decision]:
    """Return decisions that do not wait any more: once with time, once with load."""
    if _waiting(decisions):
        pace.wait()
        decisions = {
            release: judged(release.promise, metrics.sample(release)) for release in decisions
        }
    if any(release.promise.reached for release in _waiting(decisions)):
        pace.load(ENOUGH, percent)
        pace.wait()
    if _waiting(decisions):
        return {r: settled(r.promise, metrics.sample(r)) for r in decisions}
    return dict(decisions)


def _waiting(decisions: Mapping[Release, Decision]) -> list[Release]:
    """Return the releases that need more requests, unless one already decides for all."""
    if any(decision.verdict is Verdict.ROLL_BACK for decision in decisions.values()):
        return []
    return [r for r, decision in decisions.items() if decision.verdict is Verdict.WAIT]
