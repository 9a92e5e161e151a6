"""From a query to the words that are asked for."""

from hypothesis import given
from hypothesis import strategies as st

from shared.search.words import (
    MAX_WORDS,
    all_words,
    any_in_titles,
    any_word,
    each_word,
    in_titles,
    some_words,
    telling_words,
)


def test_common_words_do_not_tell_titles_apart() -> None:
    assert telling_words("a movie about the moon") == ["moon"]


def test_a_title_of_nothing_but_common_words_keeps_them() -> None:
    assert telling_words("It") == ["it"]


def test_the_last_word_may_be_the_start_of_one() -> None:
    assert all_words(["star", "wars"]) == "star & wars:*"
    assert all_words(["star", "x"]) == "star & x"
    assert all_words([]) == ""


def test_each_word_stands_alone_and_only_the_last_may_go_on() -> None:
    assert each_word(["blade", "run"]) == ["blade", "run:*"]
    assert each_word(["up"]) == ["up"]
    assert each_word([]) == []
    assert any_word(["blade", "run"]) == "blade | run"


def test_some_words_are_any_two_of_them() -> None:
    assert some_words(["heat"]) == "heat:*"
    assert some_words(["a1", "b2"]) == "a1 | b2"
    assert some_words(["a1", "b2", "c3"]) == "(a1 & b2) | (a1 & c3) | (b2 & c3)"


def test_words_in_titles_carry_the_weight_of_titles() -> None:
    assert in_titles(["star", "wars"]) == "star:A & wars:A"
    assert any_in_titles(["star", "wars"]) == "star:A | wars:A"


@given(st.text(max_size=500))
def test_no_query_brings_an_operator_of_its_own(query: str) -> None:
    found = telling_words(query)
    assert len(found) <= MAX_WORDS
    assert not set("".join(found)) & set("&|!():*<>'\\\" ")
