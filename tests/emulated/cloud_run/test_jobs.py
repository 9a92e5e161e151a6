"""Jobs through the run API."""

import json
import os
import signal
from pathlib import Path
from typing import Any

from tests.emulated.cloud_run.conftest import RunningHost, end, start

Operation = dict[str, Any]
API = "/apis/run.googleapis.com/v2/projects/media-gateway-local/locations/us-central1"


def run(host: RunningHost, *args: str, env: dict[str, str] | None = None) -> Operation:
    variables = [{"name": name, "value": value} for name, value in (env or {}).items()]
    body = {"overrides": {"containerOverrides": [{"args": args, "env": variables}]}}
    status, operation = host.call(
        "POST", f"{API}/jobs/catalog-fetch:run", json.dumps(body).encode()
    )
    assert status == 200
    return dict(operation)


def poll(host: RunningHost, operation: Operation) -> Operation:
    return dict(host.call("GET", f"/apis/run.googleapis.com/v2/{operation['name']}")[1])


def finished(host: RunningHost, operation: Operation) -> Operation:
    host.wait(lambda: poll(host, operation)["done"])
    return poll(host, operation)


def test_job_runs_with_its_arguments_and_variables(host: RunningHost) -> None:
    started = run(host, "--page", "two words", env={"REGION": "GB"})

    done = finished(host, started)

    assert not started["done"]
    assert done["response"]["succeededCount"] == 1
    summary = json.loads(done["metadata"]["annotations"]["summary"])
    assert summary["args"] == "--page two words"
    assert summary["region"] == "GB"


def test_failed_job_is_tried_again_then_reported_with_what_it_said(host: RunningHost) -> None:
    done = finished(host, run(host, "fail"))

    assert "the provider refused" in done["error"]["message"]
    assert done["metadata"]["failedCount"] == 1
    log = (host.room / "logs" / "catalog_fetch.log").read_text()
    assert log.count("the provider refused") == 2


def test_job_is_found_under_the_older_path_too(host: RunningHost) -> None:
    path = "/apis/run.googleapis.com/v1/namespaces/media-gateway-local/jobs/catalog-fetch:run"

    status, operation = host.call("POST", path, b"{}")

    assert status == 200
    assert finished(host, operation)["done"]


def test_unknown_job_and_operation_are_not_found(host: RunningHost) -> None:
    assert host.call("POST", f"{API}/jobs/nobody:run", b"{}")[0] == 404
    assert host.call("GET", f"{API}/operations/nobody")[0] == 404


def test_overrides_of_the_wrong_form_are_refused(host: RunningHost) -> None:
    for body in (b"{", b"[]", b'{"overrides": {"containerOverrides": [{"env": [{}]}]}}'):
        assert host.call("POST", f"{API}/jobs/catalog-fetch:run", body)[0] == 400


def test_job_under_way_when_the_router_dies_is_reported_failed(product: Path) -> None:
    host = start(product)
    operation = run(host, "wait")
    host.wait((product / "logs" / "catalog_fetch.log").exists)
    os.kill(router_pid(host), signal.SIGKILL)

    done = finished(host, operation)

    assert "the host ended" in done["error"]["message"]
    end(host)


def router_pid(host: RunningHost) -> int:
    """Return the child of the host that no function is."""
    listed = Path(f"/proc/{host.process.pid}/task/{host.process.pid}/children").read_text()
    functions = {f["pid"] for f in host.status()["functions"].values()}
    (pid,) = {int(pid) for pid in listed.split()} - functions
    return pid
