"""The database pools of this process, so that they can be counted without importing SQLAlchemy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.pool import QueuePool

_watched: list[Engine] = []


def watched(engine: Engine) -> Engine:
    """Count the pool of `engine` from now on; returns it."""
    _watched.append(engine)
    return engine


def forget() -> None:
    """Count no pool any more."""
    _watched.clear()


def counts() -> tuple[int, int]:
    """Return how many connections are in use and how many rest, over all pools."""
    pools: list[QueuePool] = [engine.pool for engine in _watched]  # type: ignore[misc]
    return sum(p.checkedout() for p in pools), sum(p.checkedin() for p in pools)
