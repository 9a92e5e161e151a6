"""Limits that administrators change, from their request to the gateway that counts by them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from redis.asyncio import Redis as AsyncRedis

from shared.adapters import connect
from shared.adapters.redis.limit_changes import KEY, RedisLimitChanges
from shared.gateway.limits import standard_tables
from shared.gateway.limits_admin import document
from shared.gateway.live_limits import Changes, LiveLimits
from shared.kernel.clock import SystemClock
from shared.kernel.events import Event
from shared.kernel.ids import named
from shared.runtime import events
from tests.fakes.edge import Answer, ask, load, pushed
from tests.fakes.identity_house import rows
from tests.fakes.surroundings import change
from tests.fakes.tokens import trusted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from emulators.managed.redis import Redis
    from tests.fakes.tokens import Authority

PATH = "/api/v1/admin/rate-limits"


class Office:
    """The function of limits, asked by an administrator."""

    def __init__(self, authority: Authority, redis_url: str) -> None:
        self.authority, self.redis_url = authority, redis_url
        self.main: ModuleType = load("limits_admin")

    async def ask(self, method: str, path: str = "", said: object = None) -> Answer:
        """Ask as an administrator."""
        body = b"" if said is None else orjson.dumps(said)
        headers = {"authorization": f"Bearer {self.authority.admin()}"}
        return await ask(self.main.handle, method, PATH + path, body=body, headers=headers)

    async def in_force(self, tier: str, rate_class: str | None = None) -> dict[str, int]:
        """Return the quotas that a gateway counts by that has just looked."""
        client = AsyncRedis.from_url(self.redis_url)
        try:
            limits = LiveLimits(RedisLimitChanges(lambda: client), factor=1.0, seconds=lambda: 0.0)
            await limits.renew()
            found = limits._limits.quotas_for("user:ada", tier, rate_class)
        finally:
            await client.aclose()
        return {quota.name: quota.limit for quota in found}


@pytest.fixture
def office(
    connected: connect.Addresses, redis_server: Redis, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """The function, over an empty database and Redis."""
    assert connected.database_url
    change(monkeypatch, {"MEDIA_GATEWAY_REDIS_URL": redis_server.url})
    with trusted(monkeypatch) as authority:
        connect.redis().flushall()
        yield Office(authority, redis_server.url)
        connect.redis().close()


async def test_a_change_is_in_force_at_the_gateway_until_it_is_taken_back(office: Office) -> None:
    before = await office.in_force("free", "search")
    tier = await office.ask("PUT", "/free", {"minute": 7, "burst": 3})
    part = await office.ask("PUT", "/search", {"limit": 9})
    during = await office.in_force("free", "search")
    statuses = [(await office.ask("DELETE", f"/{name}")).status for name in ("free", "search")]

    assert (tier.status, tier.json["changed"]) == (200, {"minute": 7, "burst": 3})
    assert (part.status, part.json["kind"]) == (200, "class")
    assert (during["minute"], during["search"], during["hour"]) == (7, 9, before["hour"])
    assert statuses == [204, 204]
    assert await office.in_force("free", "search") == before
    assert connect.redis().exists(KEY) == 0


async def test_every_tier_and_class_is_listed_as_it_is(office: Office) -> None:
    await office.ask("PUT", "/premium", {"second": 99})
    items = {one["name"]: one for one in (await office.ask("GET")).json["items"]}
    tables = standard_tables()

    assert items.keys() == {*tables["tiers"], *tables["classes"]}
    assert items["premium"]["changed"] == {"second": 99}
    assert items["premium"]["shipped"]["second"] == tables["tiers"]["premium"]["second"]
    assert items["free"]["changed_at"] is None
    assert (await office.ask("GET", "/premium")).json == items["premium"]


def test_a_name_is_of_a_tier_or_of_a_class() -> None:
    tables = standard_tables()
    assert not set(tables["tiers"]) & set(tables["classes"])


BAD: list[tuple[str, dict[str, Any]]] = [
    ("free", {}),
    ("free", {"limit": 5}),
    ("search", {"minute": 5}),
    ("free", {"minute": 0}),
    ("free", {"minute": 10_000_001}),
    ("free", {"minute": "7"}),
    ("free", {"years": 7}),
]


async def test_what_is_no_limit_changes_nothing(office: Office) -> None:
    for name, said in BAD:
        assert (await office.ask("PUT", f"/{name}", said)).status == 422, said
    assert rows("SELECT name FROM limit_change") == []


async def test_what_there_is_not_cannot_be_changed(office: Office) -> None:
    for method in ("GET", "PUT", "DELETE"):
        assert (await office.ask(method, "/nothing", {"burst": 1})).status == 404


async def test_a_change_is_in_the_audit_log(office: Office) -> None:
    await office.ask("PUT", "/search", {"limit": 9})
    said = "SELECT action, resource_type, resource_id, details FROM audit.audit_log"
    assert rows(said) == [("CONFIG_CHANGE", "rate-limit", "search", {"changed": {"limit": 9}})]


async def test_what_the_gateway_cannot_be_told_is_not_changed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch, {"MEDIA_GATEWAY_REDIS_URL": "redis://127.0.0.1:9"})
    answer = await office.ask("PUT", "/search", {"limit": 9})
    change(monkeypatch, {"MEDIA_GATEWAY_REDIS_URL": office.redis_url})

    assert (answer.status, answer.json["code"]) == (503, "unavailable")
    assert rows("SELECT name FROM limit_change") == []


async def test_changes_at_once_are_all_told(office: Office) -> None:
    names = ("free", "premium", "search", "content", "trending")
    answers = await asyncio.gather(*(office.ask("PUT", f"/{n}", {"burst": 2}) for n in names))

    assert [answer.status for answer in answers] == [200] * len(names)
    told = Changes.model_validate_json(connect.redis().get(KEY))  # type: ignore[arg-type]
    assert {*told.tiers, *told.classes} == set(names)


async def test_what_redis_forgot_is_told_again(office: Office) -> None:
    await office.ask("PUT", "/search", {"limit": 9})
    connect.redis().flushall()
    now = SystemClock().now()
    tick = Event(
        event_id=named("tick"),
        event_type=events.TICK,
        occurred_at=now,
        correlation_id="tick",
        data={},
    )
    assert (await ask(load("limits_tell").handle, "POST", "/", body=pushed(tick))).status == 204

    assert (await office.in_force("free", "search"))["search"] == 9


def test_a_change_of_what_is_not_shipped_any_more_is_left_out() -> None:
    said = document([("free", {"minute": 7}), ("gone", {"limit": 1}), ("search", {"minute": 1})])
    assert said == {"tiers": {"free": {"minute": 7}}, "classes": {"search": {}}}
    assert Changes.model_validate(said).of(standard_tables())
