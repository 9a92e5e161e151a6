"""Questions as a language model read them, for all instances of search.

=============================  ==================================================================
``search:intent:1:{sha256}``   a `ReadQuestion` as JSON; the digest is `reading_key`'s
=============================  ==================================================================

No question stands here, neither in a key nor, but for the words that are left to look for, in a
value; both end after ten minutes.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.kernel.errors import UnavailableError
from shared.search.languagemodel.question import read_question

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis import Redis

    from shared.search.languagemodel.question import ReadQuestion

PREFIX = "search:intent:1:"
PATIENCE_SECONDS = 0.02
"""Longest wait for one command (spec/discovery §7); searches wait for it."""


class RedisReadings:
    """`shared.search.languagemodel.ports.Readings`; a look costs one GET.

    Args:
        client: Where Redis is; its connections are copied with our patience.
    """

    def __init__(self, client: Callable[[], Redis] = connect.redis) -> None:
        self._made = client

    def get(self, key: str) -> ReadQuestion | None:
        """Return the reading under ``key``; one that cannot be read is none.

        Raises:
            UnavailableError: Redis did not answer in time.
        """
        found = self._run(lambda client: client.get(PREFIX + key))
        if found is None:
            return None
        try:
            return read_question(found)
        except UnavailableError:  # of a version that wrote another form
            return None

    def put(self, key: str, reading: ReadQuestion, *, seconds: float) -> None:
        """Keep a reading for so long.

        Raises:
            UnavailableError: Redis did not answer in time.
        """
        value, milliseconds = reading.model_dump_json(), max(1, round(seconds * 1000))
        self._run(lambda client: client.set(PREFIX + key, value, px=milliseconds))

    def _run(self, command: Callable[[Redis], Any]) -> Any:  # noqa: ANN401 - what Redis answers
        from redis.exceptions import RedisError  # noqa: PLC0415 - 130 ms, where Redis is reached

        try:
            return command(self._client)
        except (RedisError, OSError) as error:
            raise UnavailableError(f"redis does not answer for readings: {error!r}") from error

    @cached_property
    def _client(self) -> Redis:
        """Return the same Redis with connections that wait no longer than we do."""
        from redis import ConnectionPool, Redis  # noqa: PLC0415 - 130 ms, where Redis is reached
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.retry import Retry  # noqa: PLC0415

        pool = self._made().connection_pool
        options = {
            **pool.connection_kwargs,
            "socket_timeout": PATIENCE_SECONDS,
            "socket_connect_timeout": PATIENCE_SECONDS,
            "retry": Retry(NoBackoff(), 0),
        }
        copied = ConnectionPool(connection_class=pool.connection_class, **options)
        return Redis(connection_pool=copied)
