"""Folding: one way of writing for what is stored and for what is asked."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.kernel.text import clean, fold, title_key, words


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_cleaning_twice_is_cleaning_once_and_leaves_no_nul(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert "\x00" not in clean(text)


@given(st.text(alphabet=" ae\t\xa0\u2003\u0301\x07"))
@example("a  b")
def test_plain_text_is_cleaned_as_it_would_be_on_a_line_of_its_own(text: str) -> None:
    assert clean(text) == clean(f"\n{text}")


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_plain_text_folds_as_it_would_among_other_scripts(text: str) -> None:
    assert fold(text) == fold(text + " é").removesuffix("e").strip()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Amélie", "AMELIE"),
        ("The Matrix", "Matrix"),
        ("Rocky III", "Rocky 3"),
        ("The Godfather Part II", "Godfather, Part 2"),
        ("Dune (2021)", "Dune"),
        ("Ocean's Eleven", "Oceans Eleven"),
        ("Ocean’s Eleven", "Ocean's Eleven"),
        ("Tom & Jerry", "Tom and Jerry"),
        ("Spider-Man", "Spider Man"),
        ("Æon Flux", "Aeon Flux"),
        ("Łódź", "Lodz"),
        ("Straße", "Strasse"),
        ("\uff28\uff45\uff41\uff54", "heat"),
    ],
)
def test_two_spellings_of_one_title_meet(one: str, other: str) -> None:
    assert title_key(one) == title_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Rocky II", "Rocky III"), ("Alien", "Aliens"), ("Heat", "The Wheat"), ("1917", "1918")],
)
def test_titles_of_different_works_stay_apart(one: str, other: str) -> None:
    assert title_key(one) != title_key(other)


@pytest.mark.parametrize("title", ["The The", "It", "2012", "!!!", "(2021)", "The"])
def test_no_title_folds_to_nothing(title: str) -> None:
    assert title_key(title)


def test_vowel_signs_stay_inside_their_words() -> None:
    assert words("नमस्ते लंदन") == ["नमस्ते", "लंदन"]
