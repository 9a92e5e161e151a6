"""Whether a question is meant as the name of a title."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.search.naming import as_meant, is_name
from shared.search.ports import Hit
from tests.unit.search.sources import title

FILMS = [
    "The Godfather",
    "GodFather",
    "The Godfather: Part II",
    "The Legend of Awesomest Maximus",
    "Harry Potter and the Goblet of Fire",
    "National Lampoon's Christmas Vacation",
    "Die Hard",
    "Hard",
]
shelf = [title(number, title=name) for number, name in enumerate(FILMS)]
names = st.sampled_from(FILMS)


def found(*names: str, exact: tuple[str, ...] = ()) -> dict[str, Hit]:
    """Return hits of films whose names have the words, with those that are exactly these."""
    return {
        each.id: Hit(each.id, exact=each.title in exact, phrase=True)
        for each in shelf
        if each.title in names
    }


def named(hits: dict[str, Hit], asked: str) -> dict[str, tuple[bool, bool]]:
    """Return whether each title is exactly what was asked for, and whether it has the phrase."""
    meant = as_meant(asked, shelf, hits)
    return {each.title: (h.exact, h.phrase) for each in shelf if (h := meant.get(each.id))}


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("christmas vacation", "National Lampoon's Christmas Vacation"),
        ("HARRY potter", "Harry Potter and the Goblet of Fire"),
        ("rocky", "Rocky IV"),
        ("rocky iv", "Rocky 4"),
        ("last jedi", "Star Wars: The Last Jedi"),
        ("amelie", "Amélie"),
    ],
)
def test_half_of_a_name_or_the_whole_of_it_without_its_subtitle_is_a_name(
    asked: str, name: str
) -> None:
    assert is_name(asked, name)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("maximus", "The Legend of Awesomest Maximus"),
        ("vacation christmas", "National Lampoon's Christmas Vacation"),
        ("rock", "Rocky"),
        ("of fire", "Harry Potter and the Goblet of Fire"),
        ("", "Rocky"),
        ("rocky", ""),
    ],
)
def test_a_small_part_other_words_or_no_words_are_no_name(asked: str, name: str) -> None:
    assert not is_name(asked, name)


def test_a_word_that_is_a_small_part_of_the_one_title_that_has_it_is_no_phrase() -> None:
    assert named(found(FILMS[3]), "maximus") == {FILMS[3]: (False, False)}


def test_where_the_words_are_one_name_every_title_that_has_them_keeps_its_phrase() -> None:
    hits = found("GodFather", "The Godfather: Part II", FILMS[3], exact=("GodFather",))

    assert all(phrase for _, phrase in named(hits, "godfather").values())


def test_an_article_that_was_written_parts_titles_that_differ_in_nothing_else() -> None:
    hits = found("The Godfather", "GodFather", exact=("The Godfather", "GodFather"))

    assert named(hits, "The  Godfather") == {
        "The Godfather": (True, True),
        "GodFather": (False, True),
    }


def test_a_word_that_is_an_article_elsewhere_parts_titles_too() -> None:
    hits = found("Die Hard", "Hard", exact=("Die Hard", "Hard"))

    assert [exact for exact, _ in named(hits, "die hard").values()] == [True, False]


@pytest.mark.parametrize("asked", ["godfather", "a godfather"])
def test_an_article_that_was_left_out_or_that_no_title_has_parts_none(asked: str) -> None:
    hits = found("The Godfather", "GodFather", exact=("The Godfather", "GodFather"))

    assert all(exact for exact, _ in named(hits, asked).values())


def test_a_title_that_goes_by_the_name_as_another_of_its_names_stays_exact() -> None:
    exact = ("The Godfather", FILMS[5])

    assert named(found(*exact, exact=exact), "the godfather")[FILMS[5]] == (True, True)


@given(
    st.text(max_size=40) | names, st.dictionaries(names, st.tuples(st.booleans(), st.booleans()))
)
def test_no_mark_is_ever_given_and_never_the_last_exact_one_taken(
    asked: str, marks: dict[str, tuple[bool, bool]]
) -> None:
    before = {
        each.id: Hit(each.id, exact=marks[each.title][0], phrase=marks[each.title][1])
        for each in shelf
        if each.title in marks
    }

    after = as_meant(asked, shelf, before)

    assert after.keys() == before.keys()
    assert all(before[id_].exact >= hit.exact for id_, hit in after.items())
    assert all(before[id_].phrase >= hit.phrase for id_, hit in after.items())
    assert any(h.exact for h in after.values()) == any(h.exact for h in before.values())
