"""Which titles changed since when, as `functions/search_index` noted them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import orjson

from shared.adapters import connect
from shared.adapters.sql.reading import read
from shared.adapters.sql.statement import array, statement, translated
from shared.kernel.clock import Clock, SystemClock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Engine

NOTE = statement(__file__, "note_changes")
SINCE = statement(__file__, "changed_since")
PURGE = statement(__file__, "purge_changes")
BEFORE_ALL = str(UUID(int=0))

Change = tuple[str, float]
"""A title's id, and when it changed last, in seconds since 1970; it grows with each change."""


class SqlChanges:
    """Table ``search_change``.

    Clocks of two instances differ, and who commits later may have read its clock earlier: whoever
    reads on looks back `OVERLAP_SECONDS` before the last look, and takes what comes twice as once.
    """

    def __init__(self, clock: Clock | None = None, engine: Engine | None = None) -> None:
        self._clock, self._engine = clock or SystemClock(), engine

    def note(self, ids: Sequence[UUID]) -> None:
        """Note that these titles changed, or went, now.

        Raises:
            ConflictError: Somebody else noted some of them at the same time.
            UnavailableError: The database does not answer.
        """
        given = {"ids": array(ids), "now": self._clock.now()}
        engine = self._engine or connect.engine()
        with translated("changes of titles"), engine.begin() as connection:
            connection.execute(NOTE(), given)

    def since(self, since: float, after: str = BEFORE_ALL, *, limit: int) -> list[Change]:
        """Return the next changes after a time and id, the longest ago first.

        Args:
            since: Seconds since 1970.
            after: Of titles that changed at ``since``, those with greater ids count.
            limit: Most to return, at least 1.

        Raises:
            UnavailableError: The database does not answer.
        """
        given = {"since": since, "after": after, "most": limit}
        (row,) = read(SINCE(), given, what="changes of titles", engine=self._engine)
        return [(id_, changed) for id_, changed in orjson.loads(row.found)]

    def purge(self, before: datetime) -> int:
        """Forget changes before a time; return how many there were.

        Raises:
            UnavailableError: The database does not answer.
        """
        engine = self._engine or connect.engine()
        with translated("changes of titles"), engine.begin() as connection:
            return connection.execute(PURGE(), {"before": before}).rowcount
