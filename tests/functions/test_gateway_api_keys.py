"""API keys at the gateway, with the function that knows them behind it."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import pytest_asyncio
from aiohttp import web

from shared.adapters import connect, functions
from shared.adapters.api_keys import FunctionTrader
from shared.identity.api_keys import new_key
from shared.identity.step_up import FRESH
from shared.kernel.clock import FixedClock
from shared.kernel.errors import UnavailableError
from shared.runtime import issuing, metrics
from tests.fakes.edge import Answer, ask, load
from tests.fakes.identity import ADA
from tests.fakes.surroundings import change

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from types import ModuleType

    from tests.fakes.identity_house import House

PLAIN = {
    "service": "backend",
    "area": "test",
    "method": "GET",
    "timeout_seconds": 5,
    "body_limit": 9,
}
ROUTES = [
    {**PLAIN, "path": "/mine", "auth": "user", "scopes": ["read:watchlist"]},
    {**PLAIN, "path": "/account", "auth": "user"},
    {**PLAIN, "path": "/anybody", "auth": "optional"},
    {**PLAIN, "path": "/rated", "auth": "user", "scopes": ["write:ratings"]},
    {**PLAIN, "path": "/admin", "auth": "admin"},
]
SERVICE = "/identity-api-keys"


class Town:
    """A gateway, an echoing service, and the function of API keys."""

    def __init__(self, house: House) -> None:
        self.house, self.lost, self.trades = house, False, 0
        self.keys: ModuleType = load("identity_api_keys")
        self.gateway: ModuleType

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer in the place of both functions."""
        if not request.path.startswith(SERVICE):
            return web.json_response({n.lower(): v for n, v in request.headers.items()})
        self.trades += 1
        path, body = request.path.removeprefix(SERVICE), await request.read()
        if self.lost:
            return web.Response(status=503)
        got = await ask(self.keys.handle, request.method, path, body=body)
        return web.Response(status=got.status, body=got.body)

    async def make(self, **changes: object) -> str:
        """Return a new key of Ada's."""
        said = {"name": "Server", "scopes": ["read:watchlist"]} | changes
        headers = {"authorization": f"Bearer {self.house.start().access_token}"}
        path = "/api/v1/auth/api-keys"
        got = await ask(self.keys.handle, "POST", path, body=orjson.dumps(said), headers=headers)
        assert got.status == 201, got.body
        self.made: dict[str, Any] = got.json
        return str(got.json["key"])

    async def get(self, path: str, **headers: str) -> Answer:
        """Ask the gateway."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await ask(self.gateway.handle, "GET", path, headers=named)


@pytest_asyncio.fixture
async def town(
    identity: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Town]:
    """The gateway in front of both."""
    made, app = Town(identity), web.Application()
    app.router.add_route("*", "/{rest:.*}", made.answer)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    (tmp_path / "routes.json").write_bytes(orjson.dumps(ROUTES))
    address = f"http://127.0.0.1:{runner.addresses[0][1]}/{{service}}"
    files = {"MEDIA_GATEWAY_ROUTES_FILE": str(tmp_path / "routes.json")}
    change(monkeypatch, {"MEDIA_GATEWAY_FUNCTION_URL": address, **files})
    monkeypatch.setattr(functions, "_fetch_token", lambda audience: f"token of {audience}")
    made.gateway = load("gateway")
    yield made
    await functions.close()
    await connect.redis_async().aclose()
    await runner.cleanup()


async def test_a_service_is_shown_a_token_of_the_keys_user_and_never_the_key(town: Town) -> None:
    key = await town.make()
    for shown in ({"authorization": f"Bearer {key}"}, {"x_api_key": key}):
        answer = await town.get("/mine", **shown)
        assert answer.status == 200
        assert key not in answer.body.decode()
        assert answer.json["authorization"].startswith("Bearer eyJ")

    assert town.trades == 1


async def test_a_key_does_what_it_covers_and_no_more(town: Town) -> None:
    key = await town.make()
    paths = ("/rated", "/admin", "/account")
    scoped, admin, account = [await town.get(path, x_api_key=key) for path in paths]

    assert (scoped.status, scoped.json["code"]) == (403, "insufficient-scope")
    assert (admin.status, admin.json["code"]) == (403, "denied")
    assert (account.status, account.json["code"]) == (403, "not-covered")


async def test_a_bad_key_is_never_nobody(town: Town) -> None:
    key = await town.make()
    wrong = key[:-1] + ("0" if key[-1] != "0" else "1")
    for shown in (wrong, new_key(), "mg_live_", ""):
        answer = await town.get("/anybody", x_api_key=shown)
        assert (answer.status, answer.json["code"]) == (401, "token-invalid")
    both = await town.get("/anybody", x_api_key=key, authorization="Bearer a.b.c")
    assert both.status == 401


async def test_a_key_in_the_address_is_refused_and_counted(town: Town) -> None:
    key = await town.make()
    answer = await town.get(f"/anybody?api_key={key}")

    assert (answer.status, answer.json["code"]) == (400, "api-key-in-query")
    assert key not in answer.body.decode()
    assert 'code="api-key-in-query"' in metrics.exposition().decode()


async def test_while_nobody_knows_keys_none_is_taken_for_nobody(town: Town) -> None:
    key, town.lost = await town.make(), True
    answer = await town.get("/anybody", x_api_key=key)

    assert (answer.status, answer.json["code"]) == (503, "unavailable")
    assert (await town.get("/anybody")).status == 200


async def test_while_the_function_is_gone_one_call_a_second_tries_it_and_the_log_says_so(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FixedClock()
    trader, town.lost = FunctionTrader(clock), True
    for _ in range(3):
        with pytest.raises(UnavailableError):
            await trader.trade("a" * 64)
    assert town.trades == 1

    clock.advance(timedelta(seconds=1))
    town.lost = False
    assert [await trader.trade("a" * 64) for _ in range(3)] == [None] * 3

    assert town.trades == 4
    said = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert said == ["api_keys.degraded"]


async def test_a_revoked_key_is_refused_though_its_trade_is_kept(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.runtime.viewer.LOOK_AGAIN", FRESH * 0)
    key = await town.make()
    assert (await town.get("/mine", x_api_key=key)).status == 200
    headers = {"authorization": f"Bearer {town.house.start().access_token}"}
    path = f"/api/v1/auth/api-keys/{town.made['id']}"
    assert (await ask(town.keys.handle, "DELETE", path, headers=headers)).status == 204

    answer = await town.get("/mine", x_api_key=key)
    assert (answer.status, answer.json["code"]) == (401, "token-invalid")


async def test_a_key_outlives_the_sessions_of_its_user(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.runtime.viewer.LOOK_AGAIN", FRESH * 0)
    key = await town.make()
    assert (await town.get("/mine", x_api_key=key)).status == 200
    issuing.sessions().end_all(ADA, reason="logout")

    statuses = [(await town.get("/mine", x_api_key=key)).status for _ in range(2)]
    assert statuses == [401, 200]


async def test_a_key_is_limited_by_its_own_rate(town: Town) -> None:
    key = await town.make(rate_limit_per_minute=12)
    answers = [await town.get("/mine", x_api_key=key) for _ in range(3)]

    assert [answer.status for answer in answers] == [200, 200, 429]
    assert '"key";q=12;w=60' in answers[0].headers["ratelimit-policy"]
    assert "key" in answers[2].json["detail"]


async def test_strangers_keys_are_looked_up_only_so_often(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch, {"MEDIA_GATEWAY_RATE_FACTOR": "0.001"})  # one a minute
    first, second = [await town.get("/anybody", x_api_key=new_key()) for _ in range(2)]

    assert (first.status, second.status) == (401, 429)
    assert "api_key" in second.json["detail"]
    assert town.trades == 1


async def test_what_the_gateway_answers_itself_takes_keys_too(town: Town) -> None:
    key = await town.make()
    good, bad = [await town.get("/dashboard/health", x_api_key=k) for k in (key, new_key())]

    assert (good.status, bad.status) == (200, 401)
