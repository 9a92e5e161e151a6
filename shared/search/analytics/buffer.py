"""What is kept behind the requests that it tells of: many at once, counted where it is lost.

    add ──▶ at most 10 000 wait ──▶ one thread, after half a second, 500 at a time

What the store does not take now goes back to the front and is tried again a second later. A process
that is killed loses what waits, half a second of searches; one that is told to end writes it first.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

from shared.kernel.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

logger = logging.getLogger(__name__)
T = TypeVar("T")

MOST = 10_000
BATCH = 500
GATHER_SECONDS = 0.5
PAUSE_SECONDS = 1.0


class Buffer(Generic[T]):
    """Hands things to a store from a thread of its own, which the first one starts.

    Args:
        write: Keeps up to `BATCH`, all or none; keeping one twice changes nothing.
        dropped: Is told how many were given up.
        most: How many may wait; a further one is given up, so no flood washes away what was there.
        gather_seconds: How long the first waits for more.
        pause_seconds: How long to leave a store alone that refused.
    """

    def __init__(
        self,
        write: Callable[[Sequence[T]], object],
        dropped: Callable[[int], object],
        *,
        most: int = MOST,
        gather_seconds: float = GATHER_SECONDS,
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        self._write, self._dropped, self._most = write, dropped, most
        self._gather, self._pause = gather_seconds, pause_seconds
        self._waiting: deque[T] = deque()
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._some, self._ended = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, thing: T) -> None:
        """Keep a thing soon; never waits for the store and never fails."""
        with self._lock:
            is_taken = len(self._waiting) < self._most and not self._ended.is_set()
            if is_taken:
                self._waiting.append(thing)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="buffer", daemon=True)
                self._thread.start()
        if is_taken:
            self._some.set()
        else:
            self._dropped(1)

    async def settle(self) -> None:
        """Write what waits, for the last time: what is not taken now is given up."""
        with self._lock:
            self._ended.set()
        self._some.set()
        await asyncio.to_thread(self._is_empty)
        with self._lock:
            lost = len(self._waiting)
            self._waiting.clear()
        if lost:
            self._dropped(lost)

    def _run(self) -> None:
        while not self._ended.is_set():
            self._some.wait()
            self._some.clear()
            self._ended.wait(self._gather)
            while not self._ended.is_set() and not self._is_empty():
                self._ended.wait(self._pause)

    def _is_empty(self) -> bool:
        """Write until nothing waits; False where the store does not take any now."""
        with self._writing:
            while batch := self._taken():
                try:
                    self._keep(batch)
                except AppError as error:
                    said = {"detail": error.message, "waiting": len(self._waiting)}
                    logger.warning("buffer.deferred", extra=said)
                    return False
        return True

    def _taken(self) -> list[T]:
        with self._lock:
            return [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]

    def _keep(self, batch: Sequence[T]) -> None:
        try:
            self._write(batch)
        except AppError:
            self._put_back(batch)
            raise
        except Exception:
            logger.exception("buffer.unwritable")
            self._keep_each(batch)

    def _keep_each(self, batch: Sequence[T]) -> None:
        """Keep one by one what could not be kept together, so that one alone is given up."""
        for place, thing in enumerate(batch):
            try:
                self._write([thing])
            except AppError:
                self._put_back(batch[place:])
                raise
            except Exception:  # noqa: BLE001 - told with the batch
                self._dropped(1)

    def _put_back(self, batch: Sequence[T]) -> None:
        """Put a batch where it was; what no longer fits behind it is given up."""
        with self._lock:
            self._waiting.extendleft(reversed(batch))
            over = max(0, len(self._waiting) - self._most)
            for _ in range(over):
                self._waiting.pop()
        if over:
            self._dropped(over)
