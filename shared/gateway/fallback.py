"""What a caller is given where the service of a route is lost (docs/decisions/0020).

A route may name another, or itself, whose answer to a request without parameters stands in for its
own: for a search, what is popular. The gateway asks for it as nobody while all is well, keeps the
last good answer, and puts it into the problem that tells of the loss. So it is nobody's in
particular, whoever gets it, and nobody takes it for the answer that was asked for.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qsl

import orjson

from shared.gateway.cache_policy import BODY_LIMIT, Asked
from shared.gateway.headers import forwarded
from shared.gateway.ports import Answer, Entry
from shared.gateway.vary import tags_of
from shared.kernel.errors import AppError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.gateway.ports import CacheStore
    from shared.gateway.routes import Fallback, Route, RouteTable
    from shared.kernel.clock import Clock

LOST = frozenset({502, 503, 504})
"""Statuses that say a service is lost, and not that this request was too much for it."""
RENEW_SECONDS = 300.0
KEEP_SECONDS = 3600.0
"""How old an answer may be that stands in, as any stale one (spec/gateway §5.5)."""
JSON = "application/json"
_KEY = "fallback:"
_NOTHING: tuple[object, ...] = (None, "", [], {})
"""Values of a field that ask for nothing."""


class Calls(Protocol):
    """Calls services: `shared.gateway.upstream.Upstream`."""

    async def call(
        self, route: Route, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """Return what the service of a route answers."""


@dataclass(frozen=True)
class Request:
    """What was asked of a lost service, as far as that decides whether anything stands in.

    Attributes:
        query: As it stands in the request line.
        request_id: Under which a renewal is traced.
        limited: The caller's profile may not see everything.
    """

    query: str
    body: bytes
    request_id: str
    limited: bool = False


class Fallbacks:
    """Keeps what stands in for routes.

    Args:
        table: Routes, and where their fallbacks are.
        store: Keeps answers for every instance; while it is gone each has its own last ones.
        calls: How services are asked.
        clock: The time.
    """

    def __init__(self, table: RouteTable, store: CacheStore, calls: Calls, *, clock: Clock) -> None:
        self._table, self._store, self._calls, self._clock = table, store, calls, clock
        self._own: dict[str, Entry] = {}
        self._due: dict[str, float] = {}
        self._renewals: set[asyncio.Task[None]] = set()

    async def beside(self, fallback: Fallback, request: Request, answer: Answer) -> Answer:
        """Return an answer, with what stands in for it where it tells of a loss.

        Where it is good instead, what would stand in is asked for again every five minutes, which
        nobody waits for.
        """
        if answer.status == HTTPStatus.OK:
            self._renew_if_due(fallback.path, request.request_id)
        if answer.status not in LOST or not honors(fallback, request):
            return answer
        entry = await self._last(fallback.path)
        return answer if entry is None else _joined(fallback.path, answer, entry)

    async def settle(self) -> None:
        """Wait for what is being renewed, for a process that is about to end."""
        await asyncio.gather(*self._renewals, return_exceptions=True)

    def _renew_if_due(self, path: str, request_id: str) -> None:
        now = self._now()
        if now < self._due.get(path, 0.0):
            return
        self._due[path] = now + RENEW_SECONDS
        renewal = asyncio.create_task(self._renew(path, request_id))
        self._renewals.add(renewal)
        renewal.add_done_callback(self._renewals.discard)

    async def _renew(self, path: str, request_id: str) -> None:
        """Ask anew, unless another instance did less than five minutes ago."""
        with suppress(UnavailableError):
            kept = await self._store.get(_KEY + path)
            if kept is not None and self._now() - kept.stored_at < RENEW_SECONDS:
                self._own[path] = kept
                return
        route, asked_at = self._table.find("GET", path), self._now()
        budget = int(route.timeout_seconds * 1000)
        headers = forwarded({"accept": JSON}, request_id=request_id, budget_ms=budget)
        with suppress(AppError):
            await self._keep(path, await self._calls.call(route, path, headers, b""), asked_at)

    async def _keep(self, path: str, answer: Answer, asked_at: float) -> None:
        tags = tags_of(Asked("GET", path), answer.headers)
        if tags is None or not _can_stand_in(answer):
            return
        kept = Answer(answer.status, {"content-type": JSON}, answer.body)
        self._own[path] = entry = Entry(kept, asked_at, KEEP_SECONDS, tags)
        await self._store.put(_KEY + path, entry, keep_seconds=KEEP_SECONDS)

    async def _last(self, path: str) -> Entry | None:
        try:
            entry = await self._store.get(_KEY + path)
        except UnavailableError:
            entry = self._own.get(path)
        old = entry is None or self._now() - entry.stored_at >= KEEP_SECONDS
        return None if old else entry

    def _now(self) -> float:
        return self._clock.now().timestamp()


def honors(fallback: Fallback, request: Request) -> bool:
    """Tell whether what stands in is nothing that a request asked not to see.

    It honors no parameter, so a request may have those alone that the manifest says it may ignore:
    what a child may not see is filtered by one, and a new one is refused until somebody decided. A
    caller whose profile has a limit gets nothing.
    """
    asked = {name for name, _ in parse_qsl(request.query, keep_blank_values=True)}
    fields = _fields(request.body)
    return not request.limited and fields is not None and asked | fields <= fallback.ignores


def _fields(body: bytes) -> set[str] | None:
    """Return the fields of a body that ask for something, None where it cannot be read."""
    if not body:
        return set()
    try:
        said = orjson.loads(body)
    except ValueError:
        return None
    if not isinstance(said, dict):
        return None
    return {name for name, value in said.items() if value not in _NOTHING}


def _can_stand_in(answer: Answer) -> bool:
    """Tell whether an answer is good, and a JSON object as problems hold one."""
    if answer.status != HTTPStatus.OK or len(answer.body) > BODY_LIMIT:
        return False
    try:
        return isinstance(orjson.loads(answer.body), dict)
    except ValueError:
        return False


def _joined(path: str, problem: Answer, entry: Entry) -> Answer:
    """Return a problem with one member more (RFC 9457 §3.2).

    The answer that is kept was read when it came, so it is set in as it stands.
    """
    at = datetime.fromtimestamp(entry.stored_at, UTC).replace(microsecond=0)
    told = {"path": path, "as_of": at, "answer": orjson.Fragment(entry.answer.body)}
    body = orjson.dumps(orjson.loads(problem.body) | {"fallback": told})
    return replace(problem, body=body)
