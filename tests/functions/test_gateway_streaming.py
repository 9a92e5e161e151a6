"""What streams through the gateway, served as functions-framework serves it, over real sockets."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
import orjson
import pytest
import pytest_asyncio
from aiohttp import web

from emulators.cloud_run.access import Access
from emulators.cloud_run.functions import from_manifests
from emulators.cloud_run.single import SingleHost, serving
from emulators.core.clock import VirtualClock
from emulators.core.identity import Signer
from shared.adapters import functions
from tests.fakes.edge import FUNCTIONS
from tests.fakes.surroundings import change, surroundings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

PATIENCE_SECONDS = 10


def row(path: str, **traits: object) -> dict[str, object]:
    plain = {"service": "backend", "area": path, "method": "GET", "auth": "public"}
    given = {**plain, "path": path, "timeout_seconds": PATIENCE_SECONDS, "body_limit": 100}
    return given | {"stream": True} | traits


ROUTES = [
    row("/events"),
    row("/kept", cache_seconds=300),
    row("/posted", method="POST", idempotent=True),
    row("/quiet", timeout_seconds=0.2),
    row("/mute", timeout_seconds=0.2),
    row("/shaky"),
    row("/broken"),
]


@dataclass
class Backend:
    """A service whose streams wait for the test."""

    more: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    calls: int = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Send a piece, and another once the test says so."""
        self.calls += 1
        path = request.path.removeprefix("/backend")
        if path == "/shaky" and self.calls == 1:
            return web.Response(status=503)
        if path == "/mute":
            await self.more.wait()
        streamed = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await streamed.prepare(request)
        await streamed.write(b"data: Heat\n\n")
        try:
            await self._went_on(request, path)
            await streamed.write(b"data: Ronin\n\n")
        except asyncio.CancelledError:
            self.left.set()
            raise
        return streamed

    async def _went_on(self, request: web.Request, path: str) -> None:
        if path == "/broken" and request.transport is not None:
            request.transport.abort()
        elif path != "/posted":
            await self.more.wait()


@dataclass
class Door:
    """The gateway, called from outside."""

    backend: Backend
    http: aiohttp.ClientSession

    def ask(self, path: str, method: str = "GET", **headers: str) -> Any:  # noqa: ANN401 - aiohttp's context manager
        """Return a request to be entered or awaited."""
        return self.http.request(method, f"/gateway{path}", headers=headers)


@pytest_asyncio.fixture
async def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    """Serve the gateway in front of a backend."""
    backend = Backend()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", backend.answer)
    runner = web.AppRunner(app, shutdown_timeout=0, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    (tmp_path / "routes.json").write_bytes(orjson.dumps(ROUTES))
    monkeypatch.setattr(functions, "_fetch_token", lambda _audience: "token")
    with surroundings("", tmp_path, monkeypatch):
        address = f"http://127.0.0.1:{runner.addresses[0][1]}/{{service}}"
        change(monkeypatch, {"MEDIA_GATEWAY_FUNCTION_URL": address})
        gateway = from_manifests([{"name": "gateway", "service": "gateway"}], FUNCTIONS)
        host = SingleHost(gateway, Access(Signer(VirtualClock()), address, lambda: 0.0))
        async with (
            serving(host) as port,
            aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
        ):
            yield Door(backend, http)
            backend.more.set()
        await functions.close()
    await runner.cleanup()


async def test_a_piece_is_seen_before_the_next_one_is_sent(door: Door) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS), door.ask("/events") as answer:
        first = await answer.content.readany()
        assert not door.backend.more.is_set()
        door.backend.more.set()
        rest = await answer.content.read()

    assert (first, rest) == (b"data: Heat\n\n", b"data: Ronin\n\n")
    assert answer.content_type == "text/event-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_caller_who_goes_away_ends_the_call_of_the_service(door: Door) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        answer = await door.ask("/events")
        await answer.content.readany()
        assert not door.backend.left.is_set()

        answer.close()

        await door.backend.left.wait()


async def test_a_stream_is_never_kept(door: Door) -> None:
    door.backend.more.set()
    for _ in range(2):
        async with door.ask("/kept") as answer:
            assert await answer.read() == b"data: Heat\n\ndata: Ronin\n\n"
            assert "x-cache" not in answer.headers
    assert door.backend.calls == 2


async def test_a_stream_is_not_remembered_for_its_key(door: Door) -> None:
    for _ in range(2):
        async with door.ask("/posted", "POST", **{"idempotency-key": "watch-heat"}) as answer:
            assert (await answer.read()).endswith(b"Ronin\n\n")
            assert "idempotency-replayed" not in answer.headers
    assert door.backend.calls == 2


async def test_what_does_not_begin_is_asked_for_again(door: Door) -> None:
    door.backend.more.set()
    async with door.ask("/shaky") as answer:
        assert (answer.status, (await answer.read())[-7:]) == (200, b"Ronin\n\n")
    assert door.backend.calls == 2


async def test_what_breaks_after_its_first_piece_is_left_unfinished_and_not_repeated(
    door: Door,
) -> None:
    async with door.ask("/broken") as answer:
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()
    assert door.backend.calls == 1


async def test_a_stream_that_does_not_begin_in_time_is_a_timeout(door: Door) -> None:
    async with door.ask("/mute") as answer:
        assert (answer.status, (await answer.json(content_type=None))["code"]) == (504, "timeout")


async def test_a_stream_with_nothing_to_say_for_too_long_is_ended(door: Door) -> None:
    async with door.ask("/quiet") as answer:
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()
        assert answer.status == 200
    async with asyncio.timeout(PATIENCE_SECONDS):
        await door.backend.left.wait()
