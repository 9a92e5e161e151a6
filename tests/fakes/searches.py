"""Searches as people do them, for tests of what they come to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from shared.kernel.clock import FixedClock
from shared.kernel.ids import TimeOrderedIds
from shared.search.analytics.events import PerformedSearch, Pseudonyms, SearchEvent, as_kept

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta
    from uuid import UUID

NOON = datetime(2026, 1, 7, 12, tzinfo=UTC)
"""A Wednesday."""
PSEUDONYMS = Pseudonyms(b"k" * 32)
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


def by_each(
    people: Sequence[str],
    typed: str = "dune",
    *,
    at: datetime = NOON,
    every: timedelta | None = None,
) -> list[SearchEvent]:
    """Return a search of each for the same, one after another where `every` says so."""
    return [
        as_kept(performed(typed, who, at=at + n * every if every else at), PSEUDONYMS)
        for n, who in enumerate(people)
    ]
