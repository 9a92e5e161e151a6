"""Answers of search in Redis, ``search:answer:{sha256}``; a search waits 20 ms for them at most.

Commands run in threads of their own: a client's time limit counts anew for every packet and again
for connecting, and who gave up waiting leaves a connection that is ready for the next.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.redis.blocking import answered
from shared.kernel.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from redis import Redis

logger = logging.getLogger(__name__)

PREFIX = "search:answer:"
BUDGET_SECONDS = 0.02
"""How long a search waits for an answer that may be kept (spec/discovery §7)."""
AT_ONCE = 16
"""Most commands, and connections, at once: a search beyond them does without."""
LATE = 4
"""So many that were given up and have not ended: Redis is not asked until one has."""


class RedisAnswers:
    """`shared.search.answers.kept.AnswerStore`; never raises.

    Args:
        client: Where Redis is.
        budget_seconds: See `BUDGET_SECONDS`.
    """

    def __init__(
        self,
        client: Callable[[], Redis] = connect.redis_once,
        *,
        budget_seconds: float = BUDGET_SECONDS,
    ) -> None:
        self._client, self._budget = client, budget_seconds
        self._threads = ThreadPoolExecutor(AT_ONCE, "answers")
        self._free = BoundedSemaphore(AT_ONCE)
        self._counting = Lock()
        self._down, self._late = False, 0

    def get(self, key: str) -> bytes | None:
        """Return what is kept, None where nothing is or Redis does not say so in time."""
        asked = self._sent(lambda client: client.get(PREFIX + key))
        if asked is None:
            return None
        try:
            found: bytes | None = asked.result(self._budget)
        except TimeoutError:
            self._count_late(1)
            asked.add_done_callback(lambda _: self._count_late(-1))
            return None
        return found

    def put(self, key: str, value: bytes, *, seconds: int) -> None:
        """Keep a value so long, behind the request: nobody waits for it."""
        self._sent(lambda client: client.set(PREFIX + key, value, ex=seconds))

    def close(self) -> None:
        """Finish what is on its way."""
        self._threads.shutdown()

    def _sent(self, command: Callable[[Redis], Any]) -> Future[Any] | None:
        """Return a command on its way, None where too many are."""
        if self._late >= LATE or not self._free.acquire(blocking=False):
            return None
        try:
            return self._threads.submit(self._run, command)
        except BaseException:
            self._free.release()
            raise

    def _run(self, command: Callable[[Redis], Any]) -> Any:  # noqa: ANN401 - what Redis answers
        try:
            with answered("answers"):
                found = command(self._client())
        except AppError as error:
            self._note(down=True, detail=repr(error))
            return None
        else:
            self._note(down=False)
            return found
        finally:
            self._free.release()

    def _count_late(self, more: int) -> None:
        with self._counting:
            self._late += more

    def _note(self, *, down: bool, detail: str = "") -> None:
        """Log a change, not every search that goes without."""
        with self._counting:
            was_down, self._down = self._down, down
        if down and not was_down:
            logger.warning("answers.lost", extra={"detail": detail})
        if was_down and not down:
            logger.info("answers.back")
