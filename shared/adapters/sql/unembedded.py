"""Titles that were stored while nothing could embed them: their events are given up by now."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from shared.adapters.outbox import Outbox
from shared.adapters.sql.statement import statement, translated
from shared.kernel import ids
from shared.kernel.events import Event

if TYPE_CHECKING:
    from sqlalchemy import Engine

UNEMBEDDED = statement(__file__, "unembedded")
UPDATED = "content.updated"
CAUSE = "unembedded"
EVERY_MINUTES = 5
"""How often it is looked for them (spec/ingestion §7)."""
LATE = timedelta(minutes=10)
"""Age at which a title without a vector waits for no delivery any more."""
MOST = 1_000
AN_EVENT = 100


def tell_of_unembedded(engine: Engine, tick: Event) -> int:
    """Write events that have late titles embedded, longest untold first; a tick tells of each once.

    Args:
        engine: Where titles and the outbox are.
        tick: The minute; nothing is done but in each `EVERY_MINUTES`-th.

    Returns:
        How many titles, at most `MOST`: those that are left have the first turn of later ticks.

    Raises:
        UnavailableError: The database does not answer.
    """
    if tick.occurred_at.minute % EVERY_MINUTES:
        return 0
    given = {"before": tick.occurred_at - LATE, "now": tick.occurred_at, "most": MOST}
    with translated("unembedded titles"), engine.begin() as connection:
        found = [str(id_) for id_ in connection.execute(UNEMBEDDED(), given).scalars()]
        places = range(0, len(found), AN_EVENT)
        Outbox.add(connection, [_updated(tick, n, found[n : n + AN_EVENT]) for n in places])
    return len(found)


def _updated(tick: Event, number: int, found: list[str]) -> Event:
    return Event(
        event_id=ids.named(CAUSE, str(tick.event_id), str(number)),
        event_type=UPDATED,
        occurred_at=tick.occurred_at,
        correlation_id=CAUSE,
        data={"content_ids": found},
    )
