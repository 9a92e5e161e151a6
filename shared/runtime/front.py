"""What the gateway answers itself: how the platform is, and what there is to call."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from secrets import token_urlsafe
from string import Template
from time import monotonic
from typing import Literal

import orjson
from pydantic import BaseModel

from shared import gateway
from shared.adapters import connect
from shared.adapters.functions import Functions, Message
from shared.gateway.headers import SECURITY_HEADERS, page_headers
from shared.gateway.health import Aggregate, page
from shared.gateway.routes import RouteTable
from shared.kernel.errors import NotFoundError
from shared.runtime import http
from shared.runtime.settings import settings

HEALTH_SECONDS = 2.0
API_PAGE = Path(gateway.__file__).with_name("api.html")
HTML = "text/html; charset=utf-8"
_STARTED = monotonic()
_UNKEPT = {"cache-control": "no-store"}


class PlatformHealth(BaseModel):
    """How the platform is, for anybody."""

    status: Literal["healthy", "degraded", "unhealthy"]


class _Readiness:
    """`shared.gateway.health.Readiness` over HTTP."""

    def __init__(self) -> None:
        self._functions = Functions()

    async def ask(self, service: str) -> tuple[int, bytes]:
        """Ask a service whether it is ready."""
        found = await self._functions.call(
            service, "GET", "/health/ready", message=Message({}, b""), seconds=HEALTH_SECONDS
        )
        return found.status, found.body


@cache
def table() -> RouteTable:
    """Return the routes that this gateway was deployed with."""
    return RouteTable(orjson.loads(connect.addresses().routes_file.read_bytes()))


@cache
def _platform() -> Aggregate:
    return Aggregate(table().services, _Readiness(), seconds=monotonic)


async def overall() -> http.Reply:
    """Answer with the status of the platform: strangers learn no more."""
    found = await _platform().overview()
    uptime = monotonic() - _STARTED
    body = found.body(version=settings().revision, uptime_seconds=uptime, detailed=False)
    return http.reply(body, status=found.code, headers={**SECURITY_HEADERS, **_UNKEPT})


async def health_page() -> http.Reply:
    """Answer with the overview as a page, for those who run the platform."""
    nonce = token_urlsafe(16)
    written = page(await _platform().overview(), nonce=nonce, version=settings().revision)
    return http.Reply(written.encode(), 200, {**page_headers(nonce), **_UNKEPT}, HTML)


def api_page() -> http.Reply:
    """Answer with a page on which the API can be tried."""
    nonce = token_urlsafe(16)
    written = Template(API_PAGE.read_text(encoding="utf-8")).substitute(nonce=nonce)
    return http.Reply(written.encode(), 200, {**page_headers(nonce), **_UNKEPT}, HTML)


def document(name: str, media_type: str, *, seconds: int) -> http.Reply:
    """Return a file that lies beside the route table.

    Args:
        name: Of the file.
        media_type: Its own.
        seconds: How long anybody may keep it.

    Raises:
        NotFoundError: This gateway was deployed without it.
    """
    file = connect.addresses().routes_file.with_name(name)
    if not file.is_file():
        raise NotFoundError(f"{name} was not deployed with this gateway")
    kept = {**SECURITY_HEADERS, "cache-control": f"public, max-age={seconds}"}
    return http.Reply(file.read_bytes(), 200, kept, media_type)
