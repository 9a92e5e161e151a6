"""Runs a job through the run API of the functions host and waits for its end."""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from emulators.hub.calls import call
from emulators.hub.layout import Layout

POLL_SECONDS = 0.2


class JobError(Exception):
    """A job failed; the message ends with what it said."""


def run_job(
    layout: Layout, job: str, args: Sequence[str] = (), tick: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """Run a job to its end and return the object it printed last, empty where it printed none.

    Args:
        layout: Where the host is.
        job: Folder or service name.
        args: Its command line.
        tick: Called while it runs; what it raises ends the waiting.

    Raises:
        JobError: It failed.
        CallError: There is no such job, or no host.
    """
    base = f"{layout.url('cloud_run')}/apis/run.googleapis.com/v2"
    place = f"projects/{layout.env.project}/locations/{layout.env.location}"
    body = {"overrides": {"containerOverrides": [{"args": list(args)}]}}
    service = job.replace("_", "-")
    operation = call("POST", f"{base}/{place}/jobs/{service}:run", body).required()
    while not operation["done"]:
        tick()
        time.sleep(POLL_SECONDS)
        operation = call("GET", f"{base}/{operation['name']}").required()
    if "error" in operation:
        raise JobError(operation["error"]["message"])
    return _object(operation["metadata"]["annotations"]["summary"])


def _object(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
