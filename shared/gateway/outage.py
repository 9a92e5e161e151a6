"""What is done while a shared store is gone: ask it once a second, say so once a minute."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.kernel.clock import Clock
    from shared.kernel.errors import UnavailableError

RETRY_SECONDS = 1.0
WARN_SECONDS = 60.0

logger = logging.getLogger(__name__)


class Outage:
    """Whether a store answers, as its last caller found.

    While it does not, one caller a second waits for it and all others go on without: a store that
    is gone would otherwise cost every request its time-out.

    Args:
        name: First word of the log events ``<name>.degraded`` and ``<name>.restored``.
        clock: The time.
    """

    def __init__(self, name: str, clock: Clock) -> None:
        self._name = name
        self._clock = clock
        self._ask_at: float | None = None
        self._warn_at = 0.0

    @property
    def lasts(self) -> bool:
        """Whether the store is gone."""
        return self._ask_at is not None

    def asks(self) -> bool:
        """Return whether this caller should ask the store."""
        if self._ask_at is None:
            return True
        now = self._now()
        if now < self._ask_at:
            return False
        self._ask_at = now + RETRY_SECONDS
        return True

    def failed(self, error: UnavailableError) -> None:
        """Note that the store did not answer."""
        now = self._now()
        self._ask_at = now + RETRY_SECONDS
        if now >= self._warn_at:
            self._warn_at = now + WARN_SECONDS
            logger.warning("%s.degraded", self._name, extra={"reason": error.message})

    def worked(self) -> None:
        """Note that the store answered."""
        if self._ask_at is not None:
            self._ask_at = None
            logger.info("%s.restored", self._name)

    def _now(self) -> float:
        return self._clock.now().timestamp()
