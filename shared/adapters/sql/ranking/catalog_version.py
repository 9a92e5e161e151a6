"""What is searched, as a text that changes with it: part of the key of kept answers.

    v1 ········ change ── window ──▶ settled ········
    (t1, t1)    (t2, t1)             (t2, t2)

Processes that keep the catalog in memory follow a change some seconds later. What they answer in
between is kept under the window's own version, and asked for no more when it is over: a title that
was taken out is gone from kept answers `SETTLE_SECONDS` and one look later.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

from shared.adapters.sql.reading import read
from shared.adapters.sql.statement import statement
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.errors import UnavailableError
from shared.search.understanding.renewed import Renewed

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

logger = logging.getLogger(__name__)

LAST = statement(__file__, "last_change")

SETTLE_SECONDS = 20.0
"""After so long every process has followed a change: they look every two seconds."""
LOOK_SECONDS = 2.0
OLDEST_SECONDS = 15.0
"""What was looked at longer ago says nothing of what is searched now."""


class CatalogVersion:
    """The version of what is searched; asking takes microseconds.

    Args:
        clock: Tells when a change has settled.
        engine: Where to read, `shared.adapters.connect.reads` unless said.
        seconds: A clock that never goes back.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        engine: Engine | None = None,
        *,
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        self._clock, self._engine, self._seconds = clock or SystemClock(), engine, seconds
        self._renewed = Renewed(self._look, every=LOOK_SECONDS, seconds=seconds)
        self._last: tuple[float, str] | None = None

    def __call__(self) -> str:
        """Return the version, empty where it is not known: then nothing may be kept."""
        found = self._renewed()
        if found is None or self._seconds() - found[0] > OLDEST_SECONDS:
            return ""
        return found[1]

    def _look(self) -> tuple[float, str] | None:
        looked = self._seconds()
        settled = self._clock.now() - timedelta(seconds=SETTLE_SECONDS)
        try:
            (row,) = read(LAST(), {"settled": settled}, what="changes", engine=self._engine)
        except UnavailableError as error:
            logger.warning("catalog.version_unread", extra={"detail": error.message})
            return self._last
        times = [at.isoformat() if at else "never" for at in (row.latest, row.settled)]
        self._last = (looked, " ".join(times))
        return self._last
