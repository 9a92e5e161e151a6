"""Runs of ingestion started over HTTP by an administrator, on the emulator of Workflows."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import orjson
import pytest
import pytest_asyncio
from sqlalchemy import text

from emulators.workflows.service import endpoint
from shared.adapters import connect
from shared.adapters.executions import Executions
from shared.adapters.sql.quota.leases import FetchLeases
from shared.adapters.sql.runs import Part
from shared.kernel.clock import FixedClock
from tests.emulated.conftest import Laboratory
from tests.fakes.edge import Answer, ask, load
from tests.fakes.surroundings import change
from tests.fakes.tokens import USER, Authority, trusted
from tests.unit.matching.items import NOON

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

RUNS = "/api/v1/admin/ingestion/runs"
PLACE = "projects/media-gateway-local/locations/us-central1"
WAITS = "- wait_long: {call: sys.sleep, args: {seconds: 3600}}"
NETFLIX = {"kind": "catalog", "platforms": ["netflix"], "regions": ["US"]}


class Desk:
    """An administrator before a cloud whose one workflow takes an hour."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self.clock = FixedClock(NOON)
        self.main = load("catalog_start")
        self.main.clock = self.clock  # type: ignore[attr-defined]

    async def start(self, body: Mapping[str, Any], *, token: str | None = None) -> Answer:
        """Return the answer to a wish."""
        bearer = self.authority.admin() if token is None else token
        headers = {"authorization": f"Bearer {bearer}"}
        return await ask(self.main.handle, "POST", RUNS, body=orjson.dumps(body), headers=headers)

    async def arguments(self) -> list[Mapping[str, Any]]:
        """Return what the executions under way were started with, the newest first."""
        found = await asyncio.to_thread(Executions().active, "catalog-refresh")
        return [one.argument for one in found]

    async def audited(self) -> list[Any]:
        """Return what the audit log says."""

        def read() -> list[Any]:
            sql = "SELECT action, actor_id, resource_id FROM audit.audit_log"
            with connect.reads().connect() as connection:
                return [tuple(row) for row in connection.execute(text(sql))]

        return await asyncio.to_thread(read)


@pytest_asyncio.fixture
async def desk(
    connected: connect.Addresses, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Desk]:
    """Return the administrator, with an issuer of its own."""
    assert connected.project == "media-gateway-local"
    laboratory = Laboratory()
    emulator = await laboratory(endpoint)
    change(monkeypatch, {"WORKFLOWS_EMULATOR_HOST": emulator.address})
    with trusted(monkeypatch) as authority:
        yield Desk(authority)
    await laboratory.stop()


async def deploy() -> None:
    """Deploy the workflow."""
    at = f"{connect.addresses().executions_url}/v1/{PLACE}/workflows?workflowId=catalog-refresh"
    made = {"sourceContents": WAITS}
    async with aiohttp.ClientSession() as session, session.post(at, json=made) as answer:
        assert answer.status == 200, await answer.text()


async def test_a_run_is_started_by_its_workflow_and_told_to_the_audit_log(desk: Desk) -> None:
    await deploy()

    answer = await desk.start({**NETFLIX, "full": True})

    assert answer.status == 202, answer.body
    run_id = answer.json["run_id"]
    assert run_id.startswith("refresh-")
    [argument] = await desk.arguments()
    whole = {**NETFLIX, "kind": "catalog", "anew": True}
    assert argument == {**whole, "traceparent": argument["traceparent"]}
    assert await desk.audited() == [("ADMIN_ACTION", USER, run_id)]


@pytest.mark.parametrize(
    ("second", "status"),
    [
        ({**NETFLIX, "full": True}, 409),
        ({**NETFLIX, "regions": ["DE"]}, 202),
    ],
)
async def test_a_run_is_refused_while_another_brings_some_of_the_same(
    desk: Desk, second: Mapping[str, Any], status: int
) -> None:
    await deploy()
    first = (await desk.start(NETFLIX)).json["run_id"]

    answer = await desk.start(second)

    assert answer.status == status, answer.body
    if status == 409:
        assert answer.json["code"] == "run-active"
        assert first in answer.json["detail"]
    assert len(await desk.arguments()) == len(await desk.audited()) == (1 if status == 409 else 2)


async def test_two_who_ask_at_once_start_one_run(desk: Desk) -> None:
    await deploy()

    answers = await asyncio.gather(desk.start(NETFLIX), desk.start(NETFLIX))

    assert sorted(answer.status for answer in answers) == [202, 409]
    assert len(await desk.arguments()) == 1


async def test_a_run_that_nobody_started_here_holds_its_part_until_its_time_is_over(
    desk: Desk,
) -> None:
    await deploy()
    part = Part("by-hand", "streaming_availability", "netflix", "US", "changes")
    leases = FetchLeases(connect.engine(), desk.clock)
    held = leases.held(part, timedelta(minutes=10))
    await asyncio.to_thread(held.__enter__)

    refused = await desk.start(NETFLIX)
    desk.clock.advance(timedelta(minutes=11))
    taken = await desk.start(NETFLIX)

    assert (refused.status, taken.status) == (409, 202)
    assert "by-hand" in refused.json["detail"]
    await asyncio.to_thread(held.__exit__, None, None, None)


REFUSED: list[tuple[Mapping[str, Any], str, str]] = [
    (
        {"kind": "everything"},
        "kind",
        "'catalog', 'availability', 'enrichment', 'quality' or 'trending'",
    ),
    ({"kind": "trending", "platforms": ["netflix"]}, "platforms", "every platform"),
    ({"kind": "quality", "regions": ["US"]}, "regions", "every region"),
    ({"kind": "availability", "full": True}, "full", "never full"),
    ({"kind": "catalog", "platforms": ["netflix", "nobody"]}, "platforms.1", "nobody"),
    ({"kind": "enrichment", "platforms": ["netflix"]}, "platforms", "every platform"),
    ({"kind": "catalog", "regions": ["usa"]}, "regions.0", ""),
    ({"kind": "catalog", "since": "2026-01-01"}, "since", ""),
    ({}, "kind", ""),
]


async def test_a_wish_that_nothing_serves_is_refused_by_its_field(desk: Desk) -> None:
    for body, field, said in REFUSED:
        answer = await desk.start(body)

        assert answer.status == 422, answer.body
        assert answer.json["errors"][0]["field"] == field
        assert said in answer.json["errors"][0]["message"]

    assert await desk.audited() == []


async def test_nothing_is_noted_of_a_run_that_workflows_did_not_start(desk: Desk) -> None:
    answer = await desk.start(NETFLIX)  # nothing is deployed

    assert answer.status == 503, answer.body
    assert await desk.audited() == []


async def test_only_administrators_start_runs(desk: Desk) -> None:
    answer = await desk.start(NETFLIX, token=desk.authority.token())
    assert answer.status == 403
