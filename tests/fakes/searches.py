"""Searches as people do them, for tests of what they come to."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, text

from shared.adapters.sealing import Sealer
from shared.adapters.sql.analytics.events import SqlSearchEvents
from shared.kernel.clock import FixedClock
from shared.kernel.ids import TimeOrderedIds
from shared.search.analytics.events import PerformedSearch, Pseudonyms, SearchEvent, as_kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import timedelta
    from uuid import UUID

    from sqlalchemy import Engine

    from emulators.managed.postgres import Postgres

NOON = datetime(2026, 1, 7, 12, tzinfo=UTC)
"""A Wednesday."""
PSEUDONYMS = Pseudonyms(b"k" * 32)
SEALER = Sealer(["s" * 32])
PEOPLE = ("ann", "bob", "cyd", "dee", "eli", "fay")


def search_id(at: datetime = NOON) -> UUID:
    """Return a new identifier of a moment."""
    return TimeOrderedIds(FixedClock(at)).new()


def performed(
    typed: str = "dune",
    user: str = "",
    *,
    at: datetime = NOON,
    **said: Any,  # noqa: ANN401 - any other field
) -> PerformedSearch:
    """Return a search that found ten titles in 20 ms, or what `said` makes of it."""
    usual = {"result_count": 10, "latency_ms": 20.0}
    return PerformedSearch(search_id(at), typed, user, **{**usual, **said})


def seal(norm: str, query_hash: bytes) -> str:
    """Close a text, as whoever publishes a search does."""
    return SEALER.seal(norm, place=query_hash.hex())


def opened(search: SearchEvent) -> str:
    """Open it again, as whoever keeps the search does."""
    return SEALER.open(search.sealed_text, place=search.query_hash.hex())


def kept(search: PerformedSearch) -> SearchEvent:
    """Return a search as it is published."""
    return as_kept(search, PSEUDONYMS, seal)


def keep(engine: Engine, searches: Sequence[SearchEvent]) -> None:
    """Keep searches, one after another."""
    store = SqlSearchEvents(engine, FixedClock(NOON))
    for search in searches:
        store.keep(search, opened)


def by_each(
    people: Sequence[str],
    typed: str = "dune",
    *,
    at: datetime = NOON,
    every: timedelta | None = None,
) -> list[SearchEvent]:
    """Return a search of each for the same, one after another where `every` says so."""
    return [
        kept(performed(typed, who, at=at + n * every if every else at))
        for n, who in enumerate(people)
    ]


TABLES = ("search_event", "search_asker", "search_text", "search_click", "popular_search")


@contextmanager
def shared_engine(postgres: Postgres, migrated: str) -> Iterator[Engine]:
    """Give a migrated database to the tests of a module, each of which begins with `emptied`."""
    with postgres.database(migrated) as url:
        made = create_engine(url)
        yield made
        made.dispose()


def emptied(engine: Engine) -> Engine:
    """Return the engine of a database without any search."""
    with engine.begin() as connection:
        for name in TABLES:
            connection.execute(text(f"DELETE FROM {name}"))  # noqa: S608 - ours
    return engine
