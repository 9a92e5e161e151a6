"""Things on their way to a store: in their order, many at once, counted where they are lost."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from shared.kernel.errors import AppError, UnavailableError
from shared.search.analytics.buffer import BATCH, Buffer

if TYPE_CHECKING:
    from collections.abc import Sequence


class Store:
    """Takes batches, refuses some first, and holds the writer up until it is told to go on."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.refusals: list[AppError] = []
        self.spoilt: set[int] = set()
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.asked, self.took = threading.Event(), threading.Event()
        self.dropped = 0

    def write(self, things: Sequence[int]) -> None:
        """Take a batch, once there is leave to go on."""
        self.asked.set()
        assert self.goes_on.wait(5)
        if self.refusals:
            raise self.refusals.pop()
        if self.spoilt & set(things):
            raise ValueError("cannot be kept")
        self.batches.append(list(things))
        self.took.set()

    def drop(self, count: int) -> None:
        """Count what was given up."""
        self.dropped += count

    @property
    def things(self) -> list[int]:
        """Everything that was taken, in its order."""
        return [each for batch in self.batches for each in batch]


@pytest.fixture
def store() -> Store:
    return Store()


def buffer_of(store: Store, *, most: int = 10_000) -> Buffer[int]:
    return Buffer(store.write, store.drop, most=most, gather_seconds=0, pause_seconds=0)


async def test_what_comes_during_a_batch_leaves_together_and_in_order(store: Store) -> None:
    buffer = buffer_of(store)
    store.goes_on.clear()
    buffer.add(0)
    assert store.asked.wait(5)
    for number in range(1, BATCH + 11):
        buffer.add(number)
    store.goes_on.set()
    await buffer.settle()

    assert [len(batch) for batch in store.batches] == [1, BATCH, 10]
    assert store.things == list(range(BATCH + 11))
    assert store.dropped == 0


def test_it_is_written_without_anybody_waiting_or_asking_again(store: Store) -> None:
    buffer = buffer_of(store)
    for number in range(3):
        store.took.clear()
        buffer.add(number)
        assert store.took.wait(5)
    assert store.things == [0, 1, 2]


def test_what_was_refused_is_tried_again_by_itself_and_before_what_came_since(
    store: Store,
) -> None:
    store.refusals = [UnavailableError("down"), UnavailableError("down")]
    store.goes_on.clear()
    buffer = buffer_of(store)
    buffer.add(1)
    assert store.asked.wait(5)
    buffer.add(2)
    store.goes_on.set()

    assert store.took.wait(5)
    assert store.things == [1, 2]


async def test_what_does_not_fit_is_counted_and_what_was_there_stays(store: Store) -> None:
    buffer = buffer_of(store, most=3)
    store.goes_on.clear()
    buffer.add(0)
    assert store.asked.wait(5)  # one is on its way, so that three more may wait
    for number in range(1, 6):
        buffer.add(number)
    store.goes_on.set()
    await buffer.settle()

    assert store.things == [0, 1, 2, 3]
    assert store.dropped == 2


async def test_one_that_cannot_be_kept_takes_no_other_with_it(store: Store) -> None:
    store.spoilt = {2}
    store.goes_on.clear()
    buffer = buffer_of(store)
    for number in range(5):
        buffer.add(number)
    store.goes_on.set()
    await buffer.settle()

    assert sorted(store.things) == [0, 1, 3, 4]
    assert store.dropped == 1


async def test_the_end_tries_once_more_and_counts_what_is_lost(store: Store) -> None:
    store.refusals = [UnavailableError("down") for _ in range(10_000)]
    buffer = Buffer(store.write, store.drop, gather_seconds=60, pause_seconds=60)
    buffer.add(1)
    buffer.add(2)
    await buffer.settle()
    buffer.add(3)

    assert store.things == []
    assert store.dropped == 3


async def test_an_end_without_anything_to_do_is_one(store: Store) -> None:
    await buffer_of(store).settle()
    assert (store.things, store.dropped) == ([], 0)
