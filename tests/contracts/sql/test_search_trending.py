"""Texts that trend, and which of them lead to what may be shown."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from shared.adapters.sql.analytics.rollup import SqlRollUp
from shared.adapters.sql.analytics.trending import SqlAskedTexts
from shared.kernel.clock import FixedClock
from shared.search.analytics.trending import TrendingParameters, trending
from shared.search.filters import Filters
from shared.search.maturity import RatingLimit
from tests.fakes.searches import NOON, PEOPLE, by_each, keep, kept, performed
from tests.unit.matching.items import bare, item

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.search.analytics.events import SearchEvent
    from tests.contracts.sql.conftest import Catalog

HOUR = timedelta(hours=1)
GENERAL = {"system": "MPA", "value": "G"}
GENTLE = Filters(content_rating_limit=RatingLimit.PG)


class Trends:
    """Searches of this week, counted, and what is told of them."""

    def __init__(self, engine: Engine) -> None:
        self.clock = FixedClock(NOON)
        self.engine = engine
        self.roll_up = SqlRollUp(engine, self.clock)
        self.texts = SqlAskedTexts(engine, self.clock)

    def rising(self, *searches: SearchEvent) -> list[str]:
        """Keep and count searches, and return what rises."""
        keep(self.engine, searches)
        self.roll_up.run()
        return list(self.texts.rising(limit=10))


@pytest.fixture
def trends(engine: Engine) -> Trends:
    return Trends(engine)


def test_fewer_people_lately_beat_more_people_long_ago(trends: Trends) -> None:
    old, new = by_each(PEOPLE, "old", at=NOON - 13 * HOUR), by_each(PEOPLE[:5], "new", at=NOON)
    assert trends.rising(*old, *new) == ["new", "old"]


def test_one_person_and_a_thousand_strangers_do_not_move_the_list(trends: Trends) -> None:
    more, fewer = by_each(PEOPLE, "more"), by_each(PEOPLE[:5], "fewer")
    loud = [*by_each(["ann"] * 40, "fewer"), *by_each([""] * 90, "fewer")]
    assert trends.rising(*more, *fewer, *loud) == ["more", "fewer"]


def test_what_found_nothing_is_over_a_day_old_or_is_of_too_few_does_not_rise(
    trends: Trends,
) -> None:
    nothing = [kept(performed("nothing", who, result_count=0)) for who in PEOPLE]
    past = by_each(PEOPLE, "past", at=NOON - 26 * HOUR)
    assert trends.rising(*nothing, *past, *by_each(PEOPLE[:4], "few")) == []


def test_what_only_strangers_look_for_now_does_not_rise(trends: Trends) -> None:
    known = by_each(PEOPLE, "known", at=NOON - 26 * HOUR)
    assert trends.rising(*known, *by_each([""] * 9, "known")) == []


@pytest.fixture
def films(catalog: Catalog, trends: Trends) -> SqlAskedTexts:
    """Heat with people and an offer in the US, for adults; and a gentle film that nobody has."""
    rated = item(maturity={"system": "MPA", "value": "R"}, overview="A thief and a detective")
    catalog.take(rated, bare("hulu", "9", "The Gentle Garden", offers=(), maturity=GENERAL))
    return trends.texts


def test_words_of_one_title_lead_to_it(films: SqlAskedTexts) -> None:
    written = ["heat", "HEAT!", "the heat", "michael mann", "thief detective", "film with thief"]
    assert films.leading(written, Filters()) == set(written)


def test_what_is_no_titles_words_leads_nowhere(films: SqlAskedTexts) -> None:
    strange = ["", "\N{CLAPPER BOARD}", "hea", "heat garden", "heat is the worst", "' | x:*"]
    assert films.leading([*strange, "buy at evil.example", "!heat & :*"], Filters()) == {
        "!heat & :*"
    }
    assert films.leading([], Filters()) == set()


def test_what_a_limit_a_genre_or_a_region_hides_leads_nowhere(films: SqlAskedTexts) -> None:
    both = ["heat", "garden"]

    assert films.leading(both, Filters()) == {"heat", "garden"}
    assert films.leading(both, GENTLE) == {"garden"}
    assert films.leading(both, Filters(blocked_genres=("Crime",))) == {"garden"}
    assert films.leading(both, Filters(region=("US",))) == {"heat"}
    assert films.leading(both, Filters(region=("CA",))) == set()


def test_a_deleted_title_leads_nowhere(films: SqlAskedTexts, catalog: Catalog) -> None:
    from sqlalchemy import text  # noqa: PLC0415 - for this test alone

    with catalog.engine.begin() as connection:
        connection.execute(text("UPDATE content SET deleted_at = now() WHERE title = 'Heat'"))
    assert films.leading(["heat"], Filters()) == set()


def test_a_list_is_what_rises_and_leads_somewhere(films: SqlAskedTexts, trends: Trends) -> None:
    assert films is trends.texts
    trends.rising(*by_each(PEOPLE, "Heat!"), *by_each(PEOPLE, "heat"), *by_each(PEOPLE, "my jim"))

    found = trending(TrendingParameters(), films)
    assert [each.query for each in found.items] == ["heat"]
