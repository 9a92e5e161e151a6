"""What is kept in Redis: nothing that may not be lost."""

from __future__ import annotations

import asyncio
import functools  # not `cache` by name: a module beside this one is called so
from typing import TYPE_CHECKING

from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from types import TracebackType

COMMAND_SECONDS = 1.25
"""Longest wait for one command: a second to connect and a quarter for the answer (spec/gateway §4),
the client's own repetitions included."""


@functools.cache
def _failures() -> tuple[type[BaseException], ...]:
    from redis.exceptions import RedisError  # noqa: PLC0415 - 130 ms, only where Redis is reached

    return (RedisError, OSError)  # TimeoutError is an OSError


class commands:  # noqa: N801 - used as a statement; a generator costs 15 us more on every request
    """Send commands to Redis within `COMMAND_SECONDS`, and say so where it does not answer.

    Leaving the block raises `UnavailableError` where Redis is gone, slow, full or loading its file.

    Args:
        what: Whose state is kept there, for the message.
    """

    __slots__ = ("_timeout", "_what")

    def __init__(self, what: str) -> None:
        self._what = what
        self._timeout = asyncio.timeout(COMMAND_SECONDS)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError as late:
            raise UnavailableError(f"redis does not answer for {self._what}: {late!r}") from error
        if isinstance(error, _failures()):
            raise UnavailableError(f"redis does not answer for {self._what}: {error!r}") from error
