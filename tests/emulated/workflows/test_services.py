"""Workflows and executions through the official clients and REST."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from google.api_core import exceptions
from google.cloud.workflows_v1 import Workflow
from google.protobuf.field_mask_pb2 import FieldMask

from tests.emulated.workflows.conftest import PARENT, Cloud

if TYPE_CHECKING:
    from pathlib import Path

    from tests.emulated.workflows.conftest import Start

DOUBLE = "main: {params: [n], steps: [{answer: {return: '${n * 2}'}}]}"
WAITING = "- wait_long: {call: sys.sleep, args: {seconds: 3600}}\n- answer: {return: awake}"


async def test_a_deployed_workflow_runs_to_its_result(cloud: Cloud) -> None:
    workflow = await cloud.deploy("double", DOUBLE)

    ended = await cloud.finished(await cloud.start(workflow, "21"))

    assert (ended.state.name, ended.result, ended.argument) == ("SUCCEEDED", "42", "21")
    assert ended.workflow_revision_id.startswith("000001-")
    assert ended.end_time >= ended.start_time


async def test_a_failed_execution_tells_what_was_raised_and_where(cloud: Cloud) -> None:
    workflow = await cloud.deploy("fail", "- look: {return: '${nothing.there}'}")

    ended = await cloud.finished(await cloud.start(workflow))

    assert ended.state.name == "FAILED"
    assert json.loads(ended.error.payload)["tags"] == ["KeyError", "LookupError"]
    assert ended.error.context == 'in step "look", routine "main"'
    assert [e.step for e in ended.error.stack_trace.elements] == ["look"]


async def test_bytes_cannot_be_a_result(cloud: Cloud) -> None:
    workflow = await cloud.deploy("bytes", "- a: {return: '${text.encode(\"a\")}'}")

    ended = await cloud.finished(await cloud.start(workflow))

    assert "TypeError" in json.loads(ended.error.payload)["tags"]


async def test_a_definition_that_cannot_run_is_refused(cloud: Cloud) -> None:
    with pytest.raises(exceptions.InvalidArgument, match="nowhere"):
        await cloud.deploy("broken", "- a: {next: nowhere}")


async def test_an_update_makes_a_revision_and_the_old_one_can_be_read(cloud: Cloud) -> None:
    name = await cloud.deploy("double", DOUBLE)
    first = await cloud.workflows.get_workflow(name=name)

    changed = Workflow(name=name, source_contents="- a: {return: 1}", description="kept out")
    operation: Any = await cloud.workflows.update_workflow(
        workflow=changed, update_mask=FieldMask(paths=["source_contents"])
    )
    second = await operation.result()

    old = await cloud.workflows.get_workflow(
        request={"name": name, "revision_id": first.revision_id}
    )
    pages = await cloud.workflows.list_workflow_revisions(request={"name": name})
    assert second.revision_id.startswith("000002-")
    assert not second.description
    assert old.source_contents == DOUBLE
    assert [w.revision_id async for w in pages] == [second.revision_id, first.revision_id]


async def test_a_deleted_workflow_is_gone_with_its_executions(cloud: Cloud) -> None:
    name = await cloud.deploy("wait", WAITING)
    execution = await cloud.start(name)

    operation: Any = await cloud.workflows.delete_workflow(name=name)
    await operation.result()

    with pytest.raises(exceptions.NotFound):
        await cloud.workflows.get_workflow(name=name)
    with pytest.raises(exceptions.NotFound):
        await cloud.executions.get_execution(name=execution)


async def test_workflows_are_listed_in_pages(cloud: Cloud) -> None:
    for name in ("c", "a", "b"):
        await cloud.deploy(name, DOUBLE)

    pages = await cloud.workflows.list_workflows(request={"parent": PARENT, "page_size": 2})

    assert [w.name.rpartition("/")[2] async for w in pages] == ["a", "b", "c"]


@pytest.mark.parametrize("name", ["GOOGLE_X", "WORKFLOWS_X"])
async def test_reserved_variables_are_refused(cloud: Cloud, name: str) -> None:
    with pytest.raises(exceptions.InvalidArgument, match=name):
        await cloud.deploy("env", DOUBLE, user_env_vars={name: "x"})


async def test_an_execution_reads_its_environment(cloud: Cloud) -> None:
    source = (
        '- a: {return: \'${[sys.get_env("GATEWAY"), sys.get_env("GOOGLE_CLOUD_WORKFLOW_ID")]}\'}'
    )
    workflow = await cloud.deploy("env", source, user_env_vars={"GATEWAY": "http://g"})

    ended = await cloud.finished(await cloud.start(workflow))

    assert json.loads(ended.result) == ["http://g", "env"]


async def test_an_argument_must_be_json(cloud: Cloud) -> None:
    workflow = await cloud.deploy("double", DOUBLE)

    with pytest.raises(exceptions.InvalidArgument, match="argument"):
        await cloud.start(workflow, "{")


async def test_what_is_not_supported_is_named(cloud: Cloud) -> None:
    with pytest.raises(exceptions.MethodNotImplemented, match="order_by"):
        await cloud.workflows.list_workflows(request={"parent": PARENT, "order_by": "name"})


async def test_sleeps_follow_the_virtual_clock(cloud: Cloud) -> None:
    execution = await cloud.start(await cloud.deploy("wait", WAITING))
    assert (await cloud.executions.get_execution(name=execution)).state.name == "ACTIVE"

    cloud.clock.advance(3600)

    assert (await cloud.finished(execution)).result == '"awake"'


async def test_a_cancelled_execution_ends_and_cannot_be_cancelled_again(cloud: Cloud) -> None:
    execution = await cloud.start(await cloud.deploy("wait", WAITING))

    ended = await cloud.executions.cancel_execution(name=execution)

    assert ended.state.name == "CANCELLED"
    with pytest.raises(exceptions.FailedPrecondition):
        await cloud.executions.cancel_execution(name=execution)


async def test_rest_creates_reads_lists_and_cancels_executions(cloud: Cloud) -> None:
    base = f"http://{cloud.running.address}/v1/"
    async with aiohttp.ClientSession(base) as session:
        created = await session.post(
            f"{PARENT}/workflows?workflowId=double", json={"sourceContents": DOUBLE}
        )
        operation = await created.json()
        workflow = operation["response"]["name"]

        started = await session.post(f"{workflow}/executions", json={"argument": "4"})
        name = (await started.json())["name"]
        await cloud.finished(name)
        ended = await (await session.get(name)).json()
        listed = await (await session.get(f"{workflow}/executions?pageSize=5")).json()
        refused = await session.post(f"{name}:cancel", json={})
        broken = await session.post(f"{workflow}/executions", json={"arguments": "4"})

    assert operation["done"] is True
    assert (ended["state"], ended["result"]) == ("SUCCEEDED", "8")
    assert [e["name"] for e in listed["executions"]] == [name]
    assert "result" not in listed["executions"][0]
    assert (refused.status, broken.status) == (400, 400)


async def test_workflows_and_results_survive_a_restart(start_cloud: Start, tmp_path: Path) -> None:
    before = await start_cloud(tmp_path / "journal.sqlite")
    workflow = await before.deploy("double", DOUBLE, labels={"team": "catalog"})
    execution = await before.start(workflow, "2")
    ended = await before.finished(execution)
    await before.stop()

    after = await start_cloud(tmp_path / "journal.sqlite")

    assert await after.executions.get_execution(name=execution) == ended
    assert (await after.workflows.get_workflow(name=workflow)).labels == {"team": "catalog"}
