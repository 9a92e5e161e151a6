"""What search asks before each answer: how it is ranked for this caller."""

import logging
from collections.abc import Callable
from threading import Condition
from time import monotonic

from shared.kernel.errors import UnavailableError
from shared.search.tuning.model import Standing, Tuned
from shared.search.tuning.traffic import slot_of
from shared.search.understanding.renewed import Renewed

logger = logging.getLogger(__name__)

RENEW_SECONDS = 10.0
OLDEST_SECONDS = 30.0
"""How old what is in force may be in one process (spec/discovery §10)."""
WAIT_SECONDS = 0.1
"""How long the first search after a quiet time waits for what is in force now."""


class Tunings:
    """The configuration in force, read again behind the requests.

    Where it was never read, what nobody set holds; where it cannot be read again, what held before.

    Args:
        read: Returns what is in force; called in a thread of its own.
        seconds: A clock that never goes back.
    """

    def __init__(
        self, read: Callable[[], Standing], *, seconds: Callable[[], float] = monotonic
    ) -> None:
        self._read, self._seconds = read, seconds
        self._last, self._tried, self._done = Standing(), seconds(), Condition()
        self._renewed = Renewed(self._again, seconds=seconds, every=RENEW_SECONDS)

    def of(self, principal: str = "") -> Tuned:
        """Return how a caller's search is ranked.

        Args:
            principal: The viewer's id, empty for nobody, who takes part in no experiment.
        """
        standing = self._renewed() or self._last
        if self._is_old():
            standing = self._awaited()
        if not principal or not standing.by_slot:
            return standing.usual
        return standing.by_slot.get(slot_of(principal), standing.usual)

    def _is_old(self) -> bool:
        return self._seconds() - self._tried > OLDEST_SECONDS

    def _awaited(self) -> Standing:
        """Return what is in force where it can be read in time; nobody waits for it again."""
        with self._done:
            if not self._done.wait_for(lambda: not self._is_old(), WAIT_SECONDS):
                self._tried = self._seconds()
            return self._last

    def _again(self) -> Standing:
        try:
            self._last = self._read()
        except UnavailableError as error:
            logger.warning("ranking.unread", extra={"detail": error.message})
        finally:
            with self._done:
                self._tried = self._seconds()
                self._done.notify_all()
        return self._last
