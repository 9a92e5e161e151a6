"""Our pages on loopback, behind what the gateway lets pass, with a browser's view of them."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

import uvicorn
from starlette.requests import Request
from starlette.responses import Response

from shared.adapters import connect
from shared.adapters.sql.identity import clients
from shared.gateway.headers import forwarded, returned
from shared.kernel.clock import SystemClock
from shared.runtime import issuing
from tests.fakes.authorize_house import APP, NOTES, AuthorizeHouse
from tests.fakes.identity import CLIENTS
from tests.fakes.loopback import Silent, loopback
from tests.fakes.pages_house import pages_house
from tests.fakes.surroundings import change

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    import pytest
    from playwright.sync_api import Page
    from starlette.types import Receive, Scope, Send

    from tests.fakes.accounts_house import AccountsHouse
    from tests.fakes.pages_house import PagesHouse

T = TypeVar("T")


class _Application(Silent):
    """An application to which browsers come back."""

    def take(self) -> None:
        """Answer with an empty page."""
        self.answer(200, {"content-type": "text/html"})


@dataclass
class Site:
    """Where the pages are, and an application that sends browsers to them."""

    house: PagesHouse
    origin: str
    application: str
    failed: list[str] = field(default_factory=list)

    def asking(self, client_id: str = APP.client_id) -> str:
        """Return where the application sends a browser."""
        wish = AuthorizeHouse.wish(client_id=client_id, redirect_uri=self.callback)
        return f"{self.origin}/auth/authorize?{urlencode(wish)}"

    @property
    def callback(self) -> str:
        """Where browsers come back to."""
        return f"{self.application}/callback"

    def watch(self, page: Page) -> None:
        """Keep what a page complains of, and whatever it asks of somebody else."""
        page.on("console", lambda said: self._heard(said.type, said.text))
        page.on("pageerror", lambda error: self.failed.append(str(error)))
        page.on("request", lambda asked: self._asked(asked.url))

    def _heard(self, kind: str, text: str) -> None:
        # A page with status 401 is told of by its browser, and is what was asked for.
        if kind in {"error", "warning"} and "the server responded with a status of 4" not in text:
            self.failed.append(text)

    def _asked(self, url: str) -> None:
        if not url.startswith((f"{self.origin}/", f"{self.application}/", "data:")):
            self.failed.append(url)


def done(work: Coroutine[Any, Any, T]) -> T:
    """Return what some work comes to; the browser's own loop has this thread."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(asyncio.run, work).result()


@contextmanager
def serving_pages(patch: pytest.MonkeyPatch, accounts: AccountsHouse) -> Iterator[Site]:
    """Serve the pages as the issuer, and an application."""
    with socket.socket() as listening, loopback(_Application) as application:
        listening.bind(("127.0.0.1", 0))
        origin = f"http://localhost:{listening.getsockname()[1]}"
        change(patch, {"MEDIA_GATEWAY_ISSUER": origin})
        issuing.issuer.cache_clear()
        issuing.sessions.cache_clear()
        clients.register(connect.engine(), [APP, NOTES, *CLIENTS], now=SystemClock().now())
        with pages_house(patch, accounts) as house, _running(house, listening):
            yield Site(house, origin, application.replace("localhost", "127.0.0.1"))


@contextmanager
def _running(house: PagesHouse, listening: socket.socket) -> Iterator[None]:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        given = forwarded(dict(request.headers), request_id="walked-1", budget_ms=9000, page=True)
        scope["headers"] = [(n.encode(), v.encode("latin-1")) for n, v in given.items()]
        found: Any = await house.function(request.url.path).handle(Request(scope, receive))
        headers = returned(dict(found.headers), page=True)
        await Response(found.body, found.status_code, headers)(scope, receive, send)

    server = uvicorn.Server(uvicorn.Config(answer, lifespan="off", log_config=None))
    thread = Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
