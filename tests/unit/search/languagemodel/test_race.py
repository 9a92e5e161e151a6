"""Readings that nobody waits for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.errors import ExhaustedError, UnavailableError
from shared.search.languagemodel.ports import Kept
from shared.search.languagemodel.prompt import reading_key
from shared.search.languagemodel.race import (
    KEPT,
    MOST_A_MINUTE,
    MOST_WAITING,
    QUIET,
    Happened,
    Raced,
)
from shared.search.languagemodel.sharing import REST
from tests.fakes.language_models import HeldPool, MemoryReadings, ScriptedModel, reading

if TYPE_CHECKING:
    from shared.search.languagemodel.question import ReadQuestion

ASKED = "quiet films about lost letters"
FOUND = reading(themes=("lost letters",))
NEARLY = timedelta(milliseconds=1)


class Race:
    """A race whose model runs when the test lets it."""

    def __init__(self, *answers: object, store: MemoryReadings | None = None) -> None:
        self.model = ScriptedModel(*answers)
        self.clock, self.pool = FixedClock(), HeldPool()
        self.happened: list[Happened] = []
        count = self.happened.append
        self.look = Raced(self.model, self.clock, pool=self.pool, store=store, count=count)

    def ask(self, text: str) -> ReadQuestion | None:
        """Return the reading that there is."""
        return self.look(text).reading


def test_a_search_never_waits_and_the_next_one_has_the_reading() -> None:
    race = Race(FOUND)

    assert race.ask(ASKED) is None
    assert race.model.asked == []  # the model hangs: its thread did not come to it yet
    race.pool.run()

    assert race.ask(ASKED.upper()) == FOUND
    assert race.model.asked == [ASKED]
    assert race.happened == [Happened.MISS, Happened.READ, Happened.HIT]


def test_an_answer_knows_whether_a_better_one_may_follow() -> None:
    race = Race(UnavailableError("hangs"))
    assert [race.look(ASKED).pending for _ in range(2)] == [True, True]
    race.pool.run()

    assert not race.look(ASKED).pending  # none came, and none is asked for
    race.pool.ends = True
    assert not race.look("another question").pending


def test_while_a_question_is_read_nobody_asks_for_it_again() -> None:
    race = Race(FOUND)
    found = [race.ask(ASKED) for _ in range(5)]

    assert found == [None] * 5
    assert len(race.pool.waiting) == 1
    assert race.happened == [Happened.MISS, *[Happened.JOINED] * 4]


def test_no_more_questions_wait_than_are_read_soon() -> None:
    race = Race(FOUND)
    for n in range(MOST_WAITING + 3):
        assert race.ask(f"{ASKED} {n}") is None

    assert len(race.pool.waiting) == MOST_WAITING
    assert race.happened.count(Happened.DROPPED) == 3
    race.pool.run()
    assert race.ask(f"{ASKED} {MOST_WAITING}") is None
    assert len(race.pool.waiting) == 1  # there is room again


def test_no_more_questions_are_paid_for_in_a_minute_than_was_allowed() -> None:
    race = Race(FOUND)
    for n in range(MOST_A_MINUTE + 5):
        race.look(f"{ASKED} {n}")
        race.pool.run()
    assert len(race.model.asked) == MOST_A_MINUTE
    assert race.happened.count(Happened.DROPPED) == 5

    race.clock.advance(timedelta(minutes=1))
    race.look(f"{ASKED} {MOST_A_MINUTE}")
    race.pool.run()
    assert len(race.model.asked) == MOST_A_MINUTE + 1


def test_a_reading_is_forgotten_after_ten_minutes() -> None:
    race = Race(FOUND)
    race.look(ASKED)
    race.pool.run()

    race.clock.advance(KEPT - NEARLY)
    assert race.ask(ASKED) == FOUND
    race.clock.advance(NEARLY)
    assert race.ask(ASKED) is None


@pytest.mark.parametrize(
    ("answer", "happened"),
    [
        (UnavailableError("hangs"), Happened.FAILED),
        (ExhaustedError("429"), Happened.FAILED),
        (reading(confidence=0.69), Happened.DOUBTED),
    ],
)
def test_what_failed_or_is_doubted_is_kept_nowhere_and_left_alone_for_a_while(
    answer: object, happened: Happened
) -> None:
    store = MemoryReadings()
    race = Race(answer, FOUND, store=store)
    race.look(ASKED)
    race.pool.run()

    assert race.ask(ASKED) is None
    assert (store.kept, race.pool.waiting) == ({}, [])
    race.clock.advance(QUIET)
    race.look(ASKED)
    race.pool.run()
    assert race.ask(ASKED) == FOUND
    assert race.happened[1] is happened


def test_a_model_that_is_down_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    down = UnavailableError("hangs")
    race = Race(down, down, down, FOUND, down)
    for n in range(5):
        race.look(f"{ASKED} {n}")
        race.pool.run()
    assert [record.message for record in caplog.records] == ["question.model_down"] * 2


def test_a_fault_of_ours_behind_a_search_does_not_stop_the_next_question() -> None:
    race = Race(ZeroDivisionError(), FOUND)
    race.look(ASKED)
    race.pool.run()

    assert race.ask(ASKED) is None
    race.pool.run()
    assert race.ask(ASKED) == FOUND


def test_one_instance_reads_for_all_and_no_search_waits_for_what_they_share() -> None:
    store = MemoryReadings()
    first, second = Race(FOUND, store=store), Race(store=store)
    first.look(ASKED)
    first.pool.run()
    looks = store.looks

    assert second.ask(ASKED) is None
    assert store.looks == looks
    second.pool.run()

    assert second.ask(ASKED) == FOUND
    assert second.model.asked == []
    assert second.happened == [Happened.MISS, Happened.SHARED, Happened.HIT]


def test_a_reading_of_another_instance_gets_no_older_than_its_own() -> None:
    store = MemoryReadings()
    store.kept[reading_key(ASKED, "scripted")] = Kept(FOUND, 7.0)
    race = Race(store=store)
    race.look(ASKED)
    race.pool.run()

    race.clock.advance(timedelta(seconds=7) - NEARLY)
    assert race.ask(ASKED) == FOUND
    race.clock.advance(NEARLY)
    assert race.ask(ASKED) is None


def test_a_store_that_is_down_is_left_alone_and_the_model_reads_on() -> None:
    store = MemoryReadings()
    store.is_down = True
    race = Race(FOUND, store=store)
    for n in range(9):
        race.look(f"{ASKED} {n}")
        race.pool.run()
    assert store.looks == 1
    assert race.ask(f"{ASKED} 8") == FOUND

    store.is_down = False
    race.clock.advance(REST)
    race.look(ASKED)
    race.pool.run()
    assert list(store.kept.values()) == [Kept(FOUND, KEPT.total_seconds())]


def test_a_process_that_ends_takes_no_more_questions() -> None:
    race = Race(FOUND)
    race.pool.ends = True
    assert race.ask(ASKED) is None
    assert race.ask(ASKED) is None
    assert race.happened == [Happened.DROPPED] * 2
