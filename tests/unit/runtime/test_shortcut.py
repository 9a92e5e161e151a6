"""Requests reach a function past the framework's layers, and nothing else does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from shared.runtime import shortcut

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send


class Layer:
    """A layer of the framework: it notes what comes its way."""

    seen: list[str]

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note a request and hand it on."""
        if scope["type"] == "http":
            self.seen.append(f"{scope['method']} {scope['path']}")
        await self._app(scope, receive, send)


async def answer(request: Request) -> Response:
    body = (await request.body()).decode()
    return PlainTextResponse(f"{request.method} {request.url.path} {body}")


async def function(request: Request) -> Response:
    shortcut.take(request.app, answer)
    return await answer(request)


@pytest.fixture
async def asking() -> AsyncIterator[httpx2.AsyncClient]:
    """Ask an application that lies behind one layer."""
    Layer.seen = []
    methods = sorted(shortcut.METHODS)
    route = Route("/{path:path}", function, methods=methods)
    app = Starlette(routes=[route], middleware=[Middleware(Layer)])
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client


async def test_only_the_first_request_goes_the_framework_s_way(
    asking: httpx2.AsyncClient,
) -> None:
    answers = [(await asking.post("/a", content="heat")).text for _ in range(3)]

    assert answers == ["POST /a heat"] * 3
    assert Layer.seen == ["POST /a"]


async def test_what_the_framework_answers_itself_it_still_answers(
    asking: httpx2.AsyncClient,
) -> None:
    await asking.get("/a")

    assert (await asking.request("BREW", "/a")).status_code == 405
    assert (await asking.get("/robots.txt")).status_code == 200
    assert Layer.seen == ["GET /a", "BREW /a", "GET /robots.txt"]


async def test_a_way_that_was_taken_is_not_taken_again(asking: httpx2.AsyncClient) -> None:
    for _ in range(3):
        await asking.get("/robots.txt")  # each reaches the function by the framework's way
    await asking.get("/a")

    assert Layer.seen == ["GET /robots.txt"] * 3
