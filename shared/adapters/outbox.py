"""Events on their way out: written with the state they tell of, published after the commit.

A crash between commit and publish loses nothing: the row stays, and the relay publishes it. A crash
between publish and mark publishes twice, which consumers know by the event's id. Whoever publishes
an event does so in the trace of who wrote it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from shared.adapters.sql.statement import statement, translated
from shared.kernel import trace
from shared.kernel.errors import UnavailableError
from shared.kernel.events import Event

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine, Row

ADD = statement(__file__, "sql/outbox_add")
CLAIM = statement(__file__, "sql/outbox_claim")
MARK = statement(__file__, "sql/outbox_mark")
DEFER = statement(__file__, "sql/outbox_defer")
OLDEST = statement(__file__, "sql/outbox_oldest")
FORGET = statement(__file__, "sql/outbox_forget")
BATCH = 100
TOLD_FOR = timedelta(days=14)
"""How long it is kept what was told: twice as long as topics keep it."""
KNOWN_FOR = timedelta(days=125)
"""How long a consumer knows what it took in: longer than Pub/Sub (31 days) and the table of dead
letters (90) keep an event together."""
FORGOTTEN = 10_000
"""Most rows of each table that one transaction forgets."""


class Publisher(Protocol):
    """Sends events; returns when they are taken, else raises `UnavailableError`."""

    def publish(self, events: Sequence[Event], places: Sequence[trace.TraceContext | None]) -> None:
        """Send every event, each from its place in its trace."""


class Outbox:
    """Table ``outbox``, as the writer of an event sees it."""

    @staticmethod
    def add(connection: Connection, events: Sequence[Event]) -> list[int]:
        """Write events in the caller's transaction; returns the new rows' ids.

        An event whose id is there already is not written again.
        """
        if not events:
            return []
        rows = [
            {
                "event_id": str(event.event_id),
                "topic": event.event_type,
                "ordering_key": event.subject,
                "payload": event.model_dump_json(),
            }
            for event in events
        ]
        place = trace.headers()
        given = {"rows": orjson.dumps(rows).decode()} | {
            name: place.get(name, "") for name in (trace.TRACEPARENT, trace.TRACESTATE)
        }
        return [int(row.id) for row in connection.execute(ADD(), given)]


def publish_pending(
    engine: Engine,
    publisher: Publisher,
    ids: Sequence[int] | None = None,
    limit: int = BATCH,
) -> int:
    """Publish rows that wait, oldest first, and return how many went out.

    Rows another process is publishing are left to it. What the server does not take stays, and
    waits longer after each try (1 s, doubling, at most 5 min), unless named by ``ids``.

    Args:
        engine: Where the outbox is.
        publisher: Sends the events.
        ids: Only these rows, whether their time has come or not; None for all that are due.
        limit: Most rows of one call, at least 1.

    Raises:
        UnavailableError: Some rows were not taken; the others are out and marked.
    """
    if ids is not None and not ids:
        return 0
    named = None if ids is None else orjson.dumps(list(ids)).decode()
    with translated("outbox"), engine.begin() as connection:
        rows = connection.execute(CLAIM(), {"ids": named, "limit": limit}).all()
        sent, problem = _send(publisher, rows)
        failed = [row.id for row in rows if row.id not in sent]
        _note(connection, MARK(), sorted(sent))
        _note(connection, DEFER(), failed)
    if problem is not None:
        raise UnavailableError(f"{len(failed)} of {len(rows)} events wait: {problem.message}")
    return len(sent)


def oldest_waiting(engine: Engine) -> float:
    """Return for how many seconds the oldest event has waited to be published, 0 where none does.

    Raises:
        UnavailableError: The database does not answer.
    """
    with translated("outbox"), engine.connect() as connection:
        return float(connection.execute(OLDEST()).scalar_one())


def forget(engine: Engine, now: datetime) -> tuple[int, int]:
    """Forget old events, at most `FORGOTTEN` of each kind.

    Returns:
        How many that were published, and how many that consumers had taken in.

    Raises:
        UnavailableError: The database does not answer.
    """
    given = {"published": now - TOLD_FOR, "processed": now - KNOWN_FOR, "limit": FORGOTTEN}
    with translated("outbox"), engine.begin() as connection:
        row = connection.execute(FORGET(), given).one()
    return int(row.told), int(row.taken)


@dataclass(frozen=True)
class _Waiting:
    """An event of one row, and where in a trace it was written."""

    event: Event
    place: trace.TraceContext | None

    @classmethod
    def read(cls, row: Row[Any]) -> _Waiting:
        """Return what a row says."""
        said = {trace.TRACEPARENT: row.traceparent, trace.TRACESTATE: row.tracestate}
        return cls(Event.model_validate_json(row.payload), trace.received(said))


def _send(
    publisher: Publisher, rows: Sequence[Row[Any]]
) -> tuple[set[int], UnavailableError | None]:
    """Publish all at once; where that fails, one by one, so that one bad row holds nobody up."""
    if not rows:
        return set(), None
    waiting = {row.id: _Waiting.read(row) for row in rows}
    try:
        publisher.publish(
            [one.event for one in waiting.values()], [one.place for one in waiting.values()]
        )
    except UnavailableError as error:
        if len(waiting) == 1:
            return set(), error
        return _one_by_one(publisher, waiting)
    return set(waiting), None


def _one_by_one(
    publisher: Publisher, waiting: dict[int, _Waiting]
) -> tuple[set[int], UnavailableError | None]:
    sent: set[int] = set()
    failed_topics: set[str] = set()
    problem: UnavailableError | None = None
    for row_id, one in waiting.items():
        if one.event.event_type in failed_topics:
            continue  # later events of a topic wait behind its first failure, which keeps order
        try:
            publisher.publish([one.event], [one.place])
            sent.add(row_id)
        except UnavailableError as error:
            problem = error
            failed_topics.add(one.event.event_type)
    return sent, problem


def _note(connection: Connection, what: Any, ids: Sequence[int]) -> None:  # noqa: ANN401 - a statement
    if ids:
        connection.execute(what, {"ids": orjson.dumps(list(ids)).decode()})
