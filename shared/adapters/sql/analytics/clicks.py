"""Titles that were opened from results, in ``search_click``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.sql.statement import statement, translated
from shared.kernel.clock import Clock, SystemClock
from shared.search.analytics.clicks import MOST_CLICKS, Click
from shared.search.analytics.events import moment_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

KEEP_CLICK = statement(__file__, "keep_click")


class SqlSearchClicks:
    """Table ``search_click``; one statement a call.

    The search need not be there: it is written after its answer, and may come later than its click.
    """

    def __init__(self, engine: Engine | None = None, clock: Clock | None = None) -> None:
        self._engine = engine
        self._clock = clock or SystemClock()

    def keep(self, click: Click) -> bool:
        """Keep the first click on a title in a search; tells whether it is new.

        Raises:
            UnavailableError: The database does not answer.
        """
        given = {
            "search_id": str(click.search_id),
            "content_id": str(click.content_id),
            "position": click.position,
            "most": MOST_CLICKS,
            "now": self._clock.now(),
            "searched_at": moment_of(click.search_id),
        }
        with translated("clicks"), (self._engine or connect.engine()).begin() as connection:
            return connection.execute(KEEP_CLICK(), given).rowcount == 1
