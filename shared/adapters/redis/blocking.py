"""Redis from threads: what it does not answer becomes our error.

`shared.adapters.redis.commands` is the same for an event loop.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def answered(what: str) -> Iterator[None]:
    """Say so where Redis does not answer, or not with success.

    Args:
        what: Whose state is kept there, for the message.

    Raises:
        UnavailableError: From the block, where Redis is gone, slow, full or loading its file.
    """
    from redis.exceptions import RedisError  # noqa: PLC0415 - 130 ms, where Redis is reached

    try:
        yield
    except (RedisError, OSError) as error:
        raise UnavailableError(f"redis does not answer for {what}: {error!r}") from error
