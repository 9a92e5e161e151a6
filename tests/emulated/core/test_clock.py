"""One clock for all services: what was asked for happens in the order of its moments."""

import asyncio

import pytest

from emulators.core.clock import Reading, VirtualClock, settled

START = 1_700_000_000.0


class Diary:
    """Notes what happens, and at what virtual second after the start."""

    def __init__(self) -> None:
        self.real = START
        self.clock = VirtualClock(lambda: self.real)
        self.clock.freeze()
        self.entries: list[tuple[str, float]] = []

    def note(self, what: str) -> None:
        """Write one line."""
        self.entries.append((what, self.clock.now() - START))

    def at(self, second: float, what: str) -> None:
        """Note something at a second."""
        self.clock.call_at(START + second, lambda: self.note(what))

    async def sleeper(self, what: str, seconds: float, again: float = 0) -> None:
        """Note something after a sleep, and after another."""
        await self.clock.sleep(seconds)
        self.note(what)
        if again:
            await self.clock.sleep(again)
            self.note(what + " again")


async def test_one_advance_rings_all_timers_in_the_order_of_their_moments() -> None:
    diary = Diary()
    for second in (30, 10, 20):
        diary.at(second, f"at {second}")

    diary.clock.advance(60)

    assert diary.entries == [("at 10", 10), ("at 20", 20), ("at 30", 30)]
    assert diary.clock.now() == START + 60


async def test_timers_of_one_moment_ring_in_the_order_they_were_asked_for() -> None:
    diary = Diary()
    for name in "bca":
        diary.at(5, name)

    diary.clock.advance(5)

    assert [what for what, _ in diary.entries] == ["b", "c", "a"]


async def test_a_timer_set_by_a_timer_rings_within_the_same_advance() -> None:
    diary = Diary()

    def chain() -> None:
        diary.note("first")
        diary.at(15, "set by the first")

    diary.clock.call_at(START + 10, chain)
    diary.at(20, "second")
    diary.clock.advance(20)

    assert diary.entries == [("first", 10), ("set by the first", 15), ("second", 20)]


async def test_travelling_time_shows_each_sleeper_its_own_moment() -> None:
    diary = Diary()
    tasks = [
        asyncio.create_task(diary.sleeper("slow", 10, 10)),
        asyncio.create_task(diary.sleeper("quick", 3, 4)),
        asyncio.create_task(diary.sleeper("late", 12)),
    ]
    await settled()

    await diary.clock.travel(START + 60)
    await asyncio.gather(*tasks)

    assert diary.entries == [
        ("quick", 3),
        ("quick again", 7),
        ("slow", 10),
        ("late", 12),
        ("slow again", 20),
    ]
    assert diary.clock.now() == START + 60


async def test_travelling_time_waits_for_work_that_is_done_outside() -> None:
    diary = Diary()

    async def work() -> None:
        await diary.clock.sleep(1)
        with diary.clock.busy():
            await asyncio.sleep(0.02)
            diary.note("work is done")

    task = asyncio.create_task(work())
    await settled()
    diary.at(2, "afterwards")
    await diary.clock.travel(START + 5)
    await task

    assert diary.entries == [("work is done", 1), ("afterwards", 2)]


async def test_a_moment_in_the_past_is_now() -> None:
    diary = Diary()

    await diary.clock.travel(START - 100)

    assert diary.clock.now() == START


async def test_running_time_rings_what_came_due_before_it_was_asked() -> None:
    diary = Diary()
    diary.clock.resume()
    rung = asyncio.Event()

    diary.clock.call_at(START - 1, rung.set)

    await asyncio.wait_for(rung.wait(), 5)


async def test_a_cancelled_timer_does_not_ring() -> None:
    diary = Diary()
    diary.clock.call_at(START + 1, lambda: diary.note("never")).cancel()

    diary.clock.advance(2)

    assert diary.entries == []


async def test_by_steps_time_stands_between_steps_and_timers_see_their_moments() -> None:
    diary = Diary()
    diary.clock.resume()
    diary.clock.by_steps()
    diary.at(2.5, "timer")
    diary.real += 4
    before = diary.clock.now()

    await diary.clock.step()

    assert before == START
    assert diary.entries == [("timer", 2.5)]
    assert diary.clock.now() == START + 4


async def test_steps_follow_a_clock_that_is_advanced() -> None:
    diary = Diary()
    diary.clock.resume()
    diary.clock.by_steps()

    await diary.clock.travel(START + 100)
    diary.real += 1
    await diary.clock.step()

    assert diary.clock.now() == START + 101


@pytest.mark.parametrize("frozen", [True, False])
async def test_a_clock_goes_on_as_it_was_set(frozen: bool) -> None:
    first = VirtualClock(lambda: START)
    first.advance(500)
    if frozen:
        first.freeze()

    second = VirtualClock(lambda: START + 7, Reading(**vars(first.reading)))

    assert second.frozen is frozen
    assert second.now() == START + (500 if frozen else 507)
