"""The second class of the audit log: what is worth noting, written behind the request that does it.

An act that matters is in the log before it is done (`shared.adapters.sql.audit.write`). A note may
get lost, and is counted then (``records_dropped_total{kind="audit"}``)::

    note ──▶ queue, at most 10 000 ──▶ one writer, 100 at a time, each batch one transaction

While a batch is on its way the next one gathers. What the database does not take goes back to the
front and is tried again a second later, when the next note comes, or when the process ends. A reply
waits up to 200 ms for the notes of its request, since an instance has no processor afterwards.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING

from shared.kernel.errors import AppError
from shared.runtime import lifecycle, metrics, telemetry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shared.kernel.audit import AuditEvent

logger = logging.getLogger(__name__)

MOST = 10_000
"""Most notes that wait (spec/gateway §5.8)."""
BATCH = 100
REPLY_WAIT_SECONDS = 0.2
PAUSE_SECONDS = 1.0
COMPLAIN_EVERY_SECONDS = 60.0


class AuditQueue:
    """Keeps notes until they are written, from one thread of its own.

    Args:
        write: Writes up to `BATCH` notes, all or none; writing one twice changes nothing.
        now: Seconds of a clock that only goes forward.
        most: Notes that may wait; a further one is dropped, so no flood washes away what was there.
    """

    def __init__(
        self,
        write: Callable[[Sequence[AuditEvent]], object],
        *,
        now: Callable[[], float] = monotonic,
        most: int = MOST,
    ) -> None:
        self._write = write
        self._now = now
        self._most = most
        self._waiting: deque[AuditEvent] = deque()
        self._pool = ThreadPoolExecutor(1, "audit")
        self._lock = threading.Lock()
        self._running: Future[None] | None = None
        self._busy = False
        self._again_at = 0.0
        self._complained_at = -COMPLAIN_EVERY_SECONDS
        self.dropped = 0

    def add(self, note: AuditEvent) -> None:
        """Keep a note and have it written soon; never waits for the database."""
        with self._lock:
            full = len(self._waiting) >= self._most
            if not full:
                self._waiting.append(note)
        if full:
            self._drop(1)
        if self._now() >= self._again_at:
            self._started()

    async def before_reply(self) -> None:
        """Wait until the notes are written; after 200 ms the reply goes out all the same."""
        if self._waiting and self._now() >= self._again_at:
            self._started()
        running = self._running
        if running is not None and not running.done():
            await asyncio.wait([asyncio.wrap_future(running)], timeout=REPLY_WAIT_SECONDS)

    async def settle(self) -> None:
        """Write what waits, for the last time: what is not taken now is dropped."""
        while self._running is not None and not self._running.done():
            await asyncio.wrap_future(self._running)
        if self._waiting:
            await asyncio.wrap_future(self._started())
        with self._lock:
            lost = len(self._waiting)
            self._waiting.clear()
        self._drop(lost)

    def _started(self) -> Future[None]:
        """Start writing, or join what is being written already."""
        with self._lock:
            if self._running is None or not self._busy:
                self._busy = True
                self._running = self._pool.submit(self._write_waiting)
            return self._running

    def _write_waiting(self) -> None:
        while (batch := self._taken()) and self._is_done(batch):
            pass

    def _taken(self) -> list[AuditEvent]:
        with self._lock:
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            self._busy = bool(batch)  # in the same breath, so that no later note is left lying
            return batch

    def _is_done(self, batch: Sequence[AuditEvent]) -> bool:
        """Write a batch; False where the database does not take any now."""
        try:
            self._write(batch)
        except AppError as error:
            self._refused(batch, error)
            return False
        except Exception:
            logger.exception("audit.unwritable")
            return self._each(batch)
        return True

    def _each(self, batch: Sequence[AuditEvent]) -> bool:
        """Write one by one what could not be written together, so that one alone is dropped."""
        for place, note in enumerate(batch):
            try:
                self._write([note])
            except AppError as error:
                self._refused(batch[place:], error)
                return False
            except Exception:  # noqa: BLE001 - told with the batch
                self._drop(1)
        return True

    def _refused(self, batch: Sequence[AuditEvent], error: AppError) -> None:
        """Put a batch back where it was; what no longer fits behind it is dropped."""
        with self._lock:
            self._waiting.extendleft(reversed(batch))
            over = max(0, len(self._waiting) - self._most)
            for _ in range(over):
                self._waiting.pop()
            self._again_at = self._now() + PAUSE_SECONDS
            self._busy = False
        self._drop(over)
        if self._now() - self._complained_at >= COMPLAIN_EVERY_SECONDS:
            self._complained_at = self._now()
            said = {"detail": error.message, "waiting": len(self._waiting)}
            logger.warning("audit.deferred", extra=said)

    def _drop(self, count: int) -> None:
        if count:
            self.dropped += count
            metrics.count(metrics.DROPPED, count, kind="audit")


@cache
def queue() -> AuditQueue:
    """Return this process's queue to the database; its replies and its end wait for it."""
    from shared.adapters.sql import audit  # noqa: PLC0415 - only where something is noted

    made = AuditQueue(audit.write_all)
    telemetry.before_replies(made.before_reply)
    lifecycle.work.settle_with(made.settle)
    return made
