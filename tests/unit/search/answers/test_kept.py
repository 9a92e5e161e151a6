"""Who asks the same is answered the same, and only one of them has to search."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from shared.kernel.errors import UnavailableError
from shared.search.answers.kept import KeptAnswers
from shared.search.answers.question import Question
from shared.search.query import SearchQuery
from shared.search.tuning.model import Tuned
from tests.unit.search.answers.test_parts import answer

if TYPE_CHECKING:
    from collections.abc import Mapping

HEAT = Question(SearchQuery(query="heat"), Tuned(), "c1")


class Store:
    """Keeps what it is given in a dictionary."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}
        self.seconds: list[int] = []

    def get(self, key: str) -> bytes | None:
        """Return what is kept."""
        return self.values.get(key)

    def put(self, key: str, value: bytes, *, seconds: int) -> None:
        """Keep it for good, and note for how long it was given."""
        self.values[key] = value
        self.seconds.append(seconds)


class Search:
    """Makes an answer, when the test lets it."""

    def __init__(self, **fields: Any) -> None:  # noqa: ANN401 - any field of the answer
        self.begun, self.let, self.calls, self.fields = Event(), Event(), 0, fields
        self.let.set()

    def __call__(self) -> Mapping[str, Any]:
        """Return the answer once it is let."""
        self.calls += 1
        self.begun.set()
        assert self.let.wait(5)
        return answer(**self.fields)


@pytest.fixture
def store() -> Store:
    return Store()


def test_the_second_who_asks_is_given_what_the_first_was(store: Store) -> None:
    answers, search = KeptAnswers(store), Search()
    first, second = (answers.answer(HEAT, search) for _ in range(2))

    assert (first.cached, second.cached, search.calls) == (False, True, 1)
    assert first.parts == second.parts


def test_an_answer_of_somebodys_own_is_made_every_time(store: Store) -> None:
    answers, search = KeptAnswers(store), Search()
    given = [answers.answer(None, search) for _ in range(2)]

    assert [one.cached for one in given] == [False, False]
    assert (search.calls, store.values) == (2, {})


def test_an_answer_that_lacks_something_is_not_kept(store: Store) -> None:
    answers = KeptAnswers(store)
    poor = answers.answer(HEAT, Search(degraded=["vector"]))

    assert (poor.parts.degraded, store.values) == (("vector",), {})
    assert not answers.answer(HEAT, Search()).cached


def test_an_answer_whose_question_is_still_read_is_kept_no_longer_than_that(store: Store) -> None:
    given = KeptAnswers(store).answer(HEAT, Search(pending=True))

    assert store.seconds == [2]  # as long as a model may take (spec/discovery §5.3)
    assert b"pending" not in given.parts.body


@pytest.mark.parametrize(
    ("anonymous", "filters", "seconds"),
    [
        (True, {}, 1800),
        (True, {"platforms": ["netflix"]}, 300),
        (False, {}, 300),
    ],
)
def test_what_nobody_narrowed_is_kept_longer_for_who_did_not_sign_in(
    store: Store, filters: dict[str, Any], seconds: int, *, anonymous: bool
) -> None:
    asked = replace(HEAT, anonymous=anonymous)
    KeptAnswers(store).answer(asked, Search(query_parsed={"filters": filters}))
    assert store.seconds == [seconds]


def test_another_ranking_is_another_answer(store: Store) -> None:
    answers = KeptAnswers(store)
    answers.answer(HEAT, Search())
    assert not answers.answer(replace(HEAT, tuned=Tuned(version=2)), Search()).cached


def test_of_many_who_ask_at_once_one_searches(store: Store) -> None:
    answers, search = KeptAnswers(store, patience_seconds=5), Search()
    search.let.clear()
    with ThreadPoolExecutor(8) as pool:
        asking = [pool.submit(answers.answer, HEAT, search) for _ in range(8)]
        assert search.begun.wait(5)
        search.let.set()
        given = [one.result(5) for one in asking]

    assert search.calls == 1
    assert sorted(one.cached for one in given) == [False] + [True] * 7


def test_who_waited_long_enough_searches(store: Store) -> None:
    answers, slow, quick = KeptAnswers(store, patience_seconds=0.001), Search(), Search()
    slow.let.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(answers.answer, HEAT, slow)
        assert slow.begun.wait(5)
        given = answers.answer(HEAT, quick)
        slow.let.set()
        assert not first.result(5).cached

    assert (given.cached, quick.calls) == (False, 1)


def test_a_search_that_failed_leaves_nothing_behind(store: Store) -> None:
    answers = KeptAnswers(store)

    def broken() -> Mapping[str, Any]:
        raise UnavailableError("nothing answers")

    for _ in range(2):
        with pytest.raises(UnavailableError, match="nothing answers"):
            answers.answer(HEAT, broken)
    assert not answers.answer(HEAT, Search()).cached


def test_a_value_that_cannot_be_read_is_made_anew(store: Store) -> None:
    store.values[HEAT.key] = b"of another time"
    given = KeptAnswers(store).answer(HEAT, Search())
    assert not given.cached
    assert KeptAnswers(store).answer(HEAT, Search()).cached
