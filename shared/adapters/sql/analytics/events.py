"""Searches that were answered, in ``search_event``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters import connect
from shared.adapters.sql.statement import statement, translated
from shared.kernel.clock import Clock, SystemClock
from shared.search.analytics.events import ENOUGH, SearchEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection, Engine

KEEP_EVENT = statement(__file__, "keep_event")
ONE_AT_A_TIME = statement(__file__, "one_at_a_time")
IS_RIPE = statement(__file__, "is_ripe")
KEEP_TEXT = statement(__file__, "keep_text")


class SqlSearchEvents:
    """Tables ``search_event``, ``search_asker`` and ``search_text``."""

    def __init__(self, engine: Engine | None = None, clock: Clock | None = None) -> None:
        self._engine = engine
        self._clock = clock or SystemClock()

    def keep(self, event: SearchEvent, opened: Callable[[SearchEvent], str]) -> bool:
        """Keep a search, and its text where it makes the people who used it enough.

        One transaction, whose row is what tells that the event was taken in: one statement; three
        where a person used a text that is not known yet, four where it becomes known.

        Args:
            event: A search, however often it comes.
            opened: Returns what was typed, or nothing where nobody can tell; called once it may be.

        Returns:
            Whether it was not there yet.

        Raises:
            ConflictError: Somebody else wrote at the same time; keeping it again is safe.
            UnavailableError: The database does not answer; keeping it again is safe.
        """
        with translated("searches"), (self._engine or connect.engine()).begin() as connection:
            row = connection.execute(KEEP_EVENT(), {"search": _json(event)}).first()
            if row is not None and event.sealed_text and not row.is_known:
                self._count_people(connection, event, opened)
        return row is not None

    def _count_people(
        self, connection: Connection, event: SearchEvent, opened: Callable[[SearchEvent], str]
    ) -> None:
        """Write the text down where enough people used it; of several at once, one counts last."""
        which = {"query_hash": event.query_hash, "week": event.week}
        lock = int.from_bytes(event.query_hash[:8], "big", signed=True)
        connection.execute(ONE_AT_A_TIME(), {"lock": lock})
        if not connection.execute(IS_RIPE(), {**which, "enough": ENOUGH}).scalar_one():
            return
        if norm := opened(event):
            given: Mapping[str, Any] = {**which, "query_norm": norm, "now": self._clock.now()}
            connection.execute(KEEP_TEXT(), given)


def _json(event: SearchEvent) -> str:
    """Return what is sent of a search: all but its text."""
    person = event.principal_hash
    said = {
        "search_id": event.search_id,
        "occurred_at": event.occurred_at,
        "week": event.week,
        "query_hash": _hex(event.query_hash),
        "principal_hash": None if person is None else _hex(person),
        "has_text": bool(event.sealed_text),
        "result_count": event.result_count,
        "latency_ms": event.latency_ms,
        "filters": event.filters,
        "cache_hit": event.cache_hit,
        "degraded": event.degraded,
        "ranking_version": event.ranking_version,
        "variant": event.variant,
    }
    return orjson.dumps(said).decode()


def _hex(value: bytes) -> str:
    return f"\\x{value.hex()}"
