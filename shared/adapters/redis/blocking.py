"""Redis from threads: what it does not answer becomes our error, and a command may be tried once.

`shared.adapters.redis.commands` is the same for an event loop.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from redis import Redis


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


class TriedOnce:
    """A client whose commands are tried once, for whoever has something else to fall back on.

    Args:
        original: Where Redis is; its connections are copied without their repetitions.
    """

    def __init__(self, original: Callable[[], Redis]) -> None:
        self._original, self._making = original, Lock()
        self._made: Redis | None = None

    def __call__(self) -> Redis:
        """Return the client, the same for every thread."""
        from redis import ConnectionPool, Redis  # noqa: PLC0415 - 130 ms, where Redis is reached
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.retry import Retry  # noqa: PLC0415

        with self._making:
            if self._made is None:
                pool = self._original().connection_pool
                options = {**pool.connection_kwargs, "retry": Retry(NoBackoff(), 0)}
                copied = ConnectionPool(connection_class=pool.connection_class, **options)
                self._made = Redis.from_pool(copied)
            return self._made

    def close(self) -> None:
        """Close every connection."""
        if self._made is not None:
            self._made.close()
