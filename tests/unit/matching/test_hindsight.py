"""Which stored titles turn out to be one, once more is known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.values import ContentType
from shared.kernel.ids import CountingIds
from shared.matching.directory import Directory
from shared.matching.facts import Facts, facts_of
from shared.matching.hindsight import (
    REASONS,
    Question,
    are_one,
    evidence,
    learned_bars,
    questions_of,
    settle,
)
from shared.matching.resolve import ACCEPT, resolve
from tests.unit.matching.items import item

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from shared.catalog.item import CanonicalItem

TOLD = "A career thief plans one last robbery while a detective closes in on his crew."
RARE = {"title": "Requiem for a Heavyweight", "overview": TOLD}
SWEDISH = {"title": "Jaktens hetta"}
BOTH_NAMES = {"original_title": "Jaktens hetta"}
EASY = dict.fromkeys(REASONS, ACCEPT)


def settled(*items: CanonicalItem) -> tuple[list[UUID], Mapping[UUID, UUID]]:
    """Return where items go one after the other, and which titles are joined afterwards."""
    directory, ids = Directory(), CountingIds()
    made = [resolve(one, directory, ids) for one in items]
    return [one.content_id for one in made], settle(questions_of(made), directory.facts)


def asked(*items: CanonicalItem) -> set[str]:
    """Return what is asked of items that are resolved one after the other."""
    directory, ids = Directory(), CountingIds()
    made = [resolve(one, directory, ids) for one in items]
    return {question.reason for question in questions_of(made)}


def test_two_titles_that_a_third_item_matches_are_joined_into_the_older() -> None:
    places, kept = settled(
        item("netflix", "1", **SWEDISH), item("hulu", "2"), item("hbo_max", "3", **BOTH_NAMES)
    )

    first, second, third = places
    assert first != second
    assert third in {first, second}
    assert kept == {second: first}


@pytest.mark.parametrize(
    "other",
    [
        {"release_year": 1996, "title": "Heat 2"},
        {"content_type": ContentType.SERIES},
        {"genres": ("Romance",), "countries": ("FR",), "runtime_minutes": 95, "credits": ()},
    ],
)
def test_two_titles_that_look_like_two_are_not_asked_about(other: dict[str, object]) -> None:
    assert "both-match" not in asked(
        item("netflix", "1", **SWEDISH),
        item("hulu", "2", **other),
        item("hbo_max", "3", **BOTH_NAMES),
    )


def test_two_titles_whose_years_lie_apart_are_not_joined_by_the_item_between_them() -> None:
    before, after = {"release_year": 1994, **SWEDISH}, {"release_year": 1996}

    places, kept = settled(
        item("netflix", "1", **before),
        item("hulu", "2", **after),
        item("hbo_max", "3", **BOTH_NAMES),
    )

    assert len(set(places)) == 2
    assert kept == {}


def test_one_film_dated_twice_is_joined_where_everything_else_is_the_same() -> None:
    places, kept = settled(
        item("netflix", "1", **RARE), item("hulu", "2", release_year=1998, **RARE)
    )

    assert kept == {places[1]: places[0]}


def test_a_remake_that_tells_the_same_story_in_other_words_stays() -> None:
    other = {**RARE, "overview": "After years behind bars a boxer returns to the ring for his son."}

    _, kept = settled(
        item("netflix", "1", **RARE), item("hulu", "2", release_year=2013, credits=(), **other)
    )

    assert kept == {}


def test_numbers_part_two_titles_whose_years_lie_apart() -> None:
    part, other = facts_of(item(title="Rocky")), facts_of(item(title="Rocky 2", release_year=1999))

    assert evidence("years-apart", part, other) is None


def test_years_apart_are_forgiven_only_where_they_were_the_question() -> None:
    early, late = facts_of(item(**RARE)), facts_of(item(release_year=1998, **RARE))

    assert evidence("years-apart", early, late)
    assert evidence("both-match", early, late) is None


@pytest.mark.parametrize("reason", ["ids-disagree", "id-elsewhere", "id-contradicts-year"])
def test_questions_about_ids_are_left_to_a_person(reason: str) -> None:
    same = facts_of(item())

    assert are_one(reason, same, same, {reason: 0.0}) is None


def test_a_reason_without_a_bar_joins_nothing() -> None:
    same = facts_of(item())

    assert are_one("similar-title", same, same, {"both-match": ACCEPT}) is None


def test_the_bars_that_are_shipped_are_no_lower_than_the_one_for_items() -> None:
    bars = learned_bars()

    assert set(bars) <= set(REASONS)
    assert all(ACCEPT <= bar < 1 for bar in bars.values())


NAMES = st.sampled_from(("heat", "requiem for a heavyweight", "jaktens hetta"))
FACTS = st.builds(
    Facts,
    content_type=st.just("movie"),
    keys=st.lists(NAMES, min_size=1, max_size=2, unique=True).map(tuple),
    year=st.integers(1994, 1998),
    runtime=st.sampled_from((None, 100, 170)),
    genres=st.just(frozenset({"Crime"})),
    countries=st.just(frozenset({"US"})),
)
TITLES = st.lists(FACTS, min_size=2, max_size=6).map(
    lambda found: {UUID(int=n): facts for n, facts in enumerate(found, 1)}
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[UUID, Facts], list[Question]]:
    """Return titles and questions about them."""
    titles = draw(TITLES)
    one = st.sampled_from(sorted(titles))
    pairs = draw(st.lists(st.tuples(st.sampled_from(REASONS), one, one), max_size=8))
    return titles, [Question(why, left, right) for why, left, right in pairs if left != right]


@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_questions_says_nothing_and_titles_lead_to_older_ones_that_stay(
    world: tuple[dict[UUID, Facts], list[Question]], shuffler: Random
) -> None:
    titles, questions = world
    shuffled = list(questions)
    shuffler.shuffle(shuffled)

    kept = settle(questions, titles, EASY)

    assert kept == settle(shuffled, titles, EASY)
    assert all(into < gone and into not in kept for gone, into in kept.items())


@given(worlds())
def test_what_reaches_no_bar_or_has_none_stays_a_question(
    world: tuple[dict[UUID, Facts], list[Question]],
) -> None:
    titles, questions = world

    assert settle(questions, titles, dict.fromkeys(REASONS, 1.0)) == {}
    assert settle(questions, titles, {}) == {}
