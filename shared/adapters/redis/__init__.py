"""What is kept in Redis: nothing that may not be lost."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

COMMAND_SECONDS = 0.25
"""Longest wait for one command, connecting and the client's own repetitions included."""


@asynccontextmanager
async def commands(what: str) -> AsyncIterator[None]:
    """Send commands to Redis within `COMMAND_SECONDS`, and say so where it does not answer.

    Args:
        what: Whose state is kept there, for the message.

    Raises:
        UnavailableError: Redis is gone, slow, full or loading its file.
    """
    from redis.exceptions import RedisError  # noqa: PLC0415 - 130 ms, only where Redis is reached

    try:
        async with asyncio.timeout(COMMAND_SECONDS):
            yield
    except (RedisError, OSError) as error:
        raise UnavailableError(f"redis does not answer for {what}: {error!r}") from error
