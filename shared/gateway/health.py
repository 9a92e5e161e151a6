"""How the whole platform is, from what each service says of itself."""

from __future__ import annotations

import asyncio
import html
import json
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, Protocol

from shared.gateway.starts import STARTUP_SECONDS, Starts
from shared.gateway.upstream import REFUSALS
from shared.kernel.errors import TimedOutError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

CORE = frozenset({"catalog-read", "search-query"})
"""Services without which the platform is of no use; any other only degrades it."""
SERVICE_SECONDS = 2.0
DEPENDENCY_SECONDS = 1.0
KEPT_SECONDS = 5.0
OK = 200
TOO_MANY = 429
UNAVAILABLE = 503
_PAGE = Path(__file__).with_name("dashboard.html")


class Status(StrEnum):
    """How well something works; the whole is never `STARTING`."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    STARTING = "starting"
    UNHEALTHY = "unhealthy"


class Readiness(Protocol):
    """Asks services whether they are ready."""

    async def ask(self, service: str) -> tuple[int, bytes]:
        """Return status and body of the service's ``/health/ready``; any error means no answer."""


@dataclass(frozen=True)
class Component:
    """How one service is, or a dependency of the gateway itself.

    Attributes:
        latency_ms: Until it answered, or until nobody waited any longer.
        critical: The platform is of no use without it.
        message: What is wrong, for those who run it.
    """

    name: str
    status: Status
    latency_ms: float
    critical: bool
    message: str = ""

    @property
    def shown(self) -> dict[str, Any]:
        """As it stands in an answer."""
        found = {"status": self.status, "latency_ms": self.latency_ms, "critical": self.critical}
        return {**found, "message": self.message} if self.message else found


@dataclass(frozen=True)
class Overview:
    """How the platform is, and each service, worst first."""

    status: Status
    components: tuple[Component, ...] = field(default=())

    @property
    def code(self) -> int:
        """What it is answered with."""
        return UNAVAILABLE if self.status is Status.UNHEALTHY else OK

    def body(self, *, version: str, uptime_seconds: float, detailed: bool) -> dict[str, Any]:
        """Return the answer; strangers read the status alone."""
        if not detailed:
            return {"status": self.status}
        return {
            "status": self.status,
            "version": version,
            "uptime_s": round(uptime_seconds, 1),
            "components": {one.name: one.shown for one in self.components},
        }


_ORDER = (Status.UNHEALTHY, Status.STARTING, Status.DEGRADED, Status.HEALTHY)


def decided(components: Sequence[Component]) -> Overview:
    """Return the status of the whole.

    A critical service that is unhealthy makes it unhealthy; anything else that is not healthy, or a
    critical one that is degraded or only starts, makes it degraded.
    """
    status = Status.HEALTHY
    if any(one.status is not Status.HEALTHY for one in components):
        status = Status.DEGRADED
    if any(one.critical and one.status is Status.UNHEALTHY for one in components):
        status = Status.UNHEALTHY
    return Overview(status, tuple(sorted(components, key=_rank)))


def _rank(one: Component) -> tuple[int, bool, str]:
    return _ORDER.index(one.status), not one.critical, one.name


class Aggregate:
    """Asks every service at once, at most every five seconds whoever wants to know.

    Args:
        services: Those that have a route.
        readiness: How they are asked.
        seconds: A clock that only goes forward, like `time.monotonic`.
        core: Which of them are critical.
        own: What the gateway itself stands on: by name, a check that raises where it is gone. It
            can do without any of them.
    """

    def __init__(
        self,
        services: Sequence[str],
        readiness: Readiness,
        *,
        seconds: Callable[[], float],
        core: frozenset[str] = CORE,
        own: Mapping[str, Callable[[], Awaitable[object]]] | None = None,
    ) -> None:
        self._services = sorted(set(services))
        self._readiness = readiness
        self._seconds = seconds
        self._core = core
        self._own = own or {}
        self._starts = Starts()
        self._lock = asyncio.Lock()
        self._kept: tuple[float, Overview] | None = None

    async def overview(self) -> Overview:
        """Return how the platform is; never raises, and takes at most two seconds."""
        async with self._lock:
            if self._kept is not None and self._seconds() - self._kept[0] < KEPT_SECONDS:
                return self._kept[1]
            services = [self._component(name, self._asked(name)) for name in self._services]
            own = [self._component(name, _checked(check)) for name, check in self._own.items()]
            found = await asyncio.gather(*services, *own)
            self._kept = (self._seconds(), decided(found))
            return self._kept[1]

    async def _component(self, name: str, asked: Awaitable[tuple[Status, str]]) -> Component:
        started = self._seconds()
        status, message = await asked
        taken = round((self._seconds() - started) * 1000, 1)
        return Component(name, status, taken, name in self._core, message)

    async def _asked(self, name: str) -> tuple[Status, str]:
        status, message = await self._said(name)
        if status is not Status.STARTING:
            self._starts.answered(name, self._seconds(), well=status is not Status.UNHEALTHY)
        elif not self._starts.may_last(name, self._seconds()):
            status = Status.UNHEALTHY
        return status, message

    async def _said(self, name: str) -> tuple[Status, str]:
        try:
            async with asyncio.timeout(SERVICE_SECONDS):
                code, body = await self._readiness.ask(name)
        except (TimeoutError, TimedOutError):
            return Status.STARTING, f"no answer in {SERVICE_SECONDS:g} s"
        except Exception as error:  # noqa: BLE001 - whatever it is, there was no answer
            return Status.UNHEALTHY, f"no answer: {type(error).__name__}"
        return judged(code, body)


async def _checked(check: Callable[[], Awaitable[object]]) -> tuple[Status, str]:
    try:
        async with asyncio.timeout(DEPENDENCY_SECONDS):
            await check()
    except TimeoutError:
        return Status.UNHEALTHY, f"no answer in {DEPENDENCY_SECONDS:g} s"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not there
        return Status.UNHEALTHY, f"gone: {type(error).__name__}"
    return Status.HEALTHY, ""


def judged(code: int, body: bytes) -> tuple[Status, str]:
    """Return what an answer of ``/health/ready`` says, and which dependencies are not healthy.

    Args:
        code: Anything but 200 is unhealthy, or a sign of a start: 429 where Cloud Run has no
            instance yet, 503 of a process that is younger than a start may take.
        body: JSON with ``status`` and perhaps ``components`` and ``uptime_s``; what cannot be read
            is no health.
    """
    said = _read(body)
    components = said.get("components")
    parts = components if isinstance(components, dict) else {}
    ill = sorted(n for n, one in parts.items() if not _is_healthy(one))
    named = f"not healthy: {', '.join(ill)}" if ill else ""
    if code != OK:
        starts = code == TOO_MANY or (code == UNAVAILABLE and _is_young(said))
        mend = f": {REFUSALS[code]}" if code in REFUSALS else ""
        return Status.STARTING if starts else Status.UNHEALTHY, named or f"answered {code}{mend}"
    status = said.get("status")
    if status in {Status.HEALTHY, Status.DEGRADED}:
        return Status(status), named
    return Status.UNHEALTHY, "its answer says nothing of its health"


def _read(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _is_young(said: Mapping[str, Any]) -> bool:
    age = said.get("uptime_s")
    return isinstance(age, (int, float)) and age < STARTUP_SECONDS


def _is_healthy(component: object) -> bool:
    return isinstance(component, dict) and component.get("status") == Status.HEALTHY


def page(overview: Overview, *, nonce: str, version: str, detailed: bool = True) -> str:
    """Return the overview as a page, everything in it escaped.

    Args:
        overview: What there is to show.
        nonce: Of the one style element, as in `page_policy`; new for each answer.
        version: Of the gateway.
        detailed: False for strangers, who are shown the status alone.
    """
    rows = "\n".join(_row(one) for one in overview.components) if detailed else ""
    empty = "No service has a route." if detailed else "Administrators are shown each service."
    return Template(_PAGE.read_text(encoding="utf-8")).substitute(
        nonce=html.escape(nonce),
        status=overview.status.value,
        version=html.escape(version) if detailed else "not shown",
        rows=rows or f'<tr><td colspan="5">{empty}</td></tr>',
    )


def page_policy(nonce: str) -> str:
    """Return the page's own ``Content-Security-Policy`` (CSP Level 3 §6.6, nonces)."""
    return (
        f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )


def _row(one: Component) -> str:
    cells = (
        f'<th scope="row">{html.escape(one.name)}</th>',
        f'<td class="{one.status.value}">{one.status.value}</td>',
        f"<td>{one.latency_ms:g} ms</td>",
        f"<td>{'yes' if one.critical else 'no'}</td>",
        f"<td>{html.escape(one.message)}</td>",
    )
    return f"<tr>{''.join(cells)}</tr>"
