"""Random histories on the emulator and on a model of it; each has a database of its own.

`make soak` plays long ones, on Google's emulator too.
"""

from __future__ import annotations

import asyncio
from secrets import token_hex
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.emulated import google
from tests.emulated.firestore.histories import commits, histories, queries, writes
from tests.emulated.firestore.playing import Play
from tests.emulated.firestore.watching import Watching
from tests.emulated.firestore.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.emulated.firestore.conftest import Lab
    from tests.emulated.firestore.histories import Body

    History = tuple[list[list[Body]], list[Body]]

pytestmark = pytest.mark.local("each history has a database that has to be empty")
once = [HealthCheck.function_scoped_fixture]
brief = settings(max_examples=20, suppress_health_check=once)
long = settings(suppress_health_check=once)


@pytest.fixture(scope="module")
def also_google() -> Iterator[str]:
    """Where Google's emulator is."""
    if google.missing():
        pytest.skip(f"Google's emulator {google.missing()}")
    with google.running("firestore") as (address, _):
        yield address


def database(address: str) -> Wire:
    """Return the wire to a database that is empty."""
    return Wire(address, f"projects/p{token_hex(6)}/databases/(default)")


async def find(address: str, history: History) -> None:
    """Ask queries after each commit, and at the end of every time before."""
    async with database(address) as wire:
        play = Play(wire)
        for each in history[0]:
            await play.commit(each)
            await play.ask(history[1][0])
        await play.everything()
        for query in history[1]:
            await play.ask(query)
            for at, _ in play.model.before:
                await play.ask(query, at)


async def listen(address: str, history: History) -> None:
    """Listen while it is written, with a break of which the first and the last commits are told."""
    async with database(address) as wire:
        play, watching = Play(wire), Watching(wire, history[1])
        await play.commit(history[0][0])
        await watching.begin()
        for number, each in enumerate(history[0][1:]):
            await play.commit(each)
            if number == 1:
                await watching.arrive(play.model)
                await watching.end()
            if number == 2:
                await watching.begin()
        if len(history[0]) == 3:
            await watching.begin()
        await watching.arrive(play.model)
        await watching.end()
        watching.check(play.model)


@brief
@given(histories)
async def test_queries_find_what_the_model_finds_now_and_at_every_time(
    lab: Lab, history: History
) -> None:
    await find(lab.address, history)


@pytest.mark.differs("queries with an offset are UNKNOWN to its listeners")
@brief
@given(histories)
async def test_listeners_are_told_every_change_once_and_over_breaks(
    lab: Lab, history: History
) -> None:
    await listen(lab.address, history)


@brief
@given(
    st.lists(commits, min_size=1, max_size=3),
    st.none() | st.lists(writes(), min_size=1, max_size=4),
)
async def test_a_transaction_is_done_whole_or_not_at_all(
    lab: Lab, before: list[list[Body]], inside: list[Body] | None
) -> None:
    async with database(lab.address) as wire:
        play = Play(wire)
        for each in before:
            await play.commit(each)
        await play.transact(inside)
        await play.everything()


@brief
@given(st.lists(st.lists(writes(), min_size=1, max_size=6), min_size=1, max_size=3))
async def test_a_batch_does_every_write_that_it_can(lab: Lab, batches: list[list[Body]]) -> None:
    async with database(lab.address) as wire:
        play = Play(wire)
        for each in batches:
            await play.batch(each)
            await play.everything()


@brief
@given(st.lists(commits, min_size=1, max_size=3), st.integers(1, 3))
async def test_lists_in_pages_have_every_document_and_those_that_are_missing(
    lab: Lab, before: list[list[Body]], size: int
) -> None:
    async with database(lab.address) as wire:
        play = Play(wire)
        for each in before:
            await play.commit(each)
        await play.list_all(size)


@pytest.mark.soak
@long
@given(histories, queries())
async def test_long_histories_are_the_model_s(lab: Lab, history: History, more: Body) -> None:
    both = (history[0], [*history[1], more])
    await find(lab.address, both)
    await listen(lab.address, both)


@pytest.mark.soak
@long
@given(histories)
def test_google_s_emulator_finds_what_the_model_finds(also_google: str, history: History) -> None:
    asyncio.run(find(also_google, history))
