"""Offers that end without their source saying so: by time, and by a full run that lacks them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.outbox import Outbox
from shared.adapters.sql.ingest.availability import change_data
from shared.adapters.sql.ingest.page import Told
from shared.adapters.sql.statement import statement, translated
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.events import Event
from shared.kernel.ids import Ids, TimeOrderedIds
from shared.matching.offers import OfferChange

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Engine, Row

BY_TIME = statement(__file__, "end_by_time")
BATCH = 500
"""Offers of one transaction, and of one event at most."""


class OfferEnds:
    """Ends offers in ``availability``, each with its event."""

    def __init__(
        self, engine: Engine | None = None, clock: Clock | None = None, ids: Ids | None = None
    ) -> None:
        self._given = engine
        self._clock = clock or SystemClock()
        self._ids = ids or TimeOrderedIds(self._clock)

    def by_time(self) -> Iterator[tuple[int, list[int]]]:
        """End offers whose time is over; yields how many, and the outbox rows, of each batch."""
        given = {"now": self._clock.now(), "limit": BATCH}
        ended = BATCH
        while ended == BATCH:
            engine = self._given or connect.engine()
            with translated("availability"), engine.begin() as connection:
                rows = connection.execute(BY_TIME(), given).all()
                outbox = self.announce(connection, rows, cause="catalog-expire")
            ended = len(rows)
            yield ended, outbox

    def announce(
        self, connection: Connection, ended: Sequence[Row[Any]], *, cause: str, run_id: str = ""
    ) -> list[int]:
        """Write the events of offers that ended, one per platform, region and 500 of them.

        Args:
            connection: The transaction that ended them.
            ended: What the statements of this folder return of them.
            cause: Correlation id of the events.
            run_id: The run that did not see them, where it was one.

        Returns:
            The outbox rows.
        """
        places: defaultdict[tuple[str, str], list[Told]] = defaultdict(list)
        for row in ended:
            places[row.platform, row.region].append(Told(row.content_id, _gone(row)))
        events = [
            self._event(place, told[start : start + BATCH], cause, run_id)
            for place, told in sorted(places.items())
            for start in range(0, len(told), BATCH)
        ]
        return Outbox.add(connection, events)

    def _event(
        self, place: tuple[str, str], told: Sequence[Told], cause: str, run_id: str
    ) -> Event:
        changes = [change_data(one) for one in told]
        platform, region = place
        return Event(
            event_id=self._ids.new(),
            event_type="availability.changed",
            occurred_at=self._clock.now(),
            correlation_id=cause,
            data={
                "content_ids": list(dict.fromkeys(one["content_id"] for one in changes)),
                "platform": platform,
                "region": region,
                "run_id": run_id,
                "changes": changes,
            },
        )


def _gone(row: Row[Any]) -> OfferChange:
    return OfferChange(
        key=(row.offer_type, row.tier, row.quality),
        is_available=False,
        was_available=True,
        price_before=row.price_minor,
        price_after=None,
        currency=row.currency,
        expires_at=row.expires_at,
    )
