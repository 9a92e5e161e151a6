"""The readings of all instances: asked for behind the searches, and let be where they fail."""

import logging
from datetime import timedelta

from shared.kernel.clock import Clock
from shared.kernel.errors import UnavailableError
from shared.search.languagemodel.ports import Kept, Readings
from shared.search.languagemodel.question import ReadQuestion

logger = logging.getLogger(__name__)

REST = timedelta(seconds=5)
"""How long a store is left alone once it did not answer: each time costs its patience."""


class SharedReadings:
    """A store that fails quietly.

    Args:
        store: Keeps the readings; None for none.
        clock: Tells when a rest is over.
    """

    def __init__(self, store: Readings | None, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._rests_until = clock.now()

    def get(self, key: str) -> Kept | None:
        """Return what is kept under ``key``, None also where that cannot be told."""
        if self._store is None or self._clock.now() < self._rests_until:
            return None
        try:
            return self._store.get(key)
        except UnavailableError as error:
            self._failed(error)
            return None

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
