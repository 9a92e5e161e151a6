"""Searches that were answered, in ``search_event``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters import connect
from shared.adapters.sql.statement import statement, translated
from shared.kernel.clock import Clock, SystemClock
from shared.search.analytics.events import ENOUGH, SearchEvent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Engine

KEEP_EVENTS = statement(__file__, "keep_events")
RIPE_TEXTS = statement(__file__, "ripe_texts")
KEEP_TEXTS = statement(__file__, "keep_texts")


class SqlSearchEvents:
    """Tables ``search_event``, ``search_asker`` and ``search_text``.

    Each statement is a transaction of its own and may be repeated: the thread that runs them may be
    left without a processor between two of them, and must hold no lock then.
    """

    def __init__(self, engine: Engine | None = None, clock: Clock | None = None) -> None:
        self._engine = engine
        self._clock = clock or SystemClock()

    def keep(self, events: Sequence[SearchEvent]) -> None:
        """Keep searches, each once, and the texts that enough people used by now.

        Two statements, three where a text is written down. No text leaves this process before. Two
        processes that count at the same time may both come out one short; the text is then known
        with the next search for it.

        Raises:
            ConflictError: Somebody else wrote at the same time; keeping all again is safe.
            UnavailableError: The database does not answer; keeping all again is safe.
        """
        engine = (self._engine or connect.engine()).execution_options(isolation_level="AUTOCOMMIT")
        with translated("searches"), engine.connect() as connection:
            connection.execute(KEEP_EVENTS(), {"rows": _json(map(_row, events))})
            named = [event for event in events if event.query_norm and event.principal_hash]
            ripe = _ripe(connection, named) if named else set()
            if ripe:
                texts = [_text(e) for e in named if (e.query_hash, e.week) in ripe]
                given = {"rows": _json(texts), "now": self._clock.now()}
                connection.execute(KEEP_TEXTS(), given)


def _ripe(connection: Connection, events: Sequence[SearchEvent]) -> set[tuple[Any, Any]]:
    rows = [{"query_hash": _hex(e.query_hash), "week": e.week} for e in events]
    found = connection.execute(RIPE_TEXTS(), {"rows": _json(rows), "enough": ENOUGH})
    return {(bytes(row.query_hash), row.week) for row in found}


def _row(event: SearchEvent) -> dict[str, Any]:
    """Return what is sent of a search: all but its text."""
    person = event.principal_hash
    return {
        "search_id": event.search_id,
        "occurred_at": event.occurred_at,
        "week": event.week,
        "query_hash": _hex(event.query_hash),
        "principal_hash": None if person is None else _hex(person),
        "has_text": bool(event.query_norm),
        "result_count": event.result_count,
        "latency_ms": event.latency_ms,
        "filters": event.filters,
        "cache_hit": event.cache_hit,
        "degraded": event.degraded,
        "ranking_version": event.ranking_version,
        "variant": event.variant,
    }


def _text(event: SearchEvent) -> dict[str, Any]:
    hashed = _hex(event.query_hash)
    return {"query_hash": hashed, "week": event.week, "query_norm": event.query_norm}


def _hex(value: bytes) -> str:
    return f"\\x{value.hex()}"


def _json(rows: Iterable[Mapping[str, Any]]) -> str:
    return orjson.dumps(list(rows)).decode()
