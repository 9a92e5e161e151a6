"""Pseudonyms, texts and moments of searches."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.ids import named
from shared.search.analytics.events import (
    LONGEST,
    Pseudonyms,
    moment_of,
    monday,
    normalized,
    told_filters,
)
from shared.search.filters import Filters
from tests.fakes.searches import NOON, PSEUDONYMS, kept, opened, performed, search_id

WEEK = timedelta(days=7)
Moments = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware beside


@pytest.mark.parametrize(
    "written",
    ["Dune", " dune ", "DUNE", "\uff24\uff55\uff4e\uff45", "d\x00une", "\tdune\n", "Dune\u200a"],
)
def test_equal_questions_meet_however_they_are_written(written: str) -> None:
    assert normalized(written) == "dune"


@given(st.text(max_size=600))
def test_a_text_is_short_and_storable_and_normalizing_keeps_it_so(typed: str) -> None:
    found = normalized(typed)

    assert len(found) <= LONGEST
    assert "\x00" not in found
    assert found == found.strip() == found.encode("utf-8").decode("utf-8")


@given(Moments)
def test_an_identifier_says_when_it_was_made(at: datetime) -> None:
    assert timedelta(0) <= at - moment_of(search_id(at)) < timedelta(milliseconds=1)


LATEST = UUID("ffffffff-ffff-7b31-8000-2f3c5a1d9e41")


@pytest.mark.parametrize("other", [named("x"), UUID(int=1), UUID(int=0), LATEST])
def test_an_identifier_of_another_kind_or_of_no_year_of_ours_says_no_time(other: UUID) -> None:
    with pytest.raises(ValueError, match="an identifier of a search"):
        moment_of(other)


@given(Moments)
def test_a_week_begins_on_monday_and_has_seven_days(at: datetime) -> None:
    first = monday(at)
    assert first.weekday() == 0
    assert first <= at.date() < first + WEEK
    assert monday(at + WEEK) == first + WEEK


def test_a_person_is_another_in_every_week_and_with_every_key() -> None:
    week = date(2026, 1, 5)
    made = PSEUDONYMS.of_person("ann", week)

    assert made == Pseudonyms(b"k" * 32).of_person("ann", week)
    others = [
        PSEUDONYMS.of_person("bob", week),
        PSEUDONYMS.of_person("ann", week + WEEK),
        Pseudonyms(b"l" * 32).of_person("ann", week),
        PSEUDONYMS.of_text("ann"),
    ]
    assert len({made, *others}) == 5
    assert {len(each) for each in (made, *others)} == {32}


def test_a_key_is_never_shown() -> None:
    assert "kkk" not in repr(PSEUDONYMS)


def test_a_search_keeps_its_time_its_figures_and_its_week() -> None:
    found = kept(performed("  Dune ", "ann", variant="b", ranking_version=3))

    assert (found.occurred_at, found.week, opened(found)) == (NOON, date(2026, 1, 5), "dune")
    assert found.query_hash == PSEUDONYMS.of_text("dune")
    assert found.principal_hash == PSEUDONYMS.of_person("ann", date(2026, 1, 5))
    assert (found.result_count, found.ranking_version, found.variant) == (10, 3, "b")


@pytest.mark.parametrize(("typed", "user"), [("dune", ""), (" \x00", "ann"), ("", "")])
def test_a_text_that_cannot_become_anybodys_is_not_even_sealed(typed: str, user: str) -> None:
    found = kept(performed(typed, user))

    assert found.sealed_text == ""
    assert (found.principal_hash is None) == (user == "")


def test_filters_are_told_without_what_was_written_freely() -> None:
    filters = Filters(free_only=True, year_from=1990, keywords=("x", "y"), creators=("z",))
    told = told_filters(filters)
    assert told == {"free_only": True, "year_from": 1990, "keywords": 2, "creators": 1}
    assert told_filters(Filters()) == {}
