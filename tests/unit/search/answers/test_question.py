"""Searches have one key if and only if they have one answer."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.search.answers import question
from shared.search.answers.question import Question
from shared.search.filters import Filters
from shared.search.query import SearchQuery
from shared.search.tuning.model import DEFAULT, Tuned

USUAL = Question(SearchQuery(query="Heat"), Tuned(), "c1")
QUERY: dict[str, Any] = {
    "query": "heat",  # letters are read: a capital may make a name
    "filters": Filters(region=("US",)),
    "page": 2,
    "page_size": 21,
    "sort": "newest",
    "strategy": "keyword",
    "explain": True,
    "verbatim": True,
    "without": ("genre:drama",),
    "facets": True,
}
FILTERS: dict[str, Any] = {
    "genres": ("Drama",),
    "genre_match": "all",
    "blocked_genres": ("Drama",),
    "content_rating_limit": "PG",
    "allow_unrated": True,
    "platforms": ("netflix",),
    "region": ("US",),
    "content_types": ("movie",),
    "availability_types": ("free",),
    "free_only": True,
    "year_from": 1990,
    "year_to": 1990,
    "years": ("1990s",),
    "min_runtime": 90,
    "max_runtime": 90,
    "min_rating": 7.5,
    "max_rating": 7.5,
    "ratings": ("Good",),
    "languages": ("en",),
    "keywords": ("heist",),
    "creators": ("Michael Mann",),
    "min_data_quality_score": 0.5,
    "leaving_days": 7,
    "added_days": 7,
}
"""Of every field a value that is not the usual one."""
OTHERS = st.fixed_dictionaries({}, optional={n: st.just(v) for n, v in QUERY.items()})
NARROWED = st.fixed_dictionaries({}, optional={n: st.just(v) for n, v in FILTERS.items()})


def asked(query: dict[str, Any], filters: dict[str, Any]) -> SearchQuery:
    return SearchQuery(**{"query": "Heat", **query, "filters": Filters(**filters)})


def test_no_field_is_forgotten_here() -> None:
    assert QUERY.keys() == SearchQuery.model_fields.keys()
    assert FILTERS.keys() == Filters.model_fields.keys()


@given(OTHERS, NARROWED, OTHERS, NARROWED)
def test_searches_have_one_key_if_and_only_if_they_are_the_same(
    one: dict[str, Any], narrowed: dict[str, Any], other: dict[str, Any], otherwise: dict[str, Any]
) -> None:
    first, second = asked(one, narrowed), asked(other, otherwise)
    keys = [replace(USUAL, query=query).key for query in (first, second)]
    assert (keys[0] == keys[1]) == (first == second)


@pytest.mark.parametrize("name", QUERY)
def test_every_parameter_makes_another_key(name: str) -> None:
    changed = SearchQuery(**{"query": "Heat", name: QUERY[name]})
    assert replace(USUAL, query=changed).key != USUAL.key


@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_makes_another_key(name: str) -> None:
    changed = SearchQuery(query="Heat", filters=Filters(**{name: FILTERS[name]}))
    assert replace(USUAL, query=changed).key != USUAL.key


def test_ranking_variant_catalog_caller_and_form_make_other_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tuned = [
        Tuned(version=1),
        Tuned(variant="more-words"),
        Tuned(DEFAULT.model_copy(update={"rrf_k": 61})),
    ]
    others = [replace(USUAL, tuned=one) for one in tuned]
    others += [replace(USUAL, catalog="c2"), replace(USUAL, anonymous=False)]
    keys = [one.key for one in (USUAL, *others)]
    monkeypatch.setattr(question, "FORM", question.FORM + 1)

    assert len({*keys, USUAL.key}) == len(keys) + 1
    assert {field.name for field in fields(Question)} == {
        "query", "tuned", "catalog", "anonymous",
    }  # fmt: skip


@pytest.mark.parametrize("written", ["  Heat", "Heat \t", "He\x00at"])
def test_blanks_around_a_question_say_nothing(written: str) -> None:
    assert replace(USUAL, query=SearchQuery(query=written)).key == USUAL.key


def test_the_order_in_which_chips_were_taken_away_says_nothing() -> None:
    ways = [("a", "b"), ("b", "a"), ("b", "a", "b")]
    keys = {replace(USUAL, query=SearchQuery(query="Heat", without=way)).key for way in ways}
    assert len(keys) == 1


@given(st.text(max_size=80), st.text(max_size=80))
def test_texts_that_are_compared_as_different_have_different_keys(one: str, other: str) -> None:
    first, second = SearchQuery(query=one), SearchQuery(query=other)
    keys = [replace(USUAL, query=query).key for query in (first, second)]
    assert (keys[0] == keys[1]) == (first.text == second.text)
