"""Names found in spite of slips."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.search.spelling.grams import GramIndex
from shared.search.spelling.names import Names
from shared.search.spelling.strings import Strings

FILMS = {
    "the shawshank redemption": 0.9,
    "the godfather": 0.9,
    "godfather of harlem": 0.5,
    "the godmother": 0.3,
    "thief": 0.4,
    "thee": 0.2,
    "deal": 0.3,
    "dark": 0.8,
    "heat": 0.7,
    "the hate u give": 0.5,
    "no": 0.1,
    "नमस्ते लंदन": 0.3,
    "amelie": 0.7,
}
NAMES = Names.build(list(FILMS.items()))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("the shawhsank redemption", "the shawshank redemption"),
        ("shawshank redemtion", "the shawshank redemption"),
        ("teh godafther", "the godfather"),
        ("theif", "thief"),
        ("dael", "deal"),
        ("amelei", "amelie"),
        ("नमसते लंदन", "नमस्ते लंदन"),
        ("no", "no"),
    ],
)
def test_a_mistyped_name_is_found(written: str, meant: str) -> None:
    assert NAMES.match(written, limit=3)[0].name == meant


@pytest.mark.parametrize("name", FILMS)
def test_a_name_as_it_is_comes_first_however_popular_others_are(name: str) -> None:
    first = NAMES.match(name, limit=1)[0]
    assert (first.name, first.price) == (name, 0)


def test_what_shares_nothing_is_no_match() -> None:
    assert NAMES.match("qqqq", limit=5) == []
    assert NAMES.match("", limit=5) == []
    assert Names.build([]).match("heat", limit=5) == []


def test_matches_come_by_score_and_never_more_than_asked_for() -> None:
    found = NAMES.match("the godfathr", limit=4)

    assert len(found) <= 4
    assert [m.score for m in found] == sorted(m.score for m in found)


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=8), max_size=20, unique=True))
def test_names_survive_being_arrays(names: list[str]) -> None:
    kept = Names.build([(name, 0.5) for name in names])
    again = Names.from_arrays(kept.arrays("x"), "x")

    assert list(again.strings) == sorted(names)
    assert all(again.find(name) == sorted(names).index(name) for name in names)
    for name in names:
        assert again.match(name, limit=3) == kept.match(name, limit=3)


@given(st.lists(st.text(max_size=5), max_size=10).map(sorted), st.text(max_size=5))
def test_a_string_is_found_where_it_is_and_nowhere_else(strings: list[str], asked: str) -> None:
    strings = [s.encode("utf-8", "ignore").decode() for s in strings]
    packed = Strings.of(sorted(set(strings)))
    place = packed.find(asked)

    assert (place is not None) == (asked in strings)
    assert place is None or packed[place] == asked


@given(st.lists(st.text("abcd ", min_size=1, max_size=9), min_size=1, max_size=30, unique=True))
def test_cosine_finds_what_adding_up_all_pieces_finds(names: list[str]) -> None:
    index = GramIndex.build(names)
    prior = np.zeros(len(names), np.float32)

    for place, name in enumerate(names):
        found = index.nearest(name, prior, limit=len(names))
        assert place in found, "no name is nearer to itself than it is"
