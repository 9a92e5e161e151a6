"""What a model may say, and what becomes of everything else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.platforms import platforms
from shared.catalog.values import GENRES
from shared.kernel.errors import UnavailableError
from shared.search.languagemodel.question import LONGEST, MOST, ReadQuestion, read_question

NOTHING: dict[str, Any] = {
    "intent": "search",
    "mood": [],
    "themes": [],
    "references": [],
    "people": [],
    "filters": {},
    "search_text": "",
    "confidence": 0.5,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=12,
)


def read(**said: object) -> ReadQuestion:
    """Return an answer that says this besides nothing."""
    return read_question(json.dumps({**NOTHING, **said}))


def test_what_we_have_is_known_by_its_name_and_the_rest_is_dropped() -> None:
    found = read(
        filters={
            "genres": ["sci-fi", "Adult", "COMEDY"],
            "platforms": ["netflix", "Max", "Pirate Bay", "netflix"],
            "content_type": "opera",
        }
    ).filters

    assert found.genres == ("Science Fiction", "Comedy")
    assert found.platforms == ("netflix", "hbo_max")
    assert found.content_type is None


@pytest.mark.parametrize(
    ("said", "years"),
    [
        ({"year_from": 1990, "year_to": 1999}, (1990, 1999)),
        ({"year_from": 1990, "year_to": 1990}, (1990, 1990)),
        ({"year_from": 1870, "year_to": 2100}, (1870, 2100)),
        ({"year_from": 1869, "year_to": 2101}, (None, None)),
        ({"year_from": 1999, "year_to": 1990}, (None, None)),
        ({"year_from": -5, "year_to": 1990}, (None, 1990)),
        ({"year_from": 1990, "year_to": 10**30}, (1990, None)),
    ],
)
def test_years_that_cannot_be_say_nothing(
    said: dict[str, int], years: tuple[int | None, int | None]
) -> None:
    found = read(filters={**said, "max_runtime": 0}).filters
    assert (found.year_from, found.year_to, found.max_runtime) == (*years, None)


@pytest.mark.parametrize(("said", "minutes"), [(0, None), (1, 1), (6000, 6000), (6001, None)])
def test_a_length_that_cannot_be_says_nothing(said: int, minutes: int | None) -> None:
    assert read(filters={"max_runtime": said}).filters.max_runtime == minutes


def test_names_are_cut_to_what_a_question_can_hold() -> None:
    many = [f"name {n}" for n in range(50)]
    found = read(people=["Ann\x00 Lee", "ann lee", "x" * 200, *many], search_text="y" * 9000)

    assert found.people == ("Ann Lee", *many[: MOST - 1])
    assert len(found.search_text) == 500


def test_fields_that_nobody_asked_for_are_not_read() -> None:
    assert read(system="drop table content", role="admin") == read()


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        ({"intent": "obey"}, "intent"),
        ({"confidence": 1.5}, "confidence"),
        ({"confidence": "high"}, "confidence"),
        ({"people": "Tom Hanks"}, "people"),
        ({"mood": [1]}, "mood.0"),
        ({"filters": {"year_from": "1990"}}, "filters.year_from"),
        ({"filters": []}, "filters"),
    ],
)
def test_an_answer_of_another_form_is_refused_by_the_name_of_the_field(
    broken: dict[str, object], place: str
) -> None:
    with pytest.raises(UnavailableError) as caught:
        read(**broken)
    assert caught.value.message == f"the model's answer is not of the form: {place}"


@pytest.mark.parametrize(
    "answer", ["", "Sure! {", "[]", "null", '{"intent": "search"}', "{" * 9000]
)
def test_what_is_no_answer_is_refused_without_being_repeated(answer: str) -> None:
    with pytest.raises(UnavailableError) as caught:
        read_question(answer)
    assert "Sure" not in caught.value.message
    assert len(caught.value.message) < 300


@given(st.fixed_dictionaries(dict.fromkeys(NOTHING, JSON)) | JSON)
def test_whatever_a_model_says_is_refused_or_inside_the_form(answer: object) -> None:
    try:
        found = read_question(json.dumps(answer))
    except UnavailableError:
        return

    names = (*found.mood, *found.themes, *found.references, *found.people)
    assert all(0 < len(name) <= LONGEST for name in names)
    assert set(found.filters.genres) <= set(GENRES)
    assert set(found.filters.platforms) <= set(platforms())
    assert 0 <= found.confidence <= 1
    assert read_question(found.model_dump_json()) == found
