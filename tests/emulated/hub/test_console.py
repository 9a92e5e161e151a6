"""The admin routes: clock and faults."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from emulators.core import environment
from emulators.core.recorder import moment_of
from emulators.core.rules import POSSIBLE
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
    cloud.faults.know("pubsub", {"Publish": "call"})
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
    [
        {"action": "stop"},
        {"action": "advance"},
        {"action": "advance", "seconds": -1},
        {"action": "advance", "seconds": True},
        {"action": "advance", "seconds": 1, "minutes": 1},
        {"action": "freeze", "seconds": 1},
        {"action": "jump"},
        {"action": "jump", "to": "tomorrow"},
        {"action": "jump", "to": "1999-12-31T00:00:00Z"},
        {"action": "jump", "to": "9999-12-31T00:00:00Z"},
        [],
        "now",
    ],
)
async def test_wrong_time_is_refused(admin: Admin, body: object) -> None:
    assert (await admin.ask("POST", "clock", body))[0] == 400


async def test_a_jump_lets_every_timer_on_the_way_ring_at_its_moment(admin: Admin) -> None:
    clock = admin.cloud.clock
    start = float((await admin.ask("POST", "clock", {"action": "freeze"}))[1]["now"])  # type: ignore[arg-type]
    rung: list[float] = []
    for seconds in (50, 20):
        clock.call_at(start + seconds, lambda: rung.append(clock.now() - start))

    moment = moment_of(start + 60)
    _, answer = await admin.ask("POST", "clock", {"action": "jump", "to": moment})

    assert [round(seconds, 3) for seconds in rung] == [20, 50]
    assert (answer["at"], answer["timers"]) == (moment, 0)


async def test_the_clock_stands_as_it_was_set_after_a_restart(admin: Admin, tmp_path: Path) -> None:
    await admin.ask("POST", "clock", {"action": "advance", "seconds": 5000})
    _, frozen = await admin.ask("POST", "clock", {"action": "freeze"})

    again = make_cloud(environment.load({"MG_STATE_DIR": str(tmp_path)}))

    assert (again.clock.now(), again.clock.frozen) == (frozen["now"], True)
    again.journal.close()


async def test_faults_tell_what_they_can_name_and_count_from_a_seed(admin: Admin) -> None:
    rule = {"action": "error", "service": "pubsub", "method": "Publish", "probability": 0.5}
    await admin.ask("POST", "faults", rule)

    _, targets = await admin.ask("GET", "faults/targets")
    _, answer = await admin.ask("PUT", "faults/seed", {"seed": 7})

    assert targets == {"pubsub": {"Publish": sorted(POSSIBLE["call"])}}
    assert answer["seed"] == 7
    assert (await admin.ask("PUT", "faults/seed", {"seed": "x"}))[0] == 400


async def test_state_is_exported_once_to_a_folder(admin: Admin, tmp_path: Path) -> None:
    admin.cloud.context.journal.put("pubsub.pending", "a\n1", b"0")
    folder = str(tmp_path / "export")

    _, answer = await admin.ask("POST", "state/export", {"folder": folder})

    assert answer["entries"] == {"pubsub/pending.jsonl": 1}
    assert (await admin.ask("POST", "state/export", {"folder": folder}))[0] == 400
    assert (await admin.ask("POST", "state/export", {"folder": "here"}))[0] == 400


async def test_fault_is_in_force_until_it_is_lifted(admin: Admin) -> None:
    rule = {"action": "error", "service": "pubsub", "status": "aborted", "remaining": 2}

    status, answer = await admin.ask("POST", "faults", rule)

    assert status == 200
    assert admin.cloud.faults.rules()[1].remaining == 2
    assert (await admin.ask("DELETE", f"faults/{answer['id']}"))[1] == {"seed": 0, "rules": []}
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
