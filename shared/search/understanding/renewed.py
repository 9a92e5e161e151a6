"""The latest of something slow to get, renewed behind the scenes."""

import logging
from collections.abc import Callable
from threading import Event, Lock, Thread
from time import monotonic
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")

RENEW_SECONDS = 10.0
FIRST_WAIT_SECONDS = 0.25
"""How long who asks first waits; who comes later takes what there is."""


class Renewed(Generic[T]):
    """What `get` returned last; asking takes microseconds, whatever `get` takes.

    Args:
        get: Returns the newest, None before there is any; called in a thread of its own, one call
            at a time.
        every: Seconds from one renewal to the next, at least.
        seconds: A clock that never goes back.
    """

    def __init__(
        self,
        get: Callable[[], T | None],
        *,
        every: float = RENEW_SECONDS,
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        self._get, self._every, self._seconds = get, every, seconds
        self._busy, self._first = Lock(), Event()
        self._asked: float | None = None
        self._value: T | None = None

    def __call__(self) -> T | None:
        """Return the latest; only the first time this waits, and not for long."""
        now = self._seconds()
        due = self._asked is None or now - self._asked >= self._every
        if due and self._busy.acquire(blocking=False):
            self._asked = now
            Thread(target=self._renew, daemon=True, name="renewal").start()
        if not self._first.is_set():
            self._first.wait(FIRST_WAIT_SECONDS)
            self._first.set()
        return self._value

    def _renew(self) -> None:
        try:
            self._value = self._get()
        except Exception:  # a thread of ours: whatever it raised, what there was stays
            logger.exception("renewal.failed")
        finally:
            self._busy.release()
            self._first.set()
