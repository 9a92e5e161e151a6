"""The readings of all instances, asked for only while that costs next to nothing."""

import logging
from datetime import timedelta

from shared.kernel.clock import Clock
from shared.kernel.errors import UnavailableError
from shared.search.languagemodel.ports import Readings
from shared.search.languagemodel.question import ReadQuestion

logger = logging.getLogger(__name__)

REST = timedelta(seconds=5)
"""How long a store is left alone once it did not answer: each time costs its patience."""


class SharedReadings:
    """A store that fails quietly, and that no search waits for while it connects.

    Args:
        store: Keeps the readings; None for none.
        clock: Tells when a rest is over.
    """

    def __init__(self, store: Readings | None, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._rests_until = clock.now()
        self._is_connected = False

    def get(self, key: str) -> ReadQuestion | None:
        """Return what is kept under ``key``; nothing before `look` was there once."""
        return self.look(key) if self._is_connected else None

    def look(self, key: str) -> ReadQuestion | None:
        """Return what is kept under ``key``, however long it takes to connect."""
        if self._store is None or self._clock.now() < self._rests_until:
            return None
        try:
            found = self._store.get(key)
        except UnavailableError as error:
            self._failed(error)
            return None
        self._is_connected = True
        return found

    def put(self, key: str, reading: ReadQuestion, *, seconds: float) -> None:
        """Keep a reading for so long, if the store takes it."""
        if self._store is None or self._clock.now() < self._rests_until:
            return
        try:
            self._store.put(key, reading, seconds=seconds)
        except UnavailableError as error:
            self._failed(error)

    def _failed(self, error: UnavailableError) -> None:
        logger.warning("readings.store_down", extra={"detail": error.message})
        self._rests_until = self._clock.now() + REST
