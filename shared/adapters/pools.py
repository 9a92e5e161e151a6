"""The database pools of this process: counted without importing SQLAlchemy, closed to the last.

`Engine.dispose` closes what rests in a pool and leaves what is in use to the collector of garbage
(SQLAlchemy 2.1, "Engine Disposal"), which finds it at its leisure, open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

_watched: list[Engine] = []


def watched(engine: Engine) -> Engine:
    """Count the pool of `engine` from now on, and close what comes back too late; returns it."""
    from sqlalchemy import event  # noqa: PLC0415 - 140 ms, only for SQL

    latecomers = _Latecomers()
    event.listen(engine, "engine_disposed", latecomers.emptied)
    event.listen(engine, "connect", latecomers.connected)
    event.listen(engine, "checkin", latecomers.returned)
    _watched.append(engine)
    return engine


class _Latecomers:
    """Closes connections that come back after their pool was emptied."""

    def __init__(self) -> None:
        self._turn = 0

    def emptied(self, _engine: Engine) -> None:
        self._turn += 1

    def connected(self, _connection: object, entry: ConnectionPoolEntry) -> None:
        entry.info["turn"] = self._turn

    def returned(self, connection: object | None, entry: ConnectionPoolEntry) -> None:
        if connection is not None and entry.info.get("turn") != self._turn:
            entry.invalidate()


def close() -> None:
    """Close every connection that rests, and count no pool any more."""
    while _watched:
        _watched.pop().dispose()


def counts() -> tuple[int, int]:
    """Return how many connections are in use and how many rest, over all pools."""
    pools: list[QueuePool] = [engine.pool for engine in _watched]  # type: ignore[misc]
    return sum(p.checkedout() for p in pools), sum(p.checkedin() for p in pools)
