"""Popular texts by hour, day and week, and the end of what is too old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.sql.statement import statement, translated
from shared.kernel.clock import Clock, SystemClock
from shared.search.analytics.events import monday

if TYPE_CHECKING:
    from sqlalchemy import Engine

ROLL_UP = statement(__file__, "roll_up")
FORGET = statement(__file__, "forget")
DAYS = statement(__file__, "days")
LATE = timedelta(hours=26)
"""For so long a search, a click or the fifth person may still change what a week came to."""


@dataclass(frozen=True)
class RolledUp:
    """What one run did.

    Attributes:
        counted: Rows of ``popular_search`` that are new or changed.
        forgotten: Rows that were too old.
        days_dropped: Days of searches that were too old.
    """

    counted: int
    forgotten: int
    days_dropped: int


class SqlRollUp:
    """Table ``popular_search``; running again changes nothing."""

    def __init__(self, engine: Engine | None = None, clock: Clock | None = None) -> None:
        self._engine = engine
        self._clock = clock or SystemClock()

    def run(self) -> RolledUp:
        """Count this week, and the one before while it is fresh; then forget what is too old.

        Three transactions: what was counted stays where the rest fails.

        Raises:
            ConflictError: A table was in use for too long; running again is safe.
            UnavailableError: The database does not answer.
        """
        engine, now = self._engine or connect.engine(), self._clock.now()
        with translated("popular searches"), engine.begin() as connection:
            counted = connection.execute(ROLL_UP(), {"week": monday(now - LATE)}).rowcount
        with translated("popular searches"), engine.begin() as connection:
            forgotten = connection.execute(FORGET(), {"now": now}).scalar_one()
        with translated("days of searches"), engine.begin() as connection:
            dropped = connection.execute(DAYS()).scalar_one()
        return RolledUp(counted, forgotten, dropped)
