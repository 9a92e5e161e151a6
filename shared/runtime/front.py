"""What the gateway answers itself: how the platform is, and what there is to call."""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path
from secrets import token_urlsafe
from string import Template
from time import monotonic
from typing import Literal

import orjson
from pydantic import BaseModel, ConfigDict

from shared import gateway
from shared.adapters import connect, probes
from shared.adapters.functions import Functions, Message
from shared.gateway.conditional import conditioned, etag_of
from shared.gateway.cors import Cors
from shared.gateway.headers import page_headers
from shared.gateway.health import Aggregate, page
from shared.gateway.ports import Answer
from shared.gateway.routes import RouteTable
from shared.kernel.errors import NotFoundError
from shared.kernel.principal import Role
from shared.runtime import http, viewer
from shared.runtime.settings import settings

HEALTH_SECONDS = 2.0
API_PAGE = Path(gateway.__file__).with_name("api.html")
HTML = "text/html; charset=utf-8"
_STARTED = monotonic()
_DESCRIBED = ConfigDict(defer_build=True)  # only docs/openapi.json asks what they are made of
_UNKEPT = {"cache-control": "no-store"}


class PlatformHealth(BaseModel):
    """How the platform is, for anybody."""

    model_config = _DESCRIBED

    status: Literal["healthy", "degraded", "unhealthy"]


class ComponentHealth(BaseModel):
    """How one service is, or one dependency of the gateway itself."""

    model_config = _DESCRIBED

    status: Literal["healthy", "degraded", "starting", "unhealthy"]
    latency_ms: float
    critical: bool
    message: str = ""


class PlatformDetails(PlatformHealth):
    """How the platform is; all but the status is for administrators."""

    version: str = ""
    uptime_s: float = 0.0
    components: dict[str, ComponentHealth] = {}


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


def cors() -> Cors:
    """Return which web pages may call this gateway."""
    return _cors(settings().allowed_origins)


@cache
def _cors(origins: tuple[str, ...]) -> Cors:
    return Cors(origins)


@cache
def _platform() -> Aggregate:
    return Aggregate(table().services, _Readiness(), seconds=monotonic, own={"redis": _redis})


async def _redis() -> None:
    await asyncio.to_thread(probes.redis)


async def keys() -> None:
    """Make sure that tokens can be checked, where it was said where their keys are.

    Where only the issuer is named, its keys may be behind this very gateway: waiting for them would
    never end.

    Raises:
        UnavailableError: They cannot be had.
    """
    if settings().jwks_url:
        await viewer.ready()


@http.describes(answer=PlatformHealth)
async def health(_request: http.Request) -> http.Reply:
    """Answer with the status of the platform."""
    return await _overall(detailed=False)


@http.describes(answer=PlatformHealth)
async def platform_status(_request: http.Request) -> http.Reply:
    """Answer with the status of the platform, where the API is."""
    return await _overall(detailed=False)


@http.describes(answer=PlatformDetails)
async def health_aggregate(request: http.Request) -> http.Reply:
    """Answer with the status of the platform, and of every service to those who run it."""
    return await _overall(detailed=_runs_it(request))


@http.describes(media_type="text/html")
async def health_page(request: http.Request) -> http.Reply:
    """Answer with the same as a page."""
    nonce, version = token_urlsafe(16), settings().revision
    found = await _platform().overview()
    written = page(found, nonce=nonce, version=version, detailed=_runs_it(request))
    return http.Reply(written.encode(), 200, {**page_headers(nonce), **_UNKEPT}, HTML)


@http.describes(media_type="text/html")
def api_page(_request: http.Request) -> http.Reply:
    """Answer with a page to try the API on."""
    _show_api()
    nonce = token_urlsafe(16)
    written = Template(API_PAGE.read_text(encoding="utf-8")).substitute(nonce=nonce)
    return http.Reply(written.encode(), 200, {**page_headers(nonce), **_UNKEPT}, HTML)


@http.describes(media_type="application/vnd.oai.openapi+json")
def api_document(request: http.Request) -> http.Reply:
    """Answer with the OpenAPI document."""
    _show_api()
    return _document(request, "openapi.json", "application/vnd.oai.openapi+json", seconds=300)


@http.describes(media_type="text/plain")
def llms(request: http.Request) -> http.Reply:
    """Answer with the API as assistants read it."""
    return _document(request, "llms.txt", "text/plain; charset=utf-8", seconds=3600)


async def _overall(*, detailed: bool) -> http.Reply:
    found = await _platform().overview()
    uptime = monotonic() - _STARTED
    body = found.body(version=settings().revision, uptime_seconds=uptime, detailed=detailed)
    return http.reply(body, status=found.code, headers=_UNKEPT)


def _runs_it(request: http.Request) -> bool:
    """Tell whether a caller runs the platform: an administrator, or anybody on a local one."""
    return Role.ADMIN in request.principal.roles or settings().environment == "local"


def _show_api() -> None:
    found = settings()
    default = "off" if found.environment == "prod" else "on"
    if (found.api_docs or default) == "off":
        raise NotFoundError("the API is not described here")


def _document(request: http.Request, name: str, media_type: str, *, seconds: int) -> http.Reply:
    """Return a file that lies beside the route table; anybody may keep it for so long."""
    file = connect.addresses().routes_file.with_name(name)
    if not file.is_file():
        raise NotFoundError(f"{name} was not deployed with this gateway")
    body = file.read_bytes()
    headers = {"cache-control": f"public, max-age={seconds}", "etag": etag_of(body)}
    found = conditioned(Answer(200, headers, body), request.headers)
    return http.Reply(found.body, found.status, found.headers, media_type)
