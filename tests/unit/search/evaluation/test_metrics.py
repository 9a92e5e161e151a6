"""NDCG and recall, by their definitions."""

from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.search.evaluation.metrics import mean, ndcg, recall

GRADES = st.dictionaries(st.text("abcdefghij", min_size=1, max_size=2), st.integers(0, 4)).filter(
    lambda grades: any(grades.values())
)


def test_a_grade_counts_two_to_its_power_less_one_by_the_logarithm_of_its_place() -> None:
    found = ndcg(["heat", "unjudged", "ronin"], {"heat": 2, "ronin": 3})

    best = 7 / log2(2) + 3 / log2(3)
    assert found == pytest.approx((3 / log2(2) + 7 / log2(4)) / best)


def test_a_judged_title_that_the_catalogue_lacks_is_missed() -> None:
    assert ndcg(["heat"], {"heat": 1, "lost": 1}) == pytest.approx(1 / (1 + 1 / log2(3)))


def test_what_stands_below_the_depth_counts_nothing() -> None:
    assert ndcg(["other", "heat"], {"heat": 4}, depth=1) == 0


def test_questions_without_an_answer_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing is relevant"):
        ndcg(["heat"], {"heat": 0})


@given(GRADES, st.randoms())
def test_the_best_order_has_one_and_none_has_more(grades: dict[str, int], random: object) -> None:
    best = sorted(grades, key=lambda title: -grades[title])
    shuffled = sorted(grades, key=lambda _: random.random())  # type: ignore[attr-defined]

    assert ndcg(best, grades) == pytest.approx(1)
    assert 0 <= ndcg(shuffled, grades) <= 1 + 1e-12


@given(GRADES, st.integers(0, 9))
def test_a_better_title_in_front_of_a_worse_one_never_costs(
    grades: dict[str, int], place: int
) -> None:
    ranking = sorted(grades)
    at = place % len(ranking)
    bettered = [*ranking]
    if at and grades[ranking[at]] > grades[ranking[at - 1]]:
        bettered[at - 1], bettered[at] = ranking[at], ranking[at - 1]

    assert ndcg(bettered, grades) >= ndcg(ranking, grades) - 1e-12


def test_recall_is_the_share_of_what_was_wanted() -> None:
    assert recall(["heat", "ronin"], {"heat", "thief"}) == 0.5


def test_the_mean_of_nothing_is_nothing() -> None:
    assert mean([]) == 0
    assert mean([1, 0, 0]) == 0.3333
