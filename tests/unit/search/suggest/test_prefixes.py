"""Beginnings of words, judged by looking at every name."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.search.suggest.prefixes import HEAD_FROM, INSIDE, Prefixes
from shared.search.suggest.slips import one_slip_away
from tests.unit.search.suggest.conftest import letters

NAME = st.lists(st.text("abcé", min_size=1, max_size=4), min_size=1, max_size=4).map(" ".join)
CATALOG = st.lists(NAME, min_size=1, max_size=25)


def index(names: list[str]) -> Prefixes:
    popularity = np.linspace(1, 0.1, len(names), dtype=np.float32)
    return Prefixes.build([(name, owner) for owner, name in enumerate(names)], popularity)


def begun(names: list[str], typed: str) -> set[int]:
    """Return by looking at all of them which names have a word that begins so."""
    return {i for i, name in enumerate(names) if f" {typed}" in f" {name}"}


@given(CATALOG, st.text("abcé ", min_size=1, max_size=4))
def test_what_begins_so_is_what_a_scan_finds(names: list[str], typed: str) -> None:
    made = index(names)
    start, end = made.range_of(typed)

    if not typed.startswith(" "):
        assert set(made.owners[start:end].tolist()) == begun(names, typed)
        assert made.begins(typed, (0, len(made.places))) == (start < end)


@given(CATALOG, st.text("abcé", min_size=1, max_size=3))
def test_the_best_are_those_of_the_greatest_weight_in_order(names: list[str], typed: str) -> None:
    made = index(names)
    start, end = made.range_of(typed)

    best = made.best(typed, None, limit=5)

    weights = made.weights[best].tolist()
    assert weights == sorted(made.weights[start:end].tolist(), reverse=True)[:5]


def test_heads_say_what_the_ranges_say() -> None:
    rng = np.random.default_rng(3)
    names = ["".join(rng.choice(list("ab"), 6)) for _ in range(4 * HEAD_FROM)]
    made, plain = index(names), index(names)
    plain._heads.clear()

    assert {"", "a", "b"} <= made._heads.keys()
    for prefix in made._heads:
        best = made.best(prefix, None, limit=9)
        assert best.tolist() == plain.best(prefix, None, limit=9).tolist()


def test_what_is_not_allowed_is_not_among_the_best() -> None:
    made = index(["blue", "black", "blood"])
    best = made.best("bl", np.array([False, True, True]), limit=5)
    assert made.owners[best].tolist() == [1, 2]


def test_an_inner_word_weighs_less_than_a_beginning_and_an_article_is_none() -> None:
    made = index(["the matrix"])
    places = zip(made.places.tolist(), made.weights.tolist(), strict=True)
    weights = {made.data[place:-1].decode(): weight for place, weight in places}
    assert weights["matrix"] == weights["the matrix"] == 1
    assert index(["enter the matrix"]).weights.min() == np.float32(INSIDE)


@given(CATALOG, st.text("abcé", min_size=3, max_size=5))
def test_one_slip_away_is_what_trying_every_letter_finds(names: list[str], typed: str) -> None:
    made = index(names)

    found = {other for other, _ in one_slip_away(made, typed)}

    assert found == {other for other in letters(typed) if begun(names, other)} - {typed}
