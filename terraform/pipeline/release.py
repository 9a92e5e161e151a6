"""Moves viewers to new revisions, or back: the canary against Google Cloud.

    python -m terraform.pipeline.release pin …       before the plan: who serves now, and stays
    python -m terraform.pipeline.release roll-out …  after the apply: 0, 10, 25, 50, 100 %
    python -m terraform.pipeline.release roll-back … at any time: back to what was pinned

``pin`` writes which revision each service serves, and ends "the latest" as a target, so that an
apply alone sends nobody to what it makes. ``roll-out`` compares with that, walks through the door
to the candidate while it has no traffic, and writes how it ended.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.kernel.clock import SystemClock
from terraform.pipeline import smoke
from terraform.pipeline.canary import Outcome, Promise, Release, rolled_back, rolled_out
from terraform.pipeline.cloud import (
    CANDIDATE,
    CloudRun,
    GoogleError,
    Monitoring,
    connected,
    serving,
)
from terraform.pipeline.plan import PlanError, read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shared.kernel.clock import Clock

HEADER = "x-media-gateway-revision"
"""By which the load balancer leads a request to the candidate (terraform/edge.tf)."""
REACHED = frozenset(
    {
        "gateway",
        "search-query",
        "search-suggest",
        "search-trending",
        "catalog-read",
        "catalog-expiring",
        "identity-token",
        "playback-links",
    }
)
"""Services that a walk through the door calls."""
REQUESTS_A_SECOND = 10
"""Of synthetic load: far below what the door's limit takes from one address."""
REQUESTS_A_WALK = 9
READY = "CONDITION_SUCCEEDED"


class ReleaseError(Exception):
    """There is nothing that could be released; nobody was moved."""


@dataclass
class Pace:
    """`terraform.pipeline.canary.Pace` by the machine's clock.

    Attributes:
        clock: The time.
        level: How long a level lasts at least.
        delay: After which monitoring has seen what happened.
        pause: What sleeps for some seconds.
        walk: One journey through the door.
    """

    clock: Clock
    level: timedelta
    delay: timedelta
    pause: Callable[[float], None]
    walk: Callable[[], str]
    began: datetime | None = None

    def begin(self) -> None:
        """Note that a level begins: what was before it is not looked at any more."""
        self.began = self.clock.now()

    def wait(self) -> None:
        """Let a level have its time, and monitoring its delay."""
        self.pause((self.level + self.delay).total_seconds())

    def load(self, requests: int, percent: int) -> None:
        """Send as many requests through the door as make ``requests`` at ``percent``.

        Each walk calls search and pages once at least; one that fails counts like a viewer's.
        """
        for _ in range(math.ceil(1.2 * requests * 100 / percent)):
            try:
                self.walk()
            except smoke.SmokeError as error:
                sys.stderr.write(f"load: {error}\n")
            self.pause(REQUESTS_A_WALK / REQUESTS_A_SECOND)

    def since(self) -> tuple[datetime, datetime]:
        """Return when the level began, and now."""
        now = self.clock.now()
        return self.began or now - self.level, now


def pinned(run: CloudRun) -> dict[str, str]:
    """Pin every service to what it serves, and return that by service."""
    found = {name: serving(service) for name, service in run.services().items()}
    before = {name: revision for name, revision in found.items() if revision}
    for service, revision in before.items():
        run.settle(service, revision)
    return before


def releases(
    run: CloudRun, before: Mapping[str, str], promises: Mapping[str, Mapping[str, Any]]
) -> tuple[list[Release], dict[str, str]]:
    """Return what changes, and the first revisions of services that are new.

    Raises:
        ReleaseError: A revision is not ready, or a service makes no promise.
    """
    changed, first = [], {}
    for service, found in run.services().items():
        if service not in promises:
            raise ReleaseError(f"{service}: is not among the plan's promises")
        new = _ready(service, found)
        if service not in before:
            first[service] = new
        elif before[service] != new:
            promise = Promise(**promises[service], reached=service in REACHED)
            changed.append(Release(service, before[service], new, promise))
    return changed, first


def _ready(service: str, found: Mapping[str, Any]) -> str:
    ready = str(found.get("latestReadyRevision", ""))
    if not ready or ready != found.get("latestCreatedRevision"):
        state = found.get("terminalCondition", {}).get("message", "it did not start")
        raise ReleaseError(f"{service}: its newest revision is not ready: {state}")
    return ready.rpartition("/")[2]


def released(
    changed: Sequence[Release],
    *,
    run: CloudRun,
    metrics: Monitoring,
    pace: Pace,
    candidate: Callable[[], str],
) -> Outcome:
    """Bring what changed to all viewers, first to nobody but the pipeline's own walk."""
    try:
        for release in changed:
            run.split(release, 0)
        candidate()
    except (GoogleError, smoke.SmokeError) as error:
        rolled_back(changed, run)
        return Outcome(promoted=False, percent=0, reasons=(f"0 %: roll-back: {error}",))
    return rolled_out(changed, traffic=run, metrics=metrics, pace=pace)


def roll_out(
    asked: argparse.Namespace, run: CloudRun, monitoring: Callable[..., Monitoring]
) -> int:
    """Release what an apply made; 1 where it went back, its reasons in the outcome."""
    before = json.loads(asked.before.read_bytes())
    promises = read(asked.plan).outputs.get("promises", {})
    changed, first = releases(run, before, promises)
    for service, revision in first.items():
        run.settle(service, revision)

    def walk(headers: Mapping[str, str] | None = None) -> str:
        return smoke.walked(smoke.Door(asked.door, headers or {}), filled=not asked.may_be_empty)

    def candidate() -> str:
        return smoke.insisted(lambda: walk({HEADER: CANDIDATE}))

    level, delay = timedelta(minutes=asked.minutes), timedelta(minutes=asked.delay_minutes)
    pace = Pace(SystemClock(), level, delay, time.sleep, walk)
    outcome = released(
        changed, run=run, metrics=monitoring(pace.since), pace=pace, candidate=candidate
    )
    _write(asked.out, {**asdict(outcome), "released": [asdict(one) for one in changed]})
    for reason in outcome.reasons:
        sys.stdout.write(f"{reason}\n")
    return 0 if outcome.promoted else 1


def roll_back(asked: argparse.Namespace, run: CloudRun) -> int:
    """Bring every service back to what was pinned."""
    before = json.loads(asked.before.read_bytes())
    nothing = Promise(available=0, within_ms=0, reached=False)
    rolled_back([Release(name, old, "", nothing) for name, old in before.items()], run)
    sys.stdout.write(f"{len(before)} services serve what they served before\n")
    return 0


def _write(file: Path, content: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m terraform.pipeline.release")
    parser.add_argument("--project", required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument("--run-url", default="", help="Cloud Run elsewhere than at Google")
    parser.add_argument("--monitoring-url", default="", help="likewise Cloud Monitoring")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("pin", "roll-out", "roll-back"):
        command = commands.add_parser(name)
        command.add_argument("--before", type=Path, required=True, help="what `pin` writes")
    out = commands.choices["roll-out"]
    out.add_argument("--plan", type=Path, required=True, help="what was applied, as JSON")
    out.add_argument("--door", required=True, help="the public address")
    out.add_argument("--out", type=Path, required=True, help="how it ended")
    out.add_argument("--minutes", type=float, default=10, help="of one level")
    out.add_argument("--delay-minutes", type=float, default=4, help="of monitoring")
    out.add_argument("--may-be-empty", action="store_true", help="no title need be there yet")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Pin, roll out or roll back; 1 where it went back or nothing could be done."""
    asked = _parser().parse_args(arguments)
    named = {"run": asked.run_url, "monitoring": asked.monitoring_url}
    google = connected({service: url for service, url in named.items() if url})
    run = CloudRun(google, f"projects/{asked.project}/locations/{asked.region}")
    try:
        if asked.command == "pin":
            _write(asked.before, pinned(run))
            return 0
        if asked.command == "roll-back":
            return roll_back(asked, run)
        return roll_out(asked, run, lambda since: Monitoring(google, asked.project, since))
    except (ReleaseError, GoogleError, PlanError, OSError, ValueError) as error:
        sys.stderr.write(f"{asked.command}: {error}\n")
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
