"""The version of what is searched, over a real database."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text

from shared.adapters.sql.ranking.catalog_version import (
    LOOK_SECONDS,
    OLDEST_SECONDS,
    SETTLE_SECONDS,
    CatalogVersion,
)
from shared.adapters.sql.resident.changes import SqlChanges
from shared.kernel.clock import FixedClock
from tests.fakes.waiting import until
from tests.unit.matching.items import NOON

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAT, RONIN = UUID(int=1), UUID(int=2)


class Follower:
    """A process that asks for the version, and one that changes titles."""

    def __init__(self, database: str) -> None:
        self.engine = create_engine(database, isolation_level="AUTOCOMMIT")
        self.clock, self.now = FixedClock(NOON), 0.0
        self.changes = SqlChanges(self.clock, self.engine)
        self.version = CatalogVersion(self.clock, self.engine, seconds=lambda: self.now)

    def wait(self, seconds: float) -> None:
        """Let time go by."""
        self.now += seconds
        self.clock.advance(timedelta(seconds=seconds))

    @contextmanager
    def nobody_looks(self) -> Iterator[None]:
        """Hold the table of changes, so that a look that begins meanwhile ends after it."""
        with self.engine.connect() as connection:
            held = connection.execution_options(isolation_level="READ COMMITTED")
            with held.begin():
                held.execute(text("LOCK TABLE search_change IN ACCESS EXCLUSIVE MODE"))
                yield

    def fresh(self) -> str:
        """Return the version as another process finds it, that never looked."""
        return CatalogVersion(self.clock, self.engine, seconds=lambda: self.now)()


@pytest.fixture
def process(database: str) -> Iterator[Follower]:
    made = Follower(database)
    yield made
    made.engine.dispose()


def test_it_stays_while_nothing_changes(process: Follower) -> None:
    before = process.fresh()
    process.wait(SETTLE_SECONDS)
    assert before
    assert process.fresh() == before


def test_a_change_is_another_version_and_once_more_when_all_have_followed(
    process: Follower,
) -> None:
    versions = [process.fresh()]
    process.changes.note([HEAT])
    versions.append(process.fresh())
    process.wait(SETTLE_SECONDS - 1)
    assert process.fresh() == versions[-1]

    process.wait(1)
    versions.append(process.fresh())
    assert len(set(versions)) == 3


def test_no_version_comes_back_when_one_title_changes_again_and_again(
    process: Follower,
) -> None:
    seen: list[str] = []
    for _ in range(6):
        process.changes.note([HEAT])
        seen.append(process.fresh())
        process.wait(SETTLE_SECONDS * 0.75)
        process.changes.note([RONIN])
        seen.append(process.fresh())
        process.wait(SETTLE_SECONDS * 1.5)
        seen.append(process.fresh())
    assert len(set(seen)) == len(seen)


def test_two_processes_agree(process: Follower) -> None:
    process.changes.note([HEAT])
    process.wait(3)
    assert process.fresh() == process.fresh() == process.version()


def test_a_process_sees_a_change_at_its_next_look(process: Follower) -> None:
    before = process.version()
    process.changes.note([HEAT])
    assert process.version() == before

    process.wait(LOOK_SECONDS)
    assert until(lambda: process.version() != before)


def test_what_was_looked_at_long_ago_is_not_believed(process: Follower) -> None:
    before = process.version()
    process.wait(OLDEST_SECONDS + 1)
    with process.nobody_looks():
        assert process.version() == ""
    assert until(lambda: process.version() == before)


def test_a_database_that_does_not_answer_leaves_no_version() -> None:
    gone = create_engine("postgresql+pg8000://nobody@127.0.0.1:1/none")
    version = CatalogVersion(FixedClock(NOON), gone)
    assert version() == ""
    gone.dispose()
