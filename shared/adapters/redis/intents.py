"""Questions as a language model read them, for all instances of search.

=============================  ==================================================================
``search:intent:1:{sha256}``   a `ReadQuestion` as JSON; the digest is `reading_key`'s
=============================  ==================================================================

No question stands here, neither in a key nor, but for the words that are left to look for, in a
value; both end after ten minutes. Nobody who searches waits for these commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.redis.blocking import answered
from shared.kernel.errors import UnavailableError
from shared.search.languagemodel.ports import Kept
from shared.search.languagemodel.question import read_question

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis import Redis

    from shared.search.languagemodel.question import ReadQuestion

PREFIX = "search:intent:1:"


class RedisReadings:
    """`shared.search.languagemodel.ports.Readings`; every call is one round trip."""

    def __init__(self, client: Callable[[], Redis] = connect.redis) -> None:
        self._client = client

    def get(self, key: str) -> Kept | None:
        """Return the reading under ``key``; one that cannot be read is none.

        Raises:
            UnavailableError: Redis did not answer.
        """
        value, milliseconds = self._run(lambda client: _with_life(client, PREFIX + key))
        if value is None or milliseconds <= 0:
            return None
        try:
            return Kept(read_question(value), milliseconds / 1000)
        except UnavailableError:  # of a version that wrote another form
            return None

    def put(self, key: str, reading: ReadQuestion, *, seconds: float) -> None:
        """Keep a reading for so long.

        Raises:
            UnavailableError: Redis did not answer.
        """
        value, milliseconds = reading.model_dump_json(), max(1, round(seconds * 1000))
        self._run(lambda client: client.set(PREFIX + key, value, px=milliseconds))

    def _run(self, command: Callable[[Redis], Any]) -> Any:  # noqa: ANN401 - what Redis answers
        with answered("readings"):
            return command(self._client())


def _with_life(client: Redis, key: str) -> Any:  # noqa: ANN401 - what Redis answers
    """Return a value and the milliseconds it has left, of one moment."""
    with client.pipeline() as both:
        both.get(key)
        both.pttl(key)
        return both.execute()
