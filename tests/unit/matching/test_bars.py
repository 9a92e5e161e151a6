"""From which probability on two stored titles are joined, learned from answers."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from shared.matching.evaluation.records import Labelled, item_of
from shared.matching.training.bars import answers_of, bar_of, fitted, learned_bars_of

if TYPE_CHECKING:
    from random import Random

TOLD = "A career thief plans one last robbery while a detective closes in on his crew."
ANSWERS = st.lists(st.tuples(st.sampled_from((0.1, 0.5, 0.8, 0.9, 0.99)), st.booleans()))


def labelled(rid: str, entity: str, **said: object) -> Labelled:
    """Return a record of the film Heat, or of what is said of it."""
    source = f"source {rid}"
    row = {
        "rid": rid, "source": source, "platform": "hulu", "type": "movie",
        "title": "Requiem for a Heavyweight", "year": 1995, "runtime": 170, "genres": ["Crime"],
        "countries": ["US"], "description": TOLD, **said,
    }  # fmt: skip
    return Labelled(item_of(row), source, entity, confirmed=True)


def entity_of(half: int) -> str:
    """Return an entity of one half."""
    names = (f"tt{n}" for n in range(99))
    return next(name for name in names if labelled("1", name).half == half)


@given(ANSWERS)
def test_fitted_shares_rise_and_keep_every_answer(answers: list[tuple[float, bool]]) -> None:
    blocks = fitted(answers)

    assert all(low.share < high.share for low, high in pairwise(blocks))
    assert sum(block.right for block in blocks) == sum(same for _, same in answers)
    assert sum(block.total for block in blocks) == sum(1 if same else 2 for _, same in answers)


@given(ANSWERS, st.randoms(use_true_random=False))
def test_the_order_of_answers_says_nothing(
    answers: list[tuple[float, bool]], shuffler: Random
) -> None:
    shuffled = list(answers)
    shuffler.shuffle(shuffled)

    assert fitted(shuffled) == fitted(answers)


def test_the_bar_is_the_lowest_probability_above_which_nearly_all_are_right() -> None:
    right = [(0.95 + n / 1000, True) for n in range(9)]

    assert bar_of([(0.91, False), (0.93, True), (0.93, False), *right]) == 0.95


def test_equal_probabilities_are_judged_together() -> None:
    tied = [(0.97, True)] * 5 + [(0.97, False)] * 3

    assert bar_of([*tied, *[(0.99, True)] * 9]) == 0.99


def test_few_answers_make_no_bar() -> None:
    assert bar_of([(0.99, True)] * 3) is None
    assert bar_of([]) is None


def test_questions_are_answered_by_their_labels() -> None:
    early, late = labelled("1", "tt1"), labelled("2", "tt1", year=1998)
    remake = labelled("3", "tt2", year=2010)

    answers = answers_of([early, late, remake])["years-apart"]

    assert sorted(same for _, same in answers) == [False, True]


def test_only_the_learning_half_teaches() -> None:
    teaching, judging = entity_of(0), entity_of(1)
    taught = [labelled("1", teaching), labelled("2", teaching, year=1998)]

    table = learned_bars_of([*taught, labelled("3", judging), labelled("4", judging, year=1998)])

    assert table["about"]["records"] == 2
    assert table["about"]["questions"]["years-apart"] == {"one": 1, "all": 1}
