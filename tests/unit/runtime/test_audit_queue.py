"""Notes of the audit log on their way: many at once, behind the requests, counted when lost."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from shared.kernel.audit import ActorType, AuditEvent
from shared.kernel.clock import FixedClock
from shared.kernel.errors import AppError, UnavailableError
from shared.kernel.ids import CountingIds
from shared.runtime.audit_queue import BATCH, AuditQueue

if TYPE_CHECKING:
    from collections.abc import Sequence

IDS = CountingIds()
NOON = FixedClock().now()


def act(number: int) -> AuditEvent:
    return AuditEvent(
        id=IDS.new(),
        occurred_at=NOON,
        actor_id="u-1",
        actor_type=ActorType.ADMIN,
        action="ADMIN_ACTION",
        details={"n": number},
    )


class Database:
    """Takes batches, or refuses them; holds the writer up until it is told to go on."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.refuses: AppError | None = None
        self.spoilt: set[int] = set()
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.asked = threading.Event()

    def write(self, notes: Sequence[AuditEvent]) -> None:
        """Take a batch, once there is leave to go on."""
        self.asked.set()
        assert self.goes_on.wait(5)
        numbers = [note.details["n"] for note in notes]
        if self.refuses is not None:
            raise self.refuses
        if self.spoilt & set(numbers):
            raise ValueError("no entry")
        self.batches.append(numbers)

    @property
    def notes(self) -> list[int]:
        """Every note that was taken, in its order."""
        return [number for batch in self.batches for number in batch]


class Watch:
    """Seconds that stand still until they are moved."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> float:
        """Return where the hand stands."""
        return self.seconds


@pytest.fixture
def database() -> Database:
    return Database()


async def test_notes_that_come_during_a_batch_leave_together_in_their_order(
    database: Database,
) -> None:
    queue = AuditQueue(database.write)
    database.goes_on.clear()
    queue.add(act(0))
    assert await asyncio.to_thread(database.asked.wait, 5)
    for number in range(1, 2 * BATCH + 51):
        queue.add(act(number))
    database.goes_on.set()
    await queue.settle()

    assert [len(batch) for batch in database.batches] == [1, BATCH, BATCH, 50]
    assert database.notes == list(range(2 * BATCH + 51))
    assert queue.dropped == 0


async def test_a_refused_batch_is_written_a_second_later_and_before_what_came_since(
    database: Database,
) -> None:
    watch = Watch()
    queue = AuditQueue(database.write, now=watch.now)
    database.refuses = UnavailableError("down")
    queue.add(act(1))
    await queue.before_reply()
    database.refuses = None
    queue.add(act(2))
    await queue.before_reply()
    assert database.notes == []

    watch.seconds += 1
    queue.add(act(3))
    await queue.before_reply()

    assert database.notes == [1, 2, 3]
    assert queue.dropped == 0


async def test_what_does_not_fit_is_dropped_and_what_was_there_stays(database: Database) -> None:
    queue = AuditQueue(database.write, most=3)
    database.refuses = UnavailableError("down")
    for number in range(5):
        queue.add(act(number))
    await queue.before_reply()
    for number in range(5, 9):
        queue.add(act(number))
    database.refuses = None
    await queue.settle()

    assert len(database.notes) == 3
    assert database.notes == sorted(database.notes)
    assert database.notes[0] == 0
    assert queue.dropped == 6


async def test_one_note_that_cannot_be_written_takes_no_other_with_it(database: Database) -> None:
    queue = AuditQueue(database.write)
    database.spoilt = {2}
    database.goes_on.clear()
    for number in range(5):
        queue.add(act(number))
    database.goes_on.set()
    await queue.settle()

    assert database.notes == [0, 1, 3, 4]
    assert queue.dropped == 1


async def test_what_the_database_does_not_take_at_the_end_is_counted(database: Database) -> None:
    queue = AuditQueue(database.write)
    database.refuses = UnavailableError("down")
    queue.add(act(1))
    queue.add(act(2))
    await queue.settle()

    assert (database.notes, queue.dropped) == ([], 2)


async def test_a_reply_does_not_wait_for_a_database_that_hangs(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.runtime.audit_queue.REPLY_WAIT_SECONDS", 0.01)
    queue = AuditQueue(database.write)
    database.goes_on.clear()
    queue.add(act(1))

    await asyncio.wait_for(queue.before_reply(), 5)
    assert database.notes == []

    database.goes_on.set()
    await queue.settle()
    assert database.notes == [1]


async def test_notes_of_many_threads_are_all_written_once(database: Database) -> None:
    queue = AuditQueue(database.write)

    def add(first: int) -> None:
        for number in range(first, first + 200):
            queue.add(act(number))

    await asyncio.gather(*(asyncio.to_thread(add, first) for first in range(0, 1600, 200)))
    await queue.settle()

    assert sorted(database.notes) == list(range(1600))
