"""Searches in the database: nobody's words before five people used them, every search once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, text

from shared.adapters.sql.analytics.events import SqlSearchEvents
from shared.kernel.clock import FixedClock
from shared.kernel.errors import UnavailableError
from shared.search.filters import Filters
from tests.fakes.searches import (
    NOON,
    PEOPLE,
    by_each,
    emptied,
    keep,
    kept,
    opened,
    performed,
    shared_engine,
)
from tests.fakes.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from emulators.managed.postgres import Postgres
    from shared.search.analytics.events import SearchEvent

WEEK = timedelta(days=7)


@pytest.fixture(scope="module")
def shared(postgres: Postgres, migrated: str) -> Iterator[Engine]:
    """One database for this module."""
    with shared_engine(postgres, migrated) as made:
        yield made


@pytest.fixture
def engine(shared: Engine) -> Engine:
    return emptied(shared)


def rows(engine: Engine, sql: str) -> list[Any]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def texts(engine: Engine) -> list[str]:
    return [found for (found,) in rows(engine, "SELECT query_norm FROM search_text ORDER BY 1")]


def test_four_people_leave_a_text_unknown_and_the_fifth_makes_it_known(engine: Engine) -> None:
    keep(engine, by_each(PEOPLE[:4]))
    assert texts(engine) == []

    keep(engine, by_each(PEOPLE[4:5]))
    assert texts(engine) == ["dune"]
    assert rows(engine, "SELECT count(*) FROM search_event") == [(5,)]


def test_no_text_reaches_the_database_before_it_is_known(engine: Engine) -> None:
    sent: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *a: sent.append(repr(a[3])))

    keep(engine, by_each(PEOPLE[:4], "my neighbor jim"))
    assert not any("jim" in said for said in sent)

    keep(engine, by_each(PEOPLE[4:5], "my neighbor jim"))
    assert any("jim" in said for said in sent)


def test_one_person_five_times_and_nobody_known_are_no_five_people(engine: Engine) -> None:
    keep(engine, by_each(["ann"] * 7))
    keep(engine, by_each([""] * 9))

    assert texts(engine) == []
    assert rows(engine, "SELECT count(*), count(principal_hash) FROM search_event") == [(16, 7)]


def test_five_people_in_two_weeks_are_not_five_in_one(engine: Engine) -> None:
    keep(engine, by_each(PEOPLE[:3]))
    keep(engine, by_each(PEOPLE[3:], at=NOON + WEEK))
    assert texts(engine) == []

    keep(engine, by_each(PEOPLE[:2], at=NOON + WEEK))
    assert rows(engine, "SELECT week::text FROM search_text") == [("2026-01-12",)]


def test_a_batch_that_is_written_twice_is_there_once(engine: Engine) -> None:
    batch = by_each(PEOPLE)
    keep(engine, batch)
    once = everything(engine)
    keep(engine, batch)

    assert everything(engine) == once


def everything(engine: Engine) -> list[list[Any]]:
    tables = ("search_event", "search_asker", "search_text")
    return [sorted(rows(engine, f"SELECT t::text FROM {name} t")) for name in tables]  # noqa: S608 - ours


def test_what_is_kept_names_neither_people_nor_what_they_typed(engine: Engine) -> None:
    filters = Filters(region=("US",), genres=("Drama",), keywords=("jim",), creators=("jim", "jo"))
    search = performed("Jim", "ann", filters=filters, degraded=("vector",), cache_hit=True)
    keep(engine, [kept(search)])

    ((found,),) = rows(engine, "SELECT filters FROM search_event")
    assert found == {"region": ["US"], "genres": ["Drama"], "keywords": 1, "creators": 2}
    assert "jim" not in str(everything(engine)).lower()
    assert rows(engine, "SELECT cache_hit, degraded FROM search_event") == [(True, ["vector"])]


def test_no_text_is_too_strange_to_be_kept(engine: Engine) -> None:
    hostile = [
        "\x00du\x00ne",
        "\ud800",
        "\ufdfa" * 500,
        "'; DROP TABLE search_event; --",
        "\u202e\\x",
    ]
    keep(engine, [each for typed in hostile for each in by_each(PEOPLE, typed)])
    assert len(texts(engine)) == len(hostile)


def test_an_empty_search_is_counted_and_never_a_text(engine: Engine) -> None:
    keep(engine, by_each(PEOPLE, "  "))
    assert texts(engine) == []
    assert rows(engine, "SELECT count(*) FROM search_event") == [(6,)]


def test_a_day_has_its_own_partition_and_any_other_day_is_taken_too(engine: Engine) -> None:
    ((now,),) = rows(engine, "SELECT now()")
    keep(engine, by_each(["ann"], at=now) + by_each(["ann"], at=now + timedelta(days=60)))

    found = rows(engine, "SELECT tableoid::regclass::text FROM search_event ORDER BY occurred_at")
    assert found == [(f"search_event_{now:%Y_%m_%d}",), ("search_event_other",)]


def test_two_who_come_at_once_are_both_counted(engine: Engine) -> None:
    keep(engine, by_each(PEOPLE[:3]))
    fourth, fifth = by_each(PEOPLE[3:5])
    lock = {"lock": int.from_bytes(fourth.query_hash[:8], "big", signed=True)}
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"

    with ThreadPoolExecutor(2) as pool:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), lock)
            both = [pool.submit(keep, engine, [each]) for each in (fourth, fifth)]
            assert until(lambda: rows(engine, waiting) == [(2,)])
        for each in both:
            each.result()

    assert texts(engine) == ["dune"]


def test_a_search_is_new_once_and_counts_though_nobody_can_open_its_text(engine: Engine) -> None:
    store, searches = SqlSearchEvents(engine, FixedClock(NOON)), by_each(PEOPLE)
    assert [store.keep(search, lambda _: "") for search in searches] == [True] * 6
    assert texts(engine) == []

    assert [store.keep(search, opened) for search in searches] == [False] * 6
    keep(engine, by_each(PEOPLE[:1]))
    assert texts(engine) == ["dune"]


def test_a_database_that_is_gone_says_so() -> None:
    from sqlalchemy import create_engine  # noqa: PLC0415 - for this test alone

    engine = create_engine("postgresql+pg8000://postgres@127.0.0.1:9/nothing")
    with pytest.raises(UnavailableError):
        keep(engine, by_each(["ann"]))


Asked = st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(("dune", "heat"))), max_size=24)


@given(asked=Asked, again=st.sets(st.integers(0, 23)))
def test_a_text_is_known_exactly_if_five_people_used_it_whatever_comes_again(
    shared: Engine, asked: list[tuple[str, str]], again: set[int]
) -> None:
    emptied(shared)
    searches: list[SearchEvent] = [e for who, typed in asked for e in by_each([who], typed)]
    keep(shared, [*searches, *(search for n, search in enumerate(searches) if n in again)])
    assert rows(shared, "SELECT count(*) FROM search_event") == [(len(asked),)]

    by_text = {typed: {who for who, said in asked if said == typed} for typed in ("dune", "heat")}
    assert texts(shared) == [t for t in by_text if len(by_text[t]) >= 5]
