"""The admin routes: clock and faults."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from emulators.core import environment
from emulators.core.server import Running, serve
from emulators.hub.console import Console
from emulators.serve import LocalCloud, make_cloud


@dataclass
class Admin:
    """A console over a cloud without services."""

    cloud: LocalCloud
    running: Running
    http: aiohttp.ClientSession

    async def ask(
        self, method: str, path: str, body: object = None
    ) -> tuple[int, dict[str, object]]:
        """Return status and object of one request."""
        url = f"http://{self.running.address}/_mg/{path}"
        async with self.http.request(method, url, json=body) as response:
            return response.status, await response.json()


@pytest.fixture
async def admin(tmp_path: Path) -> AsyncIterator[Admin]:
    cloud = make_cloud(environment.load({"MG_STATE_DIR": str(tmp_path)}))
    console = Console(cloud.context, cloud.clock, cloud.faults, asyncio.Event())
    running = await serve(console.endpoint(), 0)
    async with aiohttp.ClientSession() as http:
        yield Admin(cloud, running, http)
    await running.stop()
    cloud.journal.close()


async def test_advanced_clock_is_the_clock_of_all_services(admin: Admin) -> None:
    before = admin.cloud.context.clock.now()

    status, answer = await admin.ask("POST", "clock", {"action": "advance", "seconds": 3600})

    assert status == 200
    assert admin.cloud.context.clock.now() >= before + 3600
    assert answer["frozen"] is False


async def test_frozen_clock_stands_still_until_it_is_resumed(admin: Admin) -> None:
    _, frozen = await admin.ask("POST", "clock", {"action": "freeze"})
    _, later = await admin.ask("GET", "clock")

    assert frozen["now"] == later["now"]
    assert (await admin.ask("POST", "clock", {"action": "resume"}))[1]["frozen"] is False


@pytest.mark.parametrize(
    "body",
    [{"action": "stop"}, {"action": "advance"}, {"action": "advance", "seconds": -1}, [], "now"],
)
async def test_wrong_time_is_refused(admin: Admin, body: object) -> None:
    assert (await admin.ask("POST", "clock", body))[0] == 400


async def test_fault_is_in_force_until_it_is_lifted(admin: Admin) -> None:
    rule = {"action": "error", "service": "pubsub", "status": "aborted", "remaining": 2}

    status, answer = await admin.ask("POST", "faults", rule)

    assert status == 200
    assert admin.cloud.faults.rules()[1].remaining == 2
    assert (await admin.ask("DELETE", f"faults/{answer['id']}"))[1] == {"rules": []}
    assert (await admin.ask("DELETE", "faults/1"))[0] == 404


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ({"action": "explode"}, "action"),
        ({"action": "error", "status": "SAD"}, "SAD"),
        ({"action": "error", "colour": "red"}, "colour"),
    ],
)
async def test_wrong_fault_is_refused_with_its_field(
    admin: Admin, rule: dict[str, str], named: str
) -> None:
    status, answer = await admin.ask("POST", "faults", rule)

    assert status == 400
    assert named in str(answer)
