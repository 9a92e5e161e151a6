"""Whether a function can work: ``/health/live``, ``/health/ready`` and ``/health/startup``.

``/liveness`` and ``/ready`` are the first two by their older names. Live asks nobody. Ready runs a
probe for each dependency that the manifest names under ``health``, side by side, at most two
seconds each and once a second whoever asks: a critical one that fails is 503 ``unhealthy``, another
200 ``degraded``. Only a caller that Cloud Run has let in by its identity is told which one.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any

from shared.kernel.errors import AppError
from shared.runtime.lifecycle import work
from shared.runtime.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

logger = logging.getLogger(__name__)

PROBE_SECONDS = 2.0
KEPT_SECONDS = 1.0
PREFIX = "/health/"
OLDER = {"/liveness": "/health/live", "/ready": "/health/ready"}
IDENTITY = "x-serverless-authorization"
_STARTED = monotonic()


class Status(StrEnum):
    """How well a function can work."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


@dataclass(frozen=True)
class Component:
    """How one dependency is.

    Attributes:
        latency_ms: How long its probe took.
        message: What it said, where it failed.
    """

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
class Report:
    """How a function is, and each of its dependencies."""

    status: Status
    components: Mapping[str, Component] = field(default_factory=dict)

    @property
    def code(self) -> int:
        """What it is answered with."""
        return 503 if self.status is Status.UNHEALTHY else 200


@dataclass(frozen=True)
class _Check:
    name: str
    critical: bool
    probe: Callable[[], object]


class Health:
    """The health of one function.

    Args:
        declared: ``health`` of its manifest: dependency → ``critical`` or ``degraded``.
        probes: One for each, a function of the dependency's name that raises where it is gone.
        warm: What must have worked once before there is anything to be ready for; a coroutine
            function runs on the event loop, any other in a thread.
        details: Whether a caller, known by its headers, may read more than the status.

    Raises:
        LookupError: Manifest and probes do not name the same dependencies.
    """

    def __init__(
        self,
        declared: Mapping[str, str],
        probes: Sequence[Callable[[], object]] = (),
        *,
        warm: Sequence[Callable[[], object]] = (),
        details: Callable[[Mapping[str, str]], bool] | None = None,
    ) -> None:
        by_name = {getattr(probe, "__name__", ""): probe for probe in probes}
        if by_name.keys() != set(declared):
            both = f"{sorted(declared)} and {sorted(by_name)}"
            raise LookupError(f"health of the manifest and probes differ: {both}")
        self._checks = [_Check(n, declared[n] == "critical", p) for n, p in by_name.items()]
        self._cold = list(warm)
        self._details = details or (lambda headers: IDENTITY in headers)
        self._pool = ThreadPoolExecutor(max(1, len(self._checks)), "health")
        self._running: dict[str, Future[object] | asyncio.Task[object]] = {}
        self._lock = asyncio.Lock()
        self._kept: tuple[float, Report] | None = None

    async def answer(
        self, path: str, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Any]] | None:
        """Return status and body for a path below ``/health/``, or None where it is none of ours.

        Args:
            path: Without the service's own prefix.
            headers: Names in lower case.
        """
        asked = {"live": self._live, "ready": self.ready, "startup": self._startup}
        found = OLDER.get(path, path)
        find = asked.get(found.removeprefix(PREFIX)) if found.startswith(PREFIX) else None
        if find is None:
            return None
        report = await find()
        return report.code, self._body(report, detailed=self._details(headers))

    def _body(self, report: Report, *, detailed: bool) -> dict[str, Any]:
        if not detailed:
            return {"status": report.status}
        return {
            "status": report.status,
            "service": settings().service,
            "version": settings().revision,
            "uptime_s": round(monotonic() - _STARTED, 1),
            "components": {name: one.shown for name, one in report.components.items()},
        }

    async def _live(self) -> Report:
        return Report(Status.HEALTHY)

    async def _startup(self) -> Report:
        """Return whether what must have worked once has; what failed is tried again."""
        loop = asyncio.get_running_loop()
        while self._cold:
            component = await self._component(_Check("startup", True, self._cold[0]), loop)
            if component.status is not Status.HEALTHY:
                return Report(Status.UNHEALTHY, {"startup": component})
            self._cold = self._cold[1:]
        return Report(Status.HEALTHY)

    async def ready(self) -> Report:
        """Return how every dependency is, at most a second old."""
        if work.stopping:
            return Report(Status.UNHEALTHY)
        async with self._lock:
            started = await self._startup()
            if started.status is not Status.HEALTHY:
                return started
            at, report = self._kept or (-KEPT_SECONDS, Report(Status.HEALTHY))
            if self._kept is None or monotonic() - at >= KEPT_SECONDS:
                report = await self._probed()
                self._kept = (monotonic(), report)
            return report

    async def _probed(self) -> Report:
        loop = asyncio.get_running_loop()
        found = await asyncio.gather(*(self._component(check, loop) for check in self._checks))
        components = {c.name: one for c, one in zip(self._checks, found, strict=True)}
        failed = [one for one in found if one.status is not Status.HEALTHY]
        if any(one.critical for one in failed):
            return Report(Status.UNHEALTHY, components)
        return Report(Status.DEGRADED if failed else Status.HEALTHY, components)

    async def _component(self, check: _Check, loop: asyncio.AbstractEventLoop) -> Component:
        """Run one probe; one that still hangs from last time is waited for, not started again."""
        running = self._running.get(check.name)
        if running is None or running.done():
            running = self._running[check.name] = self._begun(check.probe, loop)
        started = perf_counter()
        problem = await _problem(asyncio.wrap_future(running, loop=loop), check.name)
        taken = round((perf_counter() - started) * 1000, 1)
        status = Status.UNHEALTHY if problem else Status.HEALTHY
        return Component(status, taken, check.critical, problem)

    def _begun(
        self, probe: Callable[[], object], loop: asyncio.AbstractEventLoop
    ) -> Future[object] | asyncio.Task[object]:
        if inspect.iscoroutinefunction(probe):
            return loop.create_task(probe())
        return self._pool.submit(probe)


async def _problem(running: asyncio.Future[object], name: str) -> str:
    """Return what went wrong with a probe; empty where nothing did."""
    running.add_done_callback(lambda done: done.cancelled() or done.exception())  # late: unread
    await asyncio.wait([running], timeout=PROBE_SECONDS)
    if not running.done():
        return f"no answer in {PROBE_SECONDS:g} s"
    error = running.exception()
    if error is None:
        return ""
    logger.warning("probe.failed", extra={"dependency": name, "detail": repr(error)})
    return error.message if isinstance(error, AppError) else type(error).__name__
