"""The cache between callers and services: keeps answers, renews them, asks each question once.

States of a question, by what is kept and whether its service answers:

===========  ==============================  ====================================
kept         the service answers             it does not (an error, 5xx, no time)
===========  ==============================  ====================================
fresh        HIT, not asked                  HIT, not asked
renewing     STALE, asked afterwards         STALE, asked afterwards
on error     MISS, its new answer            STALE (RFC 5861 §4)
gone, none   MISS, its new answer            its error
===========  ==============================  ====================================

Who comes while a question is asked waits for its answer (RFC 9111 §4: collapsing), in this process
by one task, among instances by a lease; an answer that may not be kept is its asker's alone. Where
the store is gone the answer is BYPASS, and the request goes on.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from weakref import ref

from shared.gateway import cache_policy as policy
from shared.gateway.cache_policy import Asked, Freshness
from shared.gateway.conditional import conditioned
from shared.gateway.ports import Answer, Entry
from shared.gateway.vary import TAGS_HEADER, base_key, resource_tag, variant_key, vary_names
from shared.kernel.errors import TimedOutError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from random import Random

    from shared.gateway.ports import CacheStore
    from shared.kernel.clock import Clock

    Fetch = Callable[[], Awaitable[Answer]]

LEASE_SECONDS = 2.0
"""How long one instance asks for all; also the longest that another waits for it."""
POLL_SECONDS = 0.025
VARY_SECONDS = 86_400.0
"""How long it is remembered on which fields the answers of a question depend."""

_VARIES = 0
"""Status of an entry that holds no answer: only on which fields the answers depend."""
_FAILED = frozenset({500, 502, 503, 504})
_DOWN = (UnavailableError, TimedOutError)


@dataclass(frozen=True)
class _Place:
    """Where an answer is kept: under `key`, which follows from `base` and the fields `names`.

    Attributes:
        varies: The entry under `base` that names the fields, where there are any.
    """

    base: str
    names: tuple[str, ...] = ()
    key: str = ""
    entry: Entry | None = None
    reachable: bool = True
    varies: Entry | None = None


@dataclass(frozen=True)
class Standing:
    """What a hit stood on.

    Attributes:
        names: Request fields on which the answer depends.
        entries: By key what was kept there, the answer last; not kept alive by this.
    """

    names: tuple[str, ...]
    entries: tuple[tuple[str, ref[Entry]], ...]


@dataclass(frozen=True)
class _Outcome:
    """What came of asking; `entry` is what others may have of it."""

    answer: Answer
    entry: Entry | None
    place: _Place
    label: str


class ResponseCache:
    """Answers requests from what was answered before, where that is as good."""

    def __init__(
        self,
        store: CacheStore,
        *,
        clock: Clock,
        random: Random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store, self._clock, self._random, self._sleep = store, clock, random, sleep
        self._flights: dict[str, asyncio.Task[_Outcome]] = {}
        self._releases: dict[str, asyncio.Task[None]] = {}

    async def answer(self, asked: Asked, fetch: Fetch) -> Answer:
        """Return the answer to a request, with ``X-Cache``, an entity tag, and 304 where it fits.

        Args:
            asked: The request.
            fetch: Asks the service, without the caller's conditions. It may run after this has
                returned (a stale answer is renewed), or not at all, or for others as well.

        Raises:
            AppError: What `fetch` raised, where nothing that is kept stands in for it.
        """
        if not policy.may_look_up(asked):
            return await self._passed(asked, fetch)
        place = await self._find(asked)
        state = self._state(asked, place.entry)
        if place.entry is not None and state is Freshness.FRESH:
            return self._told(asked, place.entry, "HIT")
        if place.entry is not None and state is Freshness.RENEWING:
            self._flight(asked, place, fetch)
            return self._told(asked, place.entry, "STALE")
        return self._shown(asked, await self._asked_once(asked, place, fetch))

    async def standing(self, asked: Asked, answer: Answer) -> Standing | None:
        """Return what a hit that was just answered stands on, None where it is gone already."""
        place = await self._find(asked)
        if place.entry is None or self._told(asked, place.entry, "HIT") != answer:
            return None
        marker = () if place.varies is None else ((place.base, ref(place.varies)),)
        return Standing(place.names, (*marker, (place.key, ref(place.entry))))

    async def still(self, standing: Standing) -> tuple[Entry, str] | None:
        """Return the answer of a hit and its age, where all it stood on is there and fresh."""
        entry = None
        for key, known in standing.entries:
            try:
                entry = await self._store.get(key)
            except UnavailableError:
                return None
            if entry is None or entry is not known():
                return None
        if entry is None or (now := self._now()) - entry.stored_at >= entry.fresh_seconds:
            return None
        return entry, _age(entry, now)

    async def settle(self) -> None:
        """Wait for every question that is still asked, for a process that is about to end."""
        await asyncio.gather(*self._flights.values(), return_exceptions=True)
        await asyncio.gather(*self._releases.values())

    async def _passed(self, asked: Asked, fetch: Fetch) -> Answer:
        answer = await fetch()
        if policy.invalidates(asked, answer):
            with suppress(UnavailableError):
                await self._store.purge([resource_tag(asked)])
        return _labelled(answer, "BYPASS")

    async def _find(self, asked: Asked) -> _Place:
        base = base_key(asked)
        try:
            entry = await self._store.get(base)
            if entry is None or entry.answer.status != _VARIES:
                return _Place(base, (), base, entry)
            names = vary_names(entry.answer.headers)
            key = variant_key(base, names, asked.headers)
            return _Place(base, names, key, await self._store.get(key), varies=entry)
        except UnavailableError:
            return _Place(base, (), base, reachable=False)

    def _state(self, asked: Asked, entry: Entry | None) -> Freshness:
        if entry is None:
            return Freshness.GONE
        return policy.freshness(entry, shared=asked.is_shared, now=self._now())

    async def _asked_once(self, asked: Asked, place: _Place, fetch: Fetch) -> _Outcome:
        """Ask, or wait for who asks already; what is not for others is asked for again."""
        running = self._flights.get(place.key)
        if running is None:
            return await asyncio.shield(self._flight(asked, place, fetch))
        try:
            outcome = await asyncio.shield(running)
        except _DOWN:
            raise
        except Exception:  # noqa: BLE001 - what the asker met is its own: a refusal, or a bug
            return await self._ask(asked, place, fetch)
        if outcome.entry is not None and outcome.place.key == self._key(asked, outcome.place):
            return replace(outcome, label="HIT" if outcome.label == "MISS" else outcome.label)
        return await self._ask(asked, place, fetch)

    @staticmethod
    def _key(asked: Asked, place: _Place) -> str:
        return variant_key(place.base, place.names, asked.headers)

    def _flight(self, asked: Asked, place: _Place, fetch: Fetch) -> asyncio.Task[_Outcome]:
        """Ask in a task of its own, which a caller who goes away does not end."""
        if running := self._flights.get(place.key):
            return running
        flight = asyncio.create_task(self._ask_for_all(asked, place, fetch))
        self._flights[place.key] = flight
        flight.add_done_callback(lambda done: self._landed(place.key, done))
        return flight

    def _landed(self, key: str, flight: asyncio.Task[_Outcome]) -> None:
        del self._flights[key]
        if not flight.cancelled():
            flight.exception()  # nobody may be waiting: it is not left to the loop's own log

    async def _ask_for_all(self, asked: Asked, place: _Place, fetch: Fetch) -> _Outcome:
        if not place.reachable:
            return await self._ask(asked, place, fetch)
        leased, leased_key = False, place.key
        try:
            leased, place = await self._wait(asked, place, leased_key)
            if place.entry and self._state(asked, place.entry) is Freshness.FRESH:
                return _Outcome(place.entry.answer, place.entry, place, "HIT")
        except UnavailableError:
            place = replace(place, reachable=False)
        try:
            return await self._ask(asked, place, fetch)
        finally:
            if leased:
                self._release(leased_key)

    def _release(self, key: str) -> None:
        """Give a lease back while the answer is on its way; who asks next here waits for that."""

        async def run() -> None:
            with suppress(UnavailableError):
                await self._store.release(key)
            del self._releases[key]

        self._releases[key] = asyncio.create_task(run())

    async def _wait(self, asked: Asked, place: _Place, key: str) -> tuple[bool, _Place]:
        """Return whether the question is ours to ask, and what is kept by now.

        Who has the lease looks again: the last holder may have just kept an answer.
        """
        waited = 0.0
        while waited < LEASE_SECONDS:
            if key in self._releases:
                await self._releases[key]
            leased, entry = await self._store.lease(key, seconds=LEASE_SECONDS)
            place = await self._looked(asked, place, entry)
            fresh = self._state(asked, place.entry) is Freshness.FRESH
            if fresh and leased:
                self._release(key)
            if fresh or leased:
                return leased and not fresh, place
            await self._sleep(POLL_SECONDS)
            waited += POLL_SECONDS
        return False, place

    async def _looked(self, asked: Asked, place: _Place, entry: Entry | None) -> _Place:
        """Return the place as it is now, `entry` being what is kept where we looked before.

        Where answers vary, the last one may have been kept under more fields than we knew.
        """
        if place.names or (entry is not None and entry.answer.status == _VARIES):
            return await self._find(asked)
        return replace(place, entry=entry)

    async def _ask(self, asked: Asked, place: _Place, fetch: Fetch) -> _Outcome:
        asked_at = self._now()
        try:
            answer = await fetch()
        except _DOWN:
            if (stale := self._stand_in(asked, place)) is None:
                raise
            return stale
        if answer.status in _FAILED and (stale := self._stand_in(asked, place)):
            return stale
        entry = policy.entry_of(
            asked, answer, asked_at=asked_at, now=self._now(), random=self._random
        )
        label = "MISS" if place.reachable else "BYPASS"
        if entry is None:
            return _Outcome(answer, None, place, label)
        kept_at = await self._keep(asked, place, entry)
        return _Outcome(entry.answer, entry, kept_at, label)

    def _stand_in(self, asked: Asked, place: _Place) -> _Outcome | None:
        entry = place.entry
        if entry is None or self._state(asked, entry) is Freshness.GONE:
            return None
        return _Outcome(entry.answer, entry, place, "STALE")

    async def _keep(self, asked: Asked, place: _Place, entry: Entry) -> _Place:
        """Keep an answer under the fields that this one or an earlier one depends on."""
        names = tuple(sorted({*place.names, *vary_names(entry.answer.headers)}))
        key = variant_key(place.base, names, asked.headers)
        kept = replace(place, names=names, key=key)
        if not place.reachable:
            return kept
        with suppress(UnavailableError):
            if names != place.names:
                await self._store.put(place.base, _varies(names, entry), keep_seconds=VARY_SECONDS)
            keep = policy.keep_seconds(entry, shared=asked.is_shared)
            await self._store.put(key, entry, keep_seconds=keep)
        return kept

    def _shown(self, asked: Asked, outcome: _Outcome) -> Answer:
        if outcome.entry is not None:
            return self._told(asked, outcome.entry, outcome.label)
        answer = outcome.answer
        if "no-store" not in answer.headers.get("cache-control", ""):
            tagged = {**answer.headers, **policy.tagged(asked, answer)}
            answer = conditioned(replace(answer, headers=tagged), asked.headers)
        return _labelled(answer, outcome.label)

    def _told(self, asked: Asked, entry: Entry, label: str) -> Answer:
        """Return a kept answer with its age (RFC 9111 §5.1), or 304."""
        headers = {**entry.answer.headers, "x-cache": label}
        headers.setdefault("cache-control", policy.advertised(entry, shared=asked.is_shared))
        if label in {"HIT", "STALE"}:
            headers["age"] = _age(entry, self._now())
        return conditioned(replace(entry.answer, headers=headers), asked.headers)

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _age(entry: Entry, now: float) -> str:
    """Return the seconds since an answer was made (RFC 9111 §5.1)."""
    return str(max(0, int(now - entry.stored_at)))


def _varies(names: tuple[str, ...], entry: Entry) -> Entry:
    answer = Answer(_VARIES, {"vary": ", ".join(names)}, b"")
    return Entry(answer, entry.stored_at, VARY_SECONDS)


def _labelled(answer: Answer, label: str) -> Answer:
    headers = {name: value for name, value in answer.headers.items() if name != TAGS_HEADER}
    return replace(answer, headers={**headers, "x-cache": label})
