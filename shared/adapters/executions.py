"""Executions of workflows over the API's REST surface: two calls need no client of 300 ms.

https://cloud.google.com/workflows/docs/reference/executions/rest
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters import connect
from shared.adapters.access_token import authorization
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

CALL_TIMEOUT_SECONDS = 5.0
LATEST = 100
"""How many executions are looked at, the newest first: most that the API gives with arguments."""
JSON = {"content-type": "application/json"}
FAILED = 300
"""Least status that is no answer."""


@dataclass(frozen=True)
class Execution:
    """One run of a workflow.

    Attributes:
        id: The last part of its name.
        argument: What it was started with.
    """

    id: str
    argument: Mapping[str, Any]


class Executions:
    """Runs of this project's workflows; a call is made once, a second would start a second."""

    def start(self, workflow: str, argument: Mapping[str, Any]) -> str:
        """Start a workflow and return the id of its execution.

        Raises:
            UnavailableError: The API did not answer, or refused; it may have started all the same.
        """
        made = _call("POST", _path(workflow), {"argument": orjson.dumps(argument).decode()})
        return _id(made)

    def active(self, workflow: str) -> list[Execution]:
        """Return the executions under way among the latest `LATEST`, the newest first.

        Raises:
            UnavailableError: The API did not answer, or refused.
        """
        found = _call("GET", f"{_path(workflow)}?pageSize={LATEST}&view=FULL")
        told = [one for one in found.get("executions", ()) if one.get("state") == "ACTIVE"]
        return [Execution(_id(one), _argument(one)) for one in told]


def _id(execution: Mapping[str, Any]) -> str:
    return str(execution["name"]).rpartition("/")[2]


def _argument(execution: Mapping[str, Any]) -> Mapping[str, Any]:
    given = orjson.loads(execution.get("argument") or "{}")
    return given if isinstance(given, dict) else {}


def _path(workflow: str) -> str:
    at = connect.addresses()
    return f"/v1/projects/{at.project}/locations/{at.location}/workflows/{workflow}/executions"


def _call(method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    import httpx2  # noqa: PLC0415 - 60 ms, only where workflows are started

    base = connect.addresses().executions_url
    content = None if body is None else orjson.dumps(body)
    try:
        with httpx2.Client(timeout=CALL_TIMEOUT_SECONDS, trust_env=False) as client:
            url, headers = f"{base}{path}", {**JSON, **authorization(base)}
            answer = client.request(method, url, content=content, headers=headers)
    except httpx2.HTTPError as error:
        raise UnavailableError(f"workflows did not answer: {error!r}") from error
    if answer.status_code >= FAILED:
        raise UnavailableError(f"workflows answered {answer.status_code}: {answer.text[:300]}")
    found: dict[str, Any] = orjson.loads(answer.content or b"{}")
    return found
