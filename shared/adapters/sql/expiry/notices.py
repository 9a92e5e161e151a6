"""What leaves: the list of it, and notices that are written with their events or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters import connect
from shared.adapters.outbox import Outbox
from shared.adapters.sql.reading import read
from shared.adapters.sql.statement import statement, translated
from shared.catalog.expiry import HISTORY, Leaving, Notice, expiring_event, notices
from shared.kernel.clock import Clock, SystemClock
from shared.search.maturity import RESTRICTED
from shared.search.viewers import EVERYTHING, Sight

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from shared.catalog.expiry import Window

LEAVING = statement(__file__, "list_leaving", "leaving")
EXPIRING = statement(__file__, "list_expiring", "leaving")
KEEP = statement(__file__, "keep_notices")
PURGE = statement(__file__, "purge_notices")
ONE_AT_A_TIME = statement(__file__, "one_at_a_time")
BATCH = 500


class SqlExpiry:
    """Titles that leave, in ``availability``, and what was told of it in ``expiration_notice``."""

    def __init__(self, engine: Engine | None = None, clock: Clock | None = None) -> None:
        self._given = engine
        self._clock = clock or SystemClock()

    @property
    def _engine(self) -> Engine:
        return self._given or connect.engine()

    def expiring(
        self,
        *,
        days: int,
        platform: str | None,
        region: str | None,
        limit: int,
        sight: Sight = EVERYTHING,
    ) -> dict[str, Any]:
        """Return ``total`` and at most ``limit`` ``items`` that end within days, soonest first.

        What may not be seen is in neither.
        """
        now = self._clock.now()
        bound: dict[str, Any] = {"now": now, "until": now + timedelta(days=days), "limit": limit}
        bound |= {"platform": platform, "region": region}
        bound |= {"ceiling": sight.rank, "unrated": RESTRICTED, "blocked": [*sight.blocked_genres]}
        (row,) = read(EXPIRING(), bound, what="expiring titles", engine=self._given)
        found: dict[str, Any] = orjson.loads(row.found)
        return found

    def notify(self, among: Sequence[Window]) -> Iterator[list[int]]:
        """Give every notice that is due, once; yields the outbox rows of each batch.

        A batch is one transaction. Whoever stops between two has given those before, and gives the
        others when called again.

        Args:
            among: Windows, from `shared.catalog.expiry.windows`.
        """
        now = self._clock.now()
        due = notices(self._leaving(now, among), now=now, among=among)
        for start in range(0, len(due), BATCH):
            with translated("expiration_notice"), self._engine.begin() as connection:
                rows = _told(connection, due[start : start + BATCH], now)
            yield rows

    def purge(self) -> int:
        """Forget notices that are older than 90 days and return how many there were."""
        before = self._clock.now() - HISTORY
        with translated("expiration_notice"), self._engine.begin() as connection:
            return connection.execute(PURGE(), {"before": before}).rowcount

    def _leaving(self, now: datetime, among: Sequence[Window]) -> list[Leaving]:
        until = now + timedelta(days=max(window.up_to for window in among))
        bound = {"now": now, "until": until}
        with translated("expiring titles"), self._engine.connect() as connection:
            rows = connection.execute(LEAVING(), bound).all()
        return [Leaving(r.content_id, r.title, r.platform, r.region, r.expires_at) for r in rows]


def _told(connection: Connection, due: Sequence[Notice], now: datetime) -> list[int]:
    connection.execute(ONE_AT_A_TIME())
    rows = [_row(n, notice) for n, notice in enumerate(due)]
    given = {"rows": orjson.dumps(rows).decode(), "now": now}
    new = [due[row.n] for row in connection.execute(KEEP(), given)]
    return Outbox.add(connection, [expiring_event(notice, now) for notice in new])


def _row(n: int, notice: Notice) -> dict[str, Any]:
    one = notice.leaving
    return {
        "n": n,
        "content_id": str(one.content_id),
        "platform": one.platform,
        "region": one.region,
        "window": notice.window.name,
        "hour": notice.hour.isoformat(),
    }
