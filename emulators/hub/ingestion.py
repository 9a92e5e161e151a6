"""How far an ingestion run has come, asked of the product until nothing of it is on its way."""

import time
from collections.abc import Callable
from typing import Any

from emulators.hub.calls import Answer, call, identity_token
from emulators.hub.layout import Layout
from emulators.hub.run_api import JobError

SERVICE = "catalog-status"
RUNS = "/api/v1/internal/ingestion/runs/"
POLL_SECONDS = 0.5
TELL_SECONDS = 3.0
STALLED_SECONDS = 180.0

RunReport = dict[str, Any]


def call_function(where: Layout, service: str, path: str) -> Answer:
    """Call a private function as a service of ours.

    Raises:
        CallError: Nobody answers.
    """
    address = where.function_url(service)
    token = identity_token(where.url("console"), address)
    return call("GET", address + path, headers={"X-Serverless-Authorization": f"Bearer {token}"})


def follow_run(where: Layout, run_id: str, told: Callable[[RunReport], None]) -> RunReport:
    """Return the report of a run once nothing of it is on its way.

    Args:
        where: The local cloud.
        run_id: As the fetching job printed it.
        told: Called with a report every few seconds, and with the last one.

    Raises:
        JobError: Nothing moves any more though records are on their way.
        CallError: The product does not answer.
    """
    before: RunReport = {}
    moved = spoke = time.monotonic()
    while True:
        report: RunReport = call_function(where, SERVICE, RUNS + run_id).required()
        now = time.monotonic()
        if report != before:
            before, moved = report, now
        if report["state"] == "done" or now - spoke > TELL_SECONDS:
            told(report)
            spoke = now
        if report["state"] == "done":
            return report
        if now - moved > STALLED_SECONDS:
            raise JobError(f"nothing has moved for {STALLED_SECONDS:.0f} s: {describe(report)}")
        time.sleep(POLL_SECONDS)


def describe(report: RunReport) -> str:
    """Return the counts of a report in words."""
    counts = f"{report['stored']} of {report['read']} stored"
    return f"{counts}, {report['set_aside']} set aside, {report['pending']} on their way"
