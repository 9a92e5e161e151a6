"""One effect for one key: draft-ietf-httpapi-idempotency-key-header-07.

What a key is, by what is remembered of it:

==============  ======================  ====================================================
remembered      same request            another request
==============  ======================  ====================================================
nothing         it runs                 it runs
it runs         409, ``Retry-After``    422
its answer      that answer again       422
==============  ======================  ====================================================

Keys of two callers, or on two routes, are two keys. An answer that says nothing of the request
itself (5xx, and what a repetition may mend) is not remembered. Where the store is gone the request
goes on, guarded by this process's memory and by the unique key that its service has (spec/gateway
§7).
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from dataclasses import dataclass, replace
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING

import orjson

from shared.gateway.outage import Outage
from shared.gateway.ports import Answer, Claim, Stage
from shared.kernel.errors import (
    ConflictError,
    FieldIssue,
    InvalidInputError,
    MalformedError,
    UnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from shared.gateway.ports import IdempotencyStore
    from shared.kernel.clock import Clock

HEADER = "idempotency-key"
REPLAYED = "idempotency-replayed"
LONGEST_KEY = 255
KEPT_SECONDS = 86_400.0
"""How long a key and its answer are remembered."""
LEASE_SECONDS = 120.0
"""How long a request may run; longer than any route's time, or it could run twice at once."""
RETRY_SECONDS = 1.0
MOST_LOCAL = 10_000
"""Keys that one process remembers while the store is gone."""

_QUOTED = re.compile(rf'"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\]){{1,{LONGEST_KEY}}})"')
"""A string of RFC 9651 §3.3.3, as the draft's §2.1 has it."""
_BARE = re.compile(rf"[A-Za-z0-9._~:/+=-]{{1,{LONGEST_KEY}}}")
"""What most clients send in its place."""
KEY_PATTERN = f"^(?:{_QUOTED.pattern}|{_BARE.pattern})$"
"""What clients are told of a key."""
_PASSING = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
"""Refusals that the same request may not meet again."""
_NOT_KEPT = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding"})


class KeyInUseError(ConflictError):
    """A request with this key still runs.

    Attributes:
        retry_after_seconds: When to try again.
    """

    code = "idempotency-key-in-use"
    retry_after_seconds = RETRY_SECONDS


class KeyReusedError(InvalidInputError):
    """The key was used for another request."""

    code = "idempotency-key-reused"


@dataclass(frozen=True)
class Attempt:
    """A request that may be one of several attempts at the same thing.

    Attributes:
        principal: Who asks, as limits name them.
        route: Path template.
        target: Path and query as they stand in the request line.
    """

    principal: str
    route: str
    method: str
    target: str
    body: bytes = b""

    @property
    def fingerprint(self) -> str:
        """What every attempt at the same thing has in common."""
        head = orjson.dumps([self.method, self.target])
        return sha256(b"%d:%b%b" % (len(head), head, self.body)).hexdigest()

    def store_key(self, key: str) -> str:
        """Return under what a caller's key is remembered."""
        named = sha256(key.encode()).hexdigest()
        return f"{self.principal}:{self.method} {self.route}:{named}"


def key_of(headers: Mapping[str, str]) -> str | None:
    """Return the key a caller gave, None without one.

    Args:
        headers: Names in lower case.

    Raises:
        MalformedError: It is neither a string in quotes nor a plain word, or too long.
    """
    given = headers.get(HEADER)
    if given is None:
        return None
    given = given.strip()
    quoted = _QUOTED.fullmatch(given)
    if not (quoted or _BARE.fullmatch(given)):
        issue = FieldIssue(
            "Idempotency-Key", "string", f"Send a string in quotes of 1 to {LONGEST_KEY} characters"
        )
        raise MalformedError("Idempotency-Key cannot be read", issues=[issue])
    return re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else given


class IdempotentDoor:
    """Lets each key's request run once and answers the others as it was answered."""

    def __init__(self, store: IdempotencyStore, *, clock: Clock) -> None:
        self._store, self._local = store, MemoryIdempotency(clock)
        self._outage = Outage("idempotency", clock)
        self._running: set[asyncio.Task[Answer]] = set()

    async def answer(
        self, attempt: Attempt, key: str, run: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        """Return what `run` answers, or what it answered to an earlier attempt.

        A caller who goes away does not end what runs: its answer is what the next attempt gets.

        Raises:
            KeyInUseError: An earlier attempt still runs.
            KeyReusedError: The key belongs to another request.
            AppError: What `run` raised; the key is free again.
        """
        stored = attempt.store_key(key)
        store, claim = await self._claim(stored, attempt.fingerprint)
        if claim.stage is Stage.DONE and claim.answer is not None:
            return replace(claim.answer, headers={**claim.answer.headers, REPLAYED: "true"})
        if claim.stage is Stage.DIFFERENT:
            message = "this Idempotency-Key was used for another request"
            issue = FieldIssue(
                "Idempotency-Key", "same-request", "Make a new key for a new request"
            )
            raise KeyReusedError(message, issues=[issue])
        if claim.stage is not Stage.NEW:
            raise KeyInUseError("a request with this Idempotency-Key still runs")
        task = asyncio.create_task(self._ran(store, stored, attempt.fingerprint, run))
        self._running.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    async def settle(self) -> None:
        """Wait for everything that still runs, for a process that is about to end."""
        await asyncio.gather(*self._running, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Answer]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # its caller may be gone: it is not left to the loop's own log

    async def _claim(self, key: str, fingerprint: str) -> tuple[IdempotencyStore, Claim]:
        if self._outage.asks():
            try:
                claim = await self._store.claim(key, fingerprint)
            except UnavailableError as error:
                self._outage.failed(error)
            else:
                self._outage.worked()
                return self._store, claim
        return self._local, await self._local.claim(key, fingerprint)

    async def _ran(
        self,
        store: IdempotencyStore,
        key: str,
        fingerprint: str,
        run: Callable[[], Awaitable[Answer]],
    ) -> Answer:
        try:
            answer = await run()
        except BaseException:
            await self._noted(store.abandon(key))
            raise
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status in _PASSING:
            await self._noted(store.abandon(key))
        else:
            await self._noted(store.finish(key, fingerprint, _kept(answer)))
        return answer

    async def _noted(self, work: Awaitable[None]) -> None:
        try:
            await work
        except UnavailableError as error:
            self._outage.failed(error)


def _kept(answer: Answer) -> Answer:
    headers = {name: value for name, value in answer.headers.items() if name not in _NOT_KEPT}
    return replace(answer, headers=headers)


@dataclass(frozen=True)
class _Remembered:
    fingerprint: str
    answer: Answer | None
    until: float


class MemoryIdempotency:
    """`shared.gateway.ports.IdempotencyStore` of one process; the oldest key goes first."""

    def __init__(self, clock: Clock, *, most: int = MOST_LOCAL) -> None:
        self._clock, self._most = clock, most
        self._keys: OrderedDict[str, _Remembered] = OrderedDict()

    async def claim(self, key: str, fingerprint: str) -> Claim:
        """Claim `key` for one request, known by its fingerprint."""
        now = self._now()
        found = self._keys.get(key)
        if found is None or found.until <= now:
            self._set(key, _Remembered(fingerprint, None, now + LEASE_SECONDS))
            return Claim(Stage.NEW)
        if found.fingerprint != fingerprint:
            return Claim(Stage.DIFFERENT)
        return Claim(Stage.DONE if found.answer else Stage.RUNNING, found.answer)

    async def finish(self, key: str, fingerprint: str, answer: Answer) -> None:
        """Remember what was answered."""
        self._set(key, _Remembered(fingerprint, answer, self._now() + KEPT_SECONDS))

    async def abandon(self, key: str) -> None:
        """Give the key back: nothing was done."""
        self._keys.pop(key, None)

    def _set(self, key: str, remembered: _Remembered) -> None:
        self._keys[key] = remembered
        self._keys.move_to_end(key)
        while len(self._keys) > self._most:
            self._keys.popitem(last=False)

    def _now(self) -> float:
        return self._clock.now().timestamp()
