"""Runs a job through the run API of the functions host and waits for its end."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from emulators.hub.layout import Layout

POLL_SECONDS = 0.2


class JobError(Exception):
    """A job failed or could not be started; the message ends with what it said."""


@dataclass(frozen=True)
class Finished:
    """A job that succeeded: the object it printed last, empty when it printed none."""

    summary: dict[str, Any]


async def run_job(
    http: aiohttp.ClientSession,
    layout: Layout,
    job: str,
    args: Sequence[str] = (),
    *,
    tick: Callable[[], None] = lambda: None,
) -> Finished:
    """Run a job to its end.

    Args:
        http: Used for every call.
        layout: Where the host is.
        job: Folder or service name.
        args: Its command line.
        tick: Called while it runs.

    Raises:
        JobError: It does not exist or failed.
    """
    base = f"{layout.url('cloud_run')}/apis/run.googleapis.com/v2"
    place = f"projects/{layout.env.project}/locations/{layout.env.location}"
    body = {"overrides": {"containerOverrides": [{"args": list(args)}]}}
    service = job.replace("_", "-")
    async with http.post(f"{base}/{place}/jobs/{service}:run", json=body) as response:
        operation = await response.json()
    while "error" not in operation and not operation.get("done"):
        tick()
        await asyncio.sleep(POLL_SECONDS)
        async with http.get(f"{base}/{operation['name']}") as response:
            operation = await response.json()
    if "error" in operation:
        raise JobError(operation["error"]["message"])
    return Finished(_object(operation["metadata"]["annotations"]["summary"]))


def _object(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
