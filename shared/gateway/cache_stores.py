"""Where answers are kept inside one process, and what stands before a store that may be gone."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.gateway.outage import Outage
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.gateway.ports import CacheStore, Entry
    from shared.kernel.clock import Clock

QUIET_SECONDS = 2.0
"""An answer asked for less than this after a purge is not kept: a second for what a service may
still hold in memory (architecture §10), a second for clocks that differ."""
PURGE_MEMORY_SECONDS = 120.0
"""How long a purge is remembered; no service takes so long to answer."""
NEAR_SECONDS = 1.0
"""Longest that an entry serves from one process's memory: no purge reaches it there."""
ENTRY_BYTES = 512
"""What an entry takes beside its body and fields."""


@dataclass(frozen=True)
class _Held:
    entry: Entry
    until: float
    size: int


class MemoryCache:
    """`shared.gateway.ports.CacheStore` of one process: least recently used goes first."""

    def __init__(self, clock: Clock, *, limit_bytes: int = 64 << 20) -> None:
        self._clock, self._limit = clock, limit_bytes
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._size = 0
        self._tagged: dict[str, set[str]] = {}
        self._purged: dict[str, float] = {}
        self._leases: dict[str, float] = {}

    async def get(self, key: str) -> Entry | None:
        """Return what is kept under `key`."""
        return self.look(key)

    def look(self, key: str) -> Entry | None:
        """Return what is kept under `key`, without waiting."""
        held = self._held.get(key)
        if held is None:
            return None
        if held.until <= self._now():
            self._drop(key)
            return None
        self._held.move_to_end(key)
        return held.entry

    async def put(self, key: str, entry: Entry, *, keep_seconds: float) -> None:
        """Keep an entry; not one that is too large, or older than a purge of one of its tags."""
        self._drop(key)
        size = _size(entry)
        if size > self._limit or self._was_purged(entry):
            return
        self._held[key] = _Held(entry, self._now() + keep_seconds, size)
        self._size += size
        for tag in entry.tags:
            self._tagged.setdefault(tag, set()).add(key)
        while self._size > self._limit:
            self._drop(next(iter(self._held)))

    async def lease(self, key: str, *, seconds: float) -> tuple[bool, Entry | None]:
        """Return whether this caller is the one who asks about `key` now, and what is kept then."""
        now = self._now()
        leased = self._leases.get(key, 0.0) <= now
        if leased:
            self._leases[key] = now + seconds
        return leased, await self.get(key)

    async def release(self, key: str) -> None:
        """Give a lease back."""
        self._leases.pop(key, None)

    async def purge(self, tags: Sequence[str]) -> int:
        """Forget every entry with one of `tags`; return how many there were."""
        now = self._now()
        old = [tag for tag, at in self._purged.items() if at < now - PURGE_MEMORY_SECONDS]
        for tag in old:
            del self._purged[tag]
        self._purged |= dict.fromkeys(tags, now)
        found = {key for tag in tags for key in self._tagged.get(tag, ())}
        for key in found:
            self._drop(key)
        return len(found)

    def forget(self, key: str) -> None:
        """Forget one entry."""
        self._drop(key)

    def _was_purged(self, entry: Entry) -> bool:
        after = entry.stored_at - QUIET_SECONDS
        return any(self._purged.get(tag, float("-inf")) >= after for tag in entry.tags)

    def _drop(self, key: str) -> None:
        held = self._held.pop(key, None)
        if held is None:
            return
        self._size -= held.size
        for tag in held.entry.tags:
            keys = self._tagged[tag]
            keys.discard(key)
            if not keys:
                del self._tagged[tag]

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _size(entry: Entry) -> int:
    fields = sum(len(name) + len(value) for name, value in entry.answer.headers.items())
    return ENTRY_BYTES + len(entry.answer.body) + fields + sum(map(len, entry.tags))


class LayeredCache:
    """A store of all instances, with a memory before it that answers for at most a second.

    What is stale is never answered from memory: another instance may have renewed it.
    """

    def __init__(self, near: MemoryCache, far: CacheStore, clock: Clock) -> None:
        self._near, self._far, self._clock = near, far, clock

    async def get(self, key: str) -> Entry | None:
        """Return what is kept under `key`, from this process where it was seen a moment ago."""
        found = self._near.look(key)
        if found is not None:
            return found
        found = await self._far.get(key)
        await self._seen(key, found)
        return found

    async def put(self, key: str, entry: Entry, *, keep_seconds: float) -> None:
        """Keep an entry for all; this process reads it back, as a purge may have refused it."""
        self._near.forget(key)
        await self._far.put(key, entry, keep_seconds=keep_seconds)

    async def lease(self, key: str, *, seconds: float) -> tuple[bool, Entry | None]:
        """Return whether this caller, of all instances, asks about `key`, and what all have."""
        leased, found = await self._far.lease(key, seconds=seconds)
        await self._seen(key, found)
        return leased, found

    async def release(self, key: str) -> None:
        """Give a lease back."""
        await self._far.release(key)

    async def purge(self, tags: Sequence[str]) -> int:
        """Forget here and for all; other instances' memories end by themselves."""
        await self._near.purge(tags)
        return await self._far.purge(tags)

    async def _seen(self, key: str, found: Entry | None) -> None:
        if found is not None:
            left = found.stored_at + found.fresh_seconds - self._clock.now().timestamp()
            await self._near.put(key, found, keep_seconds=min(NEAR_SECONDS, left))


class DegradingCache:
    """A store that may be gone: says so at once, warns once a minute, tries again each second.

    Every method raises `UnavailableError` while the store is gone; `ResponseCache` then answers
    from the services.
    """

    def __init__(self, store: CacheStore, clock: Clock) -> None:
        self._store, self._outage = store, Outage("cache", clock)

    async def get(self, key: str) -> Entry | None:
        """Return what is kept under `key`."""
        with self._guarded():
            return await self._store.get(key)

    async def put(self, key: str, entry: Entry, *, keep_seconds: float) -> None:
        """Keep an entry."""
        with self._guarded():
            await self._store.put(key, entry, keep_seconds=keep_seconds)

    async def lease(self, key: str, *, seconds: float) -> tuple[bool, Entry | None]:
        """Return whether this caller is the one who asks about `key` now, and what is kept then."""
        with self._guarded():
            return await self._store.lease(key, seconds=seconds)

    async def release(self, key: str) -> None:
        """Give a lease back."""
        with self._guarded():
            await self._store.release(key)

    async def purge(self, tags: Sequence[str]) -> int:
        """Forget every entry with one of `tags`; return how many there were."""
        with self._guarded():
            return await self._store.purge(tags)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        if not self._outage.asks():
            raise UnavailableError("the cache did not answer a moment ago")
        try:
            yield
        except UnavailableError as error:
            self._outage.failed(error)
            raise
        self._outage.worked()
