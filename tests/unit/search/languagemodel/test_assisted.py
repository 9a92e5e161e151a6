"""Searches are understood the same whatever becomes of the model."""

from __future__ import annotations

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.errors import UnavailableError
from shared.search.filters import Filters
from shared.search.languagemodel.assisted import Assisted
from shared.search.languagemodel.race import Look, Raced
from shared.search.query import SearchQuery
from tests.fakes.language_models import HeldPool, ScriptedModel, reading
from tests.unit.search.understanding.known import NAMES, understood, with_names

WISH = "that one where letters get lost"
FOUND = reading(genres=("Drama",), themes=("post office",))


def assisted(*answers: object) -> tuple[Assisted, ScriptedModel, HeldPool]:
    """Return who understands, whom it asks, and what runs that behind it."""
    model, pool = ScriptedModel(*answers), HeldPool()
    raced = Raced(model, FixedClock(), pool=pool)
    return Assisted(with_names, raced, lambda: NAMES), model, pool


def test_the_second_search_has_what_the_model_read_for_the_first() -> None:
    understand, _, pool = assisted(FOUND)

    first = understand(SearchQuery(query=WISH))
    assert (first, first.pending) == (understood(WISH), True)
    pool.run()

    second = understand(SearchQuery(query=WISH))
    assert not second.pending
    assert second.soft == Filters(genres=("Drama",))
    assert second.text.endswith("post office")


@pytest.mark.parametrize("answer", [UnavailableError("hangs"), reading(confidence=0.1)])
def test_a_model_that_fails_or_doubts_changes_no_answer(answer: object) -> None:
    understand, model, pool = assisted(answer)
    for _ in range(3):
        assert understand(SearchQuery(query=WISH)) == understood(WISH)
        pool.run()
    assert model.asked == [WISH]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "lost letters",
        "good will hunting",
        "good wil huntng",
        "comedies on netflix since 1990",
    ],
)
def test_a_question_of_which_the_rules_leave_nothing_is_not_given_to_a_model(query: str) -> None:
    understand, model, pool = assisted(FOUND)
    assert understand(SearchQuery(query=query)) == understood(query)
    assert (pool.waiting, model.asked) == ([], [])


def test_words_that_are_searched_as_they_stand_are_not_given_to_a_model() -> None:
    understand, _, pool = assisted(FOUND)
    understand(SearchQuery(query=WISH, verbatim=True))
    assert pool.waiting == []


def test_a_model_is_asked_what_was_meant() -> None:
    understand, model, pool = assisted(FOUND)
    understand(SearchQuery(query="sad letters wiht tom hnaks on netflx"))
    pool.run()
    assert model.asked == ["sad letters with tom hanks on netflix"]


def test_what_a_viewer_took_away_stays_away() -> None:
    understand, _, pool = assisted(FOUND)
    understand(SearchQuery(query=WISH))
    pool.run()

    away = ("genre:drama", "mood:post-office")
    assert understand(SearchQuery(query=WISH, without=away)) == understood(WISH)


def test_a_fault_of_ours_leaves_what_the_rules_read() -> None:
    def broken(_text: str) -> Look:
        raise ZeroDivisionError

    understand = Assisted(with_names, broken, lambda: NAMES)
    assert understand(SearchQuery(query=WISH)) == understood(WISH)
