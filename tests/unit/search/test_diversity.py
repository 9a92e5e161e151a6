"""The first results told apart (spec/discovery §5.8)."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.vectors import normalize
from shared.search.diversity import (
    DIVERSIFIED,
    MOST_OF_A_FRANCHISE,
    Traits,
    diversified,
    names_a_title,
)
from shared.search.ports import Candidate
from shared.search.ranking import Ranked


def ranked(name: str, score: float, *, exact: bool = False) -> Ranked:
    return Ranked(Candidate(name, name, 2000, frozenset(), 0.5, 0.5, None), score, {}, exact=exact)


def order(found: list[Ranked]) -> list[str]:
    return [item.candidate.id for item in found]


def at_angle(degrees: float) -> Traits:
    turn = np.deg2rad(degrees)
    return Traits(None, None, np.array([np.cos(turn), np.sin(turn)], np.float32))


def unlike(genre: str | None = None, franchise: str | None = None) -> Traits:
    return Traits(genre, franchise, None)


kinds = st.builds(
    unlike, st.sampled_from([None, "Drama", "Crime"]), st.sampled_from([None, "x", "y"])
)
answers = st.lists(kinds, max_size=60).map(
    lambda traits: (
        [ranked(f"t{n:02}", 1 - n / 100) for n in range(len(traits))],
        {f"t{n:02}": each for n, each in enumerate(traits)},
    )
)


def test_a_copy_of_the_first_makes_room_for_something_else() -> None:
    found = [ranked("first", 0.9), ranked("copy", 0.85), ranked("other", 0.7)]
    traits = {"first": at_angle(0), "copy": at_angle(1), "other": at_angle(90)}

    assert order(diversified(found, traits)) == ["first", "other", "copy"]


def test_relevance_alone_counts_where_the_trade_is_one() -> None:
    found = [ranked("first", 0.9), ranked("copy", 0.85), ranked("other", 0.7)]
    traits = {"first": at_angle(0), "copy": at_angle(1), "other": at_angle(90)}

    assert diversified(found, traits, trade=1.0) == found


def test_each_place_goes_to_the_maximum_of_the_definition() -> None:
    rng = np.random.default_rng(2)
    vectors, scores = normalize(rng.normal(size=(12, 4))), np.sort(rng.uniform(size=12))[::-1]
    found = [ranked(f"{n:02}", float(score)) for n, score in enumerate(scores)]
    traits = {f"{n:02}": Traits(None, None, vector) for n, vector in enumerate(vectors)}

    chosen: list[int] = []
    while len(chosen) < len(found):
        left = [at for at in range(len(found)) if at not in chosen]
        nearest = [max([0.0, *(vectors[at] @ vectors[c] for c in chosen)]) for at in left]
        worth = [0.7 * scores[a] / scores[0] - 0.3 * n for a, n in zip(left, nearest, strict=True)]
        chosen.append(left[int(np.argmax(worth))])

    assert order(diversified(found, traits)) == [f"{at:02}" for at in chosen]


def test_exact_titles_stay_where_they_are_however_alike() -> None:
    found = [ranked("one", 0.2, exact=True), ranked("two", 0.1, exact=True), ranked("far", 0.9)]
    traits = {"one": at_angle(0), "two": at_angle(0), "far": at_angle(90)}

    assert order(diversified(found, traits)) == ["one", "two", "far"]


def test_a_question_names_a_title_that_it_is_that_it_begins_or_half_of_whose_name_it_is() -> None:
    jones = [ranked("Indiana Jones and the Last Crusade", 0.9), ranked("Jones", 0.8)]
    maximus = [ranked("The Legend of Awesomest Maximus", 0.9)]

    assert names_a_title("heat", [ranked("Thief", 0.9), ranked("Heat", 0.8, exact=True)])
    assert names_a_title("INDIANA jones", jones)
    assert names_a_title("jones", jones)
    assert names_a_title("legend", maximus)
    assert not names_a_title("maximus", maximus)
    assert not names_a_title("indiana jon", jones)
    assert not names_a_title("", jones)
    assert not names_a_title("heat", [])


def test_a_fourth_of_one_genre_waits_until_five_have_another_among_them() -> None:
    found = [ranked(f"t{n}", 1 - n / 10) for n in range(6)]
    traits = {f"t{n}": unlike("Drama" if n < 4 else "Crime") for n in range(6)}

    assert order(diversified(found, traits)) == ["t0", "t1", "t2", "t4", "t5", "t3"]


def test_a_genre_that_was_asked_for_may_fill_the_page() -> None:
    found = [ranked(f"t{n}", 1 - n / 10) for n in range(6)]
    traits = {f"t{n}": unlike("Drama" if n < 5 else "Crime") for n in range(6)}

    assert diversified(found, traits, named_genres=frozenset({"Drama"})) == found


def test_a_fourth_of_one_franchise_stands_behind_everything_else() -> None:
    found = [ranked(f"t{n}", 1 - n / 10) for n in range(6)]
    traits = {f"t{n}": unlike(franchise="rocky" if n < 4 else None) for n in range(6)}

    assert order(diversified(found, traits)) == ["t0", "t1", "t2", "t4", "t5", "t3"]


def test_what_follows_the_first_fifty_stays_where_it_is() -> None:
    found = [ranked(f"t{n:02}", 1 - n / 100) for n in range(DIVERSIFIED + 5)]
    traits = {item.candidate.id: unlike(franchise="one") for item in found[:-1]}

    assert diversified(found, traits)[DIVERSIFIED:] == found[DIVERSIFIED:]


@given(answers, st.integers(1, DIVERSIFIED))
def test_fewer_places_that_are_looked_at_are_the_same(
    answer: tuple[list[Ranked], dict[str, Traits]], places: int
) -> None:
    found, traits = answer

    few = diversified(found, traits, places=places)

    assert few[:places] == diversified(found, traits)[:places]
    assert sorted(order(few)) == sorted(order(found))


@given(answers)
def test_nothing_is_lost_and_the_best_stays_first(
    answer: tuple[list[Ranked], dict[str, Traits]],
) -> None:
    found, traits = answer

    told_apart = diversified(found, traits)

    assert sorted(order(told_apart)) == sorted(order(found))
    assert told_apart[:1] == found[:1]


@given(answers)
def test_a_crowd_stands_together_only_where_nothing_else_is_left(
    answer: tuple[list[Ranked], dict[str, Traits]],
) -> None:
    found, traits = answer

    in_order = [traits[id_] for id_ in order(diversified(found, traits))[:DIVERSIFIED]]

    for at, one in enumerate(in_order):
        if _crowds(in_order[:at], one):
            assert all(_crowds(in_order[:at], later) for later in in_order[at:])


def _crowds(before: list[Traits], one: Traits) -> bool:
    genres = [each.genre for each in before[-4:]]
    of_franchise = sum(each.franchise == one.franchise for each in before)
    return (one.genre is not None and genres.count(one.genre) >= 3) or (
        one.franchise is not None and of_franchise >= MOST_OF_A_FRANCHISE
    )
