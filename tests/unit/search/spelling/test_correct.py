"""What is corrected, and what never is."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.search.spelling.correct import LONGEST, Speller
from shared.search.spelling.names import Names

TITLES = ["the empire strikes back", "inception", "heat", "thief", "loev", "love actually"]
OTHER = {"comedy": 50, "thriller": 30, "horror": 40, "love": 90, "nolan": 9, "nolte": 2}
SPELLER = Speller.build(
    Names.build([(title, 0.5) for title in TITLES]),
    Counter({**OTHER, **Counter(word for title in TITLES for word in title.split())}),
    ["underrated"],
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("the empire strikes bakc", "the empire strikes back"),
        ("Empire Strickes Back", "the empire strikes back"),
        ("inceptoin", "inception"),
        ("movies like inceptoin", "movies like inception"),
        ("comdy with a theif", "comedy with a thief"),
        ("horrer nolan", "horror nolan"),
        ("thriler", "thriller"),
    ],
)
def test_what_is_no_word_becomes_the_word_that_was_meant(written: str, meant: str) -> None:
    found = SPELLER.correct(written)

    assert found.meant == meant
    assert found.changed
    assert 0.5 <= found.confidence < 1


@pytest.mark.parametrize(
    "written",
    ["loev", "heat", "Love Actually", "nolan", "underrated comedy", "nolte horror", "the movie"],
)
def test_names_and_words_that_exist_are_never_corrected(written: str) -> None:
    found = SPELLER.correct(written)
    assert (found.changed, found.confidence) == (False, 1.0)


def test_a_known_word_is_kept_when_the_rest_looks_like_a_name() -> None:
    assert SPELLER.correct("nolan strikes bakc").meant == "nolan strikes back"


@pytest.mark.parametrize("written", ["xzqw", "qqqqqqqq", "2o24", "hte", "", "🍿"])
def test_what_nothing_is_near_to_stays(written: str) -> None:
    assert not SPELLER.correct(written).changed


def test_an_unknown_word_lowers_the_confidence_to_a_half() -> None:
    assert [t.confidence for t in SPELLER.correct("comedy xzqwv").tokens] == [1.0, 0.5]


@given(st.text(max_size=LONGEST + 20))
def test_whatever_is_corrected_needs_no_second_correction(written: str) -> None:
    once = SPELLER.correct(written)
    assert not SPELLER.correct(once.meant).changed or once.confidence <= 0.85


@given(st.lists(st.sampled_from([*OTHER, *(" ".join(TITLES).split())]), max_size=8))
def test_a_query_of_known_words_is_left_alone(known: list[str]) -> None:
    assert not SPELLER.correct(" ".join(known)).changed


def test_words_survive_being_arrays() -> None:
    again = Speller.from_arrays(SPELLER.arrays(), SPELLER.names)

    assert again.correct("comdy with a theif") == SPELLER.correct("comdy with a theif")
    assert again.knows("underrated")
