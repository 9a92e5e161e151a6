"""Which titles changed, over a real database: nothing is missed, whoever writes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import create_engine

from shared.adapters.sql.resident.changes import BEFORE_ALL, SqlChanges
from shared.kernel.clock import FixedClock
from tests.unit.matching.items import NOON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

IDS = [UUID(int=number) for number in range(1, 6)]
EARLIER = NOON.timestamp() - 60


@pytest.fixture
def at_once(database: str) -> Iterator[Engine]:
    """An engine whose statements stand alone, as the product's for reading."""
    engine = create_engine(database, isolation_level="AUTOCOMMIT", pool_size=8)
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def changes(at_once: Engine, clock: FixedClock) -> SqlChanges:
    return SqlChanges(clock, at_once)


def noted(changes: SqlChanges, since: float = EARLIER) -> list[UUID]:
    """Return the titles that changed since, in order."""
    return [UUID(id_) for id_, _ in changes.since(since, limit=100)]


def test_titles_are_given_in_the_order_of_their_changes(
    changes: SqlChanges, clock: FixedClock
) -> None:
    changes.note(IDS[3:])
    clock.advance(timedelta(seconds=1))
    changes.note(IDS[:2])

    assert noted(changes) == [*IDS[3:], *IDS[:2]]
    assert noted(changes, NOON.timestamp() + 0.5) == IDS[:2]
    assert noted(changes, NOON.timestamp() + 1.5) == []


def test_pages_follow_each_other_through_titles_of_one_moment(changes: SqlChanges) -> None:
    changes.note(IDS)

    found: list[str] = []
    page = [(BEFORE_ALL, EARLIER)]
    while page:
        after, since = page[-1]
        page = changes.since(since, after, limit=2)
        found += [id_ for id_, _ in page]

    assert found == [str(id_) for id_ in IDS]


def test_a_title_named_twice_in_one_event_is_noted_once(changes: SqlChanges) -> None:
    changes.note([IDS[0], IDS[0]])
    changes.note([])

    assert noted(changes) == IDS[:1]


def test_a_later_change_has_a_later_time_even_by_a_clock_that_is_behind(
    at_once: Engine, changes: SqlChanges
) -> None:
    changes.note(IDS[:1])
    ((_, before),) = changes.since(EARLIER, limit=1)

    SqlChanges(FixedClock(NOON - timedelta(minutes=5)), at_once).note(IDS[:1])

    ((_, after),) = changes.since(EARLIER, limit=1)
    assert after > before


def test_writers_of_the_same_titles_do_not_wait_for_each_other_in_a_ring(
    changes: SqlChanges,
) -> None:
    with ThreadPoolExecutor(4) as pool:
        turns = [IDS, IDS[::-1]] * 20
        assert [*pool.map(changes.note, turns)] == [None] * 40

    assert sorted(noted(changes)) == IDS


def test_what_is_purged_is_what_changed_before(changes: SqlChanges, clock: FixedClock) -> None:
    changes.note(IDS[:2])
    clock.advance(timedelta(days=2))
    changes.note(IDS[2:])

    assert changes.purge(NOON + timedelta(days=1)) == 2

    assert noted(changes) == IDS[2:]
