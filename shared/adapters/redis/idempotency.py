"""Idempotency keys in Redis, ``idem:{principal}:{route}:{sha256 of the key}``.

A value is a mark, 64 hexadecimal digits of the request's fingerprint, and what the mark says: the
holder's token while it runs, the answer (`framing`) once it is done.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.redis import commands
from shared.adapters.redis.framing import packed, unpacked
from shared.gateway.idempotency import KEPT_SECONDS, LEASE_SECONDS
from shared.gateway.ports import Claim, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis.asyncio import Redis
    from redis.commands.core import AsyncScript

    from shared.gateway.ports import Answer

PREFIX = "idem:"
CLAIM = Path(__file__).parent / "idempotency_claim.lua"
END = Path(__file__).parent / "idempotency_end.lua"
_RUNS, _DONE = b"r", b"d"
_HEAD = 65


class RedisIdempotency:
    """`shared.gateway.ports.IdempotencyStore`: a claim and its end cost one round trip each.

    Args:
        client: Of the event loop.
        lease_seconds: How long a claim holds without an end; above every route's time.
    """

    def __init__(
        self,
        client: Callable[[], Redis] = connect.redis_async,
        *,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._client, self._lease = client, int(lease_seconds * 1000)
        self._held: dict[str, bytes] = {}

    @cached_property
    def _claim(self) -> AsyncScript:
        return self._client().register_script(CLAIM.read_text(encoding="utf-8"))

    @cached_property
    def _end(self) -> AsyncScript:
        return self._client().register_script(END.read_text(encoding="utf-8"))

    async def claim(self, key: str, fingerprint: str) -> Claim:
        """Claim `key` for one request, known by its fingerprint.

        Raises:
            UnavailableError: Redis did not answer.
        """
        mine = _RUNS + fingerprint.encode() + os.urandom(12)
        async with commands("idempotency"):
            held: Any = await self._claim(
                [PREFIX + key], [mine, self._lease], client=self._client()
            )
        if held is None:
            self._held[key] = mine
            return Claim(Stage.NEW)
        if held[1:_HEAD] != fingerprint.encode():
            return Claim(Stage.DIFFERENT)
        found = unpacked(held[_HEAD:]) if held[:1] == _DONE else None
        return Claim(Stage.DONE, found[0]) if found else Claim(Stage.RUNNING)

    async def finish(self, key: str, fingerprint: str, answer: Answer) -> None:
        """Remember what was answered.

        Raises:
            UnavailableError: Redis did not answer.
        """
        await self._ended(key, _DONE + fingerprint.encode() + packed(answer))

    async def abandon(self, key: str) -> None:
        """Give the key back: nothing was done.

        Raises:
            UnavailableError: Redis did not answer.
        """
        await self._ended(key, b"")

    async def _ended(self, key: str, value: bytes) -> None:
        mine = self._held.pop(key, b"")
        arguments: list[Any] = [mine, value, int(KEPT_SECONDS * 1000)]
        async with commands("idempotency"):
            await self._end([PREFIX + key], arguments, client=self._client())
