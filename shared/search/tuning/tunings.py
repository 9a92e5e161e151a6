"""What search asks before each answer: how it is ranked for this caller."""

import logging
from collections.abc import Callable
from time import monotonic

from shared.kernel.errors import UnavailableError
from shared.search.tuning.model import Standing, Tuned
from shared.search.tuning.traffic import slot_of
from shared.search.understanding.renewed import Renewed

logger = logging.getLogger(__name__)

RENEW_SECONDS = 30.0
"""How old what is in force may be in one process (spec/discovery §10)."""


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
        self._read, self._last = read, Standing()
        self._standing = Renewed(self._again, seconds=seconds, every=RENEW_SECONDS)

    def of(self, principal: str = "") -> Tuned:
        """Return how a caller's search is ranked.

        Args:
            principal: The viewer's id, empty for nobody, who takes part in no experiment.
        """
        standing = self._standing() or self._last
        if not principal or not standing.by_slot:
            return standing.usual
        return standing.by_slot.get(slot_of(principal), standing.usual)

    def _again(self) -> Standing:
        try:
            self._last = self._read()
        except UnavailableError as error:
            logger.warning("ranking.unread", extra={"detail": error.message})
        return self._last
