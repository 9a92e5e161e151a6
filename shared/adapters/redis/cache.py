"""Answers in Redis, for all instances of the gateway.

=============================  ==================================================================
``gw:cache:1:{sha256}``        an entry (`framing`), until it is of no use
``gw:tag:{tag}``               sorted set of entries' keys by when they end
``gw:purged:{tag}``            Unix second of the last purge, for two minutes
``gw:lease:{sha256}``          who asks the service now
=============================  ==================================================================

A purge deletes what is there and leaves its time; an answer that was asked for before that time, or
right after it, is refused. Both run inside Redis as a whole, so whichever comes first, nothing old
stays. Where Redis throws a tag out for lack of memory, its entries end by their own time.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.redis import commands
from shared.adapters.redis.blocking import answered
from shared.adapters.redis.framing import packed, unpacked
from shared.adapters.redis.line import Line
from shared.adapters.redis.scripts import Script
from shared.adapters.redis.scripts import packed as packed_command
from shared.gateway.cache_stores import PURGE_MEMORY_SECONDS, QUIET_SECONDS
from shared.gateway.ports import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from redis import Redis
    from redis.asyncio import Redis as AsyncRedis
    from redis.commands.core import AsyncScript

    from shared.adapters.redis.scripts import Sent
    from shared.kernel.clock import Clock

ENTRY, TAG, PURGED, LEASE = "gw:cache:1:", "gw:tag:", "gw:purged:", "gw:lease:"
PUT = Path(__file__).parent / "cache_put.lua"
PURGE = Path(__file__).parent / "cache_purge.lua"
LEASED = Path(__file__).parent / "cache_lease.lua"
RELEASE = Path(__file__).parent / "cache_release.lua"
CHUNK = 100
"""Most tags of one step of a purge, and most entries it takes of each: Redis waits for a step."""


class RedisCache:
    """`shared.gateway.ports.CacheStore`; a hit costs one GET."""

    def __init__(
        self, clock: Clock, client: Callable[[], AsyncRedis] = connect.redis_async
    ) -> None:
        self._clock, self._client = clock, client
        self._owner, self._line = os.urandom(8).hex(), Line(client)

    @cached_property
    def _put(self) -> Script:
        return Script(PUT)

    @cached_property
    def _purge(self) -> AsyncScript:
        return self._client().register_script(_text(PURGE))

    @cached_property
    def _lease(self) -> Script:
        return Script(LEASED)

    @cached_property
    def _release(self) -> Script:
        return Script(RELEASE)

    async def get(self, key: str) -> Entry | None:
        """Return what is kept under `key`."""
        command = packed_command(b"GET", (ENTRY + key).encode())
        async with commands("cache"):
            value: bytes | None = await self._line.ask(command)
        return _entry(value)

    async def put(self, key: str, entry: Entry, *, keep_seconds: float) -> None:
        """Keep an entry, unless a purge of one of its tags came after it was asked for."""
        value = packed(
            entry.answer,
            stored_at=entry.stored_at,
            fresh_seconds=entry.fresh_seconds,
            tags=entry.tags,
        )
        keys = [ENTRY + key, *_keys_of(entry.tags)]
        milliseconds = max(1, int(keep_seconds * 1000))
        arguments: list[Sent] = [value, milliseconds, entry.stored_at - QUIET_SECONDS]
        await self._run(self._put, keys, arguments)

    async def lease(self, key: str, *, seconds: float) -> tuple[bool, Entry | None]:
        """Return whether this process is the one who asks about `key` now, and what is kept then.

        In one step: whoever had the lease before may have kept an answer just now.
        """
        keys = [LEASE + key, ENTRY + key]
        arguments: list[Sent] = [self._owner, int(seconds * 1000)]
        leased, value = await self._run(self._lease, keys, arguments)
        return bool(leased), _entry(value)

    async def release(self, key: str) -> None:
        """Give a lease back; one that ran out and is another's by now stays."""
        await self._run(self._release, [LEASE + key], [self._owner])

    async def purge(self, tags: Sequence[str]) -> int:
        """Forget every entry with one of `tags`; return how many there were."""
        gone = 0
        for some in _chunks(tags):
            more = True
            while more:
                async with commands("cache"):
                    found = await self._purge(
                        _keys_of(some), _arguments(self._clock), client=self._client()
                    )
                gone, more = gone + found[0], bool(found[1])
        return gone

    async def _run(self, script: Script, keys: Sequence[str], arguments: Sequence[Sent]) -> Any:  # noqa: ANN401 - whatever the script returns
        async with commands("cache"):
            return await script.run(self._line, keys, arguments)


def purge_tags(
    tags: Sequence[str], clock: Clock, client: Callable[[], Redis] = connect.redis
) -> int:
    """Forget every entry with one of `tags`, from a thread; return how many there were.

    Raises:
        UnavailableError: Redis did not do it; repeating it is safe.
    """
    gone = 0
    with answered("the cache"):
        purge = client().register_script(_text(PURGE))
        for some in _chunks(tags):
            more = True
            while more:
                found: Any = purge(_keys_of(some), _arguments(clock))
                gone, more = gone + found[0], bool(found[1])
    return gone


def _entry(value: bytes | None) -> Entry | None:
    """Return what a value holds, None where it was written by a version that we cannot read."""
    found = unpacked(value) if value else None
    if found is None:
        return None
    answer, head = found
    return Entry(answer, head["stored_at"], head["fresh_seconds"], tuple(head["tags"]))


def _text(script: Path) -> str:
    return script.read_text(encoding="utf-8")


def _keys_of(tags: Sequence[str]) -> list[str]:
    return [prefix + tag for tag in tags for prefix in (TAG, PURGED)]


def _arguments(clock: Clock) -> list[float]:
    return [clock.now().timestamp(), int(PURGE_MEMORY_SECONDS * 1000), CHUNK]


def _chunks(tags: Sequence[str]) -> Iterator[Sequence[str]]:
    unique = list(dict.fromkeys(tags))
    return (unique[start : start + CHUNK] for start in range(0, len(unique), CHUNK))
