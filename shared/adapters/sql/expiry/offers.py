"""Offers that change without their source saying so: by time, by a full run, and by silence."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.outbox import Outbox
from shared.adapters.sql.ingest.availability import change_data
from shared.adapters.sql.ingest.page import Told, json_text
from shared.adapters.sql.statement import statement, translated
from shared.catalog.quota import limits
from shared.catalog.receipts import STALE_DAYS
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.events import Event
from shared.kernel.ids import Ids, TimeOrderedIds
from shared.matching.merge import MANUAL
from shared.matching.offers import OfferChange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Engine, Row, TextClause

BY_TIME = statement(__file__, "end_by_time")
HIDE = statement(__file__, "hide")
LAST_OFFER = statement(__file__, "last_offer")
SHOW = statement(__file__, "show")
CAUSE = "catalog-expire"
BATCH = 500
"""Offers of one transaction, and of one event at most."""
WINDOW = 100_000
"""Ids of offers among which silent ones are looked for; what a batch reads again at most."""


class OfferEnds:
    """Ends, hides and shows offers in ``availability``, each with its event."""

    def __init__(
        self, engine: Engine | None = None, clock: Clock | None = None, ids: Ids | None = None
    ) -> None:
        self._given = engine
        self._clock = clock or SystemClock()
        self._ids = ids or TimeOrderedIds(self._clock)

    def by_time(self) -> Iterator[tuple[int, list[int]]]:
        """End offers whose time is over; yields how many, and the outbox rows, of each batch."""
        given = {"now": self._clock.now(), "limit": BATCH}
        return self._batches(BY_TIME, given, is_available=False)

    def hide_silent(self) -> Iterator[tuple[int, list[int]]]:
        """Hide offers unseen for `STALE_DAYS` by sources that confirm them; yields as `by_time`.

        They are known still: answers leave them out until somebody brings them again.
        """
        given = {
            **self._silence(),
            "renewing": json_text(list(limits().renewing)),
            "manual": MANUAL,
            "now": self._clock.now(),
        }
        for after in range(0, self._last(), WINDOW):
            window = {"after": after, "until": after + WINDOW}
            yield from self._batches(HIDE, {**given, **window}, is_available=False)

    def show_seen(self) -> Iterator[tuple[int, list[int]]]:
        """Show hidden offers that were seen since; yields as `by_time`."""
        return self._batches(SHOW, self._silence(), is_available=True)

    def _last(self) -> int:
        with translated("availability"), (self._given or connect.engine()).connect() as connection:
            return int(connection.execute(LAST_OFFER()).scalar_one())

    def _silence(self) -> dict[str, Any]:
        return {"before": self._clock.now() - timedelta(days=STALE_DAYS), "limit": BATCH}

    def _batches(
        self, change: Callable[[], TextClause], given: Mapping[str, Any], *, is_available: bool
    ) -> Iterator[tuple[int, list[int]]]:
        done = BATCH
        while done == BATCH:
            engine = self._given or connect.engine()
            with translated("availability"), engine.begin() as connection:
                rows = connection.execute(change(), given).all()
                outbox = self.announce(connection, rows, cause=CAUSE, is_available=is_available)
            done = len(rows)
            yield done, outbox

    def announce(
        self,
        connection: Connection,
        changed: Sequence[Row[Any]],
        *,
        cause: str,
        run_id: str = "",
        is_available: bool = False,
    ) -> list[int]:
        """Write the events of offers that changed, one per platform, region and 500 of them.

        Args:
            connection: The transaction that changed them.
            changed: What the statements of this folder return of them.
            cause: Correlation id of the events.
            run_id: The run that did not see them, where it was one.
            is_available: They can be watched from now on; otherwise they no longer can.

        Returns:
            The outbox rows.
        """
        places: defaultdict[tuple[str, str], list[Told]] = defaultdict(list)
        for row in changed:
            change = _changed(row, is_available=is_available)
            places[row.platform, row.region].append(Told(row.content_id, change))
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


def _changed(row: Row[Any], *, is_available: bool) -> OfferChange:
    return OfferChange(
        key=(row.offer_type, row.tier, row.quality),
        is_available=is_available,
        was_available=not is_available,
        price_before=None if is_available else row.price_minor,
        price_after=row.price_minor if is_available else None,
        currency=row.currency,
        expires_at=row.expires_at,
    )
