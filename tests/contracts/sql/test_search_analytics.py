"""What searches and clicks come to, over a real database."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from shared.adapters.sql.analytics.clicks import SqlSearchClicks
from shared.adapters.sql.analytics.report import SqlSearchAnalytics
from shared.adapters.sql.analytics.rollup import SqlRollUp
from shared.kernel import ids
from shared.kernel.clock import FixedClock
from shared.search.analytics.clicks import MOST_CLICKS, Click
from shared.search.analytics.report import AnalyticsQuery, Period, SearchAnalytics
from tests.fakes.searches import (
    NOON,
    PEOPLE,
    by_each,
    emptied,
    keep,
    kept,
    performed,
    shared_engine,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from sqlalchemy import Engine

    from emulators.managed.postgres import Postgres
    from shared.search.analytics.events import SearchEvent

SECOND = timedelta(seconds=1)
TITLES = [ids.named("title", str(number)) for number in range(MOST_CLICKS + 5)]


class World:
    """Searches, clicks and figures at one time, in one database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clock = FixedClock(NOON)

    def search(self, *searches: SearchEvent) -> list[UUID]:
        """Keep searches and return their ids."""
        keep(self.engine, searches)
        return [each.search_id for each in searches]

    def click(self, search_id: UUID, position: int = 1, title: UUID = TITLES[0]) -> bool:
        """Click on a title in a search."""
        click = Click(search_id=search_id, content_id=title, position=position)
        return SqlSearchClicks(self.engine, self.clock).keep(click)

    def figures(self, period: Period = Period.DAY) -> SearchAnalytics:
        """Return what there is to tell a second later."""
        clock = FixedClock(self.clock.now() + SECOND)
        asked = AnalyticsQuery(period=period)
        return SqlSearchAnalytics(self.engine, clock).report(asked)

    def roll_up(self) -> int:
        """Return how many rows of popular texts changed."""
        return SqlRollUp(self.engine, self.clock).run().counted

    def popular(self, kind: str = "hour") -> list[Any]:
        """Return what was counted: text, searches, people, clicks, searches with one."""
        columns = "query_norm, search_count, principals, click_count, searches_with_click"
        order = "ORDER BY period_start, query_norm"
        sql = f"SELECT {columns} FROM popular_search WHERE period_type = '{kind}' {order}"  # noqa: S608 - ours
        return self.rows(sql)

    def rows(self, sql: str) -> list[Any]:
        """Return the rows of a query as tuples."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]


@pytest.fixture(scope="module")
def shared(postgres: Postgres, migrated: str) -> Iterator[Engine]:
    """One database for this module, with titles in it."""
    insert = (
        "INSERT INTO content (id, content_type, title, title_key, content_hash, checked_at, "
        "created_at, updated_at) VALUES (:id, 'movie', 'x', 'x', '', now(), now(), now())"
    )
    with shared_engine(postgres, migrated) as made:
        with made.begin() as connection:
            connection.execute(text(insert), [{"id": title} for title in TITLES])
        yield made


@pytest.fixture
def world(shared: Engine) -> World:
    return World(emptied(shared))


def one(typed: str = "dune", user: str = "", **said: Any) -> SearchEvent:  # noqa: ANN401 - any other field
    """Return one search as it is kept."""
    return kept(performed(typed, user, **said))


def test_nothing_at_all_has_no_rates(world: World) -> None:
    found = world.figures()
    assert (found.total_searches, found.unique_queries) == (0, 0)
    assert found.avg_ctr is found.p95_latency_ms is found.zero_result_rate is None
    assert found.refinement_rate is found.mean_reciprocal_rank is None
    assert (found.top_queries, found.zero_result_queries) == ([], [])


def test_repeated_clicks_and_a_replay_leave_a_search_counted_once(world: World) -> None:
    first, _ = world.search(one(), one())

    assert world.click(first, 2)
    assert not world.click(first, 2)
    assert not world.click(first, 5)
    for place, title in enumerate(TITLES[1:8]):
        assert world.click(first, place + 3, title)

    found = world.figures()
    assert found.avg_ctr == 0.5
    assert found.mean_reciprocal_rank == 0.5


def test_a_click_that_came_before_its_search_counts_once_the_search_is_there(world: World) -> None:
    late = one()
    world.click(late.search_id)
    assert world.figures().avg_ctr is None

    world.search(late)
    assert world.figures().avg_ctr == 1


def test_clicks_on_unknown_titles_and_beyond_a_hundred_are_passed_over(world: World) -> None:
    (search_id,) = world.search(one())
    assert not world.click(search_id, 1, ids.named("no title"))

    taken = [world.click(search_id, n + 1, title) for n, title in enumerate(TITLES)]
    assert sum(taken) == MOST_CLICKS
    assert not any(taken[MOST_CLICKS:])


def test_cached_degraded_and_empty_answers_count_like_any_other(world: World) -> None:
    world.search(
        one("dune", latency_ms=2, cache_hit=True),
        one("heat", latency_ms=20, degraded=("vector",)),
        one("xyzzy", latency_ms=60, result_count=0),
        one("", latency_ms=30),
    )

    found = world.figures()
    assert (found.total_searches, found.unique_queries) == (4, 4)
    assert (found.cache_hit_rate, found.degraded_rate, found.zero_result_rate) == (0.25,) * 3
    assert (found.avg_latency_ms, found.p50_latency_ms) == (28, 25)
    assert found.p95_latency_ms == pytest.approx(55.5)


def test_another_question_within_a_minute_and_without_a_click_is_a_refinement(world: World) -> None:
    def asked(typed: str, user: str, second: int) -> SearchEvent:
        return one(typed, user, at=NOON - timedelta(minutes=10) + second * SECOND)

    clicked = asked("heat", "bob", 0)
    world.search(
        asked("heta", "ann", 0), asked("heat", "ann", 59),  # refined
        asked("dune", "ann", 119),  # 60 s later: not
        clicked, asked("ronin", "bob", 5),  # something was opened: not
        asked("thief", "cyd", 0), asked("thief", "cyd", 9),  # the same again, or its next page: not
        asked("heta", "", 0), asked("heat", "", 1),  # nobody knows that this is one person
    )  # fmt: skip
    world.click(clicked.search_id)

    assert world.figures().refinement_rate == pytest.approx(1 / 7, abs=1e-4)


def test_only_texts_of_five_people_are_told_and_all_searches_are_counted(world: World) -> None:
    world.search(*by_each([*PEOPLE, ""]), *by_each(PEOPLE[:4], "my neighbor jim"))
    world.search(*(one("dnue", who, result_count=0) for who in PEOPLE))

    found = world.figures()
    assert found.total_searches == 17
    assert found.unique_queries == 3
    assert [(q.query, q.count) for q in found.top_queries] == [("dune", 7), ("dnue", 6)]
    assert [(q.query, q.count) for q in found.zero_result_queries] == [("dnue", 6)]


def test_a_text_of_last_week_is_nobodys_to_tell_in_a_week_of_fewer_people(world: World) -> None:
    world.search(*by_each(PEOPLE, at=NOON - timedelta(days=3)), *by_each(PEOPLE[:4]))
    world.clock.at = NOON - timedelta(days=2)
    world.roll_up()

    world.clock.at = NOON
    assert [(q.query, q.count) for q in world.figures(Period.WEEK).top_queries] == [("dune", 6)]
    assert world.popular("week") == world.popular("hour") == [("dune", 6, 6, 0, 0)]


def test_a_period_ends_now_and_is_as_long_as_it_says(world: World) -> None:
    for hours in (0.5, 23, 24 * 6, 24 * 29, 24 * 29.9 + 24):
        world.search(one(at=NOON - timedelta(hours=hours)))
    world.search(one(at=NOON + timedelta(hours=1)))

    assert [world.figures(period).total_searches for period in Period] == [1, 2, 3, 4]


def test_counting_again_changes_nothing(world: World) -> None:
    first, *_ = world.search(*by_each(PEOPLE, every=timedelta(minutes=-30)))
    world.click(first, 3)
    world.click(first, 4, TITLES[1])

    assert world.roll_up() == 6
    before = world.popular()
    assert world.roll_up() == 0
    assert world.popular() == before
    assert before == [
        ("dune", 1, 1, 0, 0), ("dune", 2, 2, 0, 0), ("dune", 2, 2, 0, 0), ("dune", 1, 1, 2, 1)
    ]  # fmt: skip
    assert world.popular("day") == world.popular("week") == [("dune", 6, 6, 2, 1)]


def test_what_came_late_is_counted_with_the_hour_it_belongs_to(world: World) -> None:
    world.search(*by_each(PEOPLE[:4], at=NOON - timedelta(days=2)))
    assert world.roll_up() == 0

    world.search(*by_each(PEOPLE[4:]))
    world.roll_up()
    assert world.popular() == [("dune", 4, 4, 0, 0), ("dune", 2, 2, 0, 0)]


def test_a_week_that_is_over_stays_counted_while_it_is_fresh_and_afterwards(world: World) -> None:
    sunday = NOON - timedelta(days=3)
    world.search(*by_each(PEOPLE, at=sunday))
    world.clock.at = sunday + timedelta(hours=25)
    assert world.roll_up() == 3

    world.clock.at = sunday + timedelta(days=3)
    assert world.roll_up() == 0
    assert world.popular("week") == [("dune", 6, 6, 0, 0)]


def test_old_rows_go_and_what_was_counted_by_day_stays(world: World) -> None:
    world.search(*by_each(PEOPLE))
    world.click(world.search(one())[0])
    world.roll_up()

    world.clock.advance(timedelta(days=60))
    forgotten = SqlRollUp(world.engine, world.clock).run().forgotten

    assert forgotten == 5 + 1 + 7 + 1 + 1  # askers, text, searches, click, hour
    assert [len(world.popular(kind)) for kind in ("hour", "day", "week")] == [0, 1, 1]


def test_days_are_made_ahead_and_dropped_after_thirty(world: World) -> None:
    ((today,),) = world.rows("SELECT (now() AT TIME ZONE 'UTC')::date")
    old = [today - timedelta(days=days) for days in (30, 31, 45)]
    with world.engine.begin() as connection:
        for day in old:
            made = f"search_event_{day:%Y_%m_%d} PARTITION OF search_event"
            until = day + timedelta(days=1)
            span = f"FROM ('{day} 00:00+00') TO ('{until} 00:00+00')"
            connection.execute(text(f"CREATE TABLE {made} FOR VALUES {span}"))

    assert SqlRollUp(world.engine).run().days_dropped == 2
    assert SqlRollUp(world.engine).run().days_dropped == 0
    kept = world.rows("SELECT inhrelid::regclass::text FROM pg_inherits ORDER BY 1")
    days = [today + timedelta(days=d) for d in range(8)]
    expected = {f"search_event_{day:%Y_%m_%d}" for day in [old[0], *days]} | {"search_event_other"}
    assert expected <= {name for (name,) in kept}
    assert f"search_event_{old[1]:%Y_%m_%d}" not in {name for (name,) in kept}


def test_a_day_that_began_without_its_partition_goes_on_so(world: World) -> None:
    ((today,),) = world.rows("SELECT (now() AT TIME ZONE 'UTC')::date")
    late = f"search_event_{today + timedelta(days=2):%Y_%m_%d}"
    with world.engine.begin() as connection:
        connection.execute(text(f"DROP TABLE {late}"))
    ((now,),) = world.rows("SELECT now()")
    world.search(one(at=now + timedelta(days=2)))

    SqlRollUp(world.engine).run()

    assert world.rows("SELECT count(*) FROM search_event_other") == [(1,)]
    assert world.rows(f"SELECT to_regclass('{late}')") == [(None,)]


Done = st.lists(
    st.tuples(
        st.sampled_from(("dune", "heat", "")), st.sampled_from((*PEOPLE, "")), st.integers(0, 3)
    ),
    max_size=12,
)


@given(done=Done)
def test_figures_are_those_of_a_slow_count(shared: Engine, done: Sequence[Any]) -> None:
    world = World(emptied(shared))
    found_ids = world.search(*(one(typed, who) for typed, who, _ in done))
    for search_id, (_, _, clicks) in zip(found_ids, done, strict=True):
        for title in TITLES[:clicks]:
            world.click(search_id, 2, title)
    world.roll_up()

    figures = world.figures()
    assert figures.total_searches == len(done)
    clicked = [typed for typed, _, clicks in done if clicks]
    assert figures.avg_ctr == (round(len(clicked) / len(done), 4) if done else None)
    expected = {row for name in ("dune", "heat") for row in counted(done, name)}
    assert set(world.popular()) == set(world.popular("week")) == expected
    assert {(q.query, q.count) for q in figures.top_queries} == {row[:2] for row in expected}


def counted(done: Sequence[Any], name: str) -> list[Any]:
    """Return the row of a text as somebody counts it by hand, none where too few used it."""
    who = [user for typed, user, _ in done if typed == name]
    clicks = [number for typed, _, number in done if typed == name]
    people = {user for user in who if user}
    row = (name, len(who), len(people), sum(clicks), sum(n > 0 for n in clicks))
    return [row] if len(people) >= 5 else []
