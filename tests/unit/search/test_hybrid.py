"""Hybrid search over retrievers that fail in turn."""

from __future__ import annotations

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.errors import UnavailableError
from shared.search.filters import Filters
from shared.search.hybrid import Search
from shared.search.ports import Asked, Candidate, Card, Hit
from shared.search.query import SearchQuery, Sort, Strategy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


def id_of(number: int) -> str:
    return str(UUID(int=number))


def title(number: int, **traits: Any) -> Candidate:  # noqa: ANN401 - fields of the value
    plain = Candidate(
        id=id_of(number),
        title=f"Title {number:04}",
        release_year=2000,
        offer_types=frozenset(),
        popularity=0.5,
        quality=0.5,
        average_rating=None,
    )
    return replace(plain, **traits)


CARD = Card(
    overview=None, content_type="movie", genres=(), platforms=(), maturity_rank=None, images=()
)
T = TypeVar("T")


@dataclass
class Shelf:
    """`shared.search.ports.Titles` in memory; every title passes."""

    titles: dict[str, Candidate]
    shown: dict[str, Card] | None = None

    def candidates(self, ids: Sequence[str], filters: Filters) -> Sequence[Candidate]:
        """Return those of ``ids`` that exist and are not too old."""
        found = [self.titles[one] for one in ids if one in self.titles]
        return [each for each in found if (each.release_year or 0) >= (filters.year_from or 0)]

    def cards(self, ids: Sequence[str], filters: Filters) -> Mapping[str, Card]:
        """Return a card of each title, or of those that are still shown."""
        del filters  # every title passes
        shown = dict.fromkeys(ids, CARD) if self.shown is None else self.shown
        return {one: shown[one] for one in ids if one in shown}

    def popular(self, filters: Filters, *, limit: int) -> Sequence[Hit]:
        """Return titles in the order of the shelf."""
        del filters  # every title passes
        return [Hit(one) for one in list(self.titles)[:limit]]


@dataclass
class Source:
    """`shared.search.ports.Retriever` that answers what it was given, or fails."""

    name: str
    hits: Sequence[Hit] = ()
    error: Exception | None = None

    def retrieve(self, asked: Asked, *, limit: int) -> Sequence[Hit]:
        """Return what was given."""
        del asked  # whatever it is
        if self.error is not None:
            raise self.error
        return self.hits[:limit]


class AtOnce(Executor):
    """Runs work when it is given, except that of the sources that are late."""

    def __init__(self, late: frozenset[str] = frozenset()) -> None:
        self._late = late

    def submit(self, fn: Callable[..., T], /, *args: object, **named: object) -> Future[T]:
        """Return a future that is done, or never will be."""
        future: Future[T] = Future()
        if getattr(args[0], "name", "") in self._late:
            return future
        try:
            future.set_result(fn(*args, **named))
        except Exception as error:  # noqa: BLE001 - an executor hands on whatever was raised
            future.set_exception(error)
        return future


def hits(*numbers: int, exact: int = 0) -> list[Hit]:
    return [Hit(id_of(n), exact=n == exact) for n in numbers]


def search(*sources: Source, late: frozenset[str] = frozenset(), count: int = 9) -> Search:
    shelf = Shelf({id_of(n): title(n) for n in range(1, count + 1)})
    return Search(sources, shelf, AtOnce(late), FixedClock(), budget_seconds=0.01)


BOTH = (Source("vector", hits(1, 2, 3)), Source("keyword", hits(3, 2)))
DOWN = UnavailableError("down")


@pytest.mark.parametrize("failed", [0, 1])
@pytest.mark.parametrize("error", [DOWN, RuntimeError("a bug")], ids=["down", "bug"])
def test_one_source_that_fails_is_named_and_the_other_answers(
    failed: int, error: Exception
) -> None:
    sources = [replace(s, error=error) if n == failed else s for n, s in enumerate(BOTH)]

    found = search(*sources)(SearchQuery(query="x"))

    assert found.degraded == [BOTH[failed].name]
    assert found.total == len(BOTH[1 - failed].hits)
    assert all(0 <= item.score <= 1 for item in found.page)


@pytest.mark.parametrize("name", ["vector", "keyword"])
def test_a_late_source_is_left_behind(name: str) -> None:
    found = search(*BOTH, late=frozenset({name}))(SearchQuery(query="x"))
    assert found.degraded == [name]
    assert found.page


def test_while_one_source_is_down_the_other_is_waited_for_beyond_the_budget() -> None:
    sources = [replace(BOTH[0], error=DOWN), BOTH[1]]
    shelf = Shelf({id_of(n): title(n) for n in range(1, 9)})
    with ThreadPoolExecutor(2) as threads:
        found = Search(sources, shelf, threads, FixedClock(), budget_seconds=0)(
            SearchQuery(query="x")
        )

    assert found.degraded == ["vector"]
    assert found.page


def test_when_no_source_answers_search_is_unavailable() -> None:
    sources = [replace(source, error=DOWN) for source in BOTH]
    with pytest.raises(UnavailableError, match="keyword, vector"):
        search(*sources)(SearchQuery(query="x"))


def test_an_exact_title_is_first_whatever_the_scores_say() -> None:
    keyword = Source("keyword", hits(3, 2, 9, exact=9))
    found = search(BOTH[0], keyword)(SearchQuery(query="x"))
    assert found.page[0].candidate.id == id_of(9)


def test_a_page_past_the_end_is_empty() -> None:
    found = search(*BOTH)(SearchQuery(query="x", page=50))
    assert (list(found.page), found.total) == ([], 3)


def test_a_title_that_went_between_the_two_reads_is_not_shown() -> None:
    shelf = Shelf({id_of(n): title(n) for n in (1, 2, 3)}, shown={id_of(n): CARD for n in (1, 3)})
    found = Search(BOTH, shelf, AtOnce(), FixedClock())(SearchQuery(query="x"))
    assert {item.candidate.id for item in found.page} == {id_of(1), id_of(3)}


def test_ties_keep_one_order() -> None:
    found = search(Source("vector"), Source("keyword"), count=9)(SearchQuery())
    assert [item.candidate.id for item in found.page] == [id_of(n) for n in range(1, 10)]


def test_a_walk_through_two_long_lists_meets_each_title_once() -> None:
    one = Source("vector", hits(*range(1, 301)))
    other = Source("keyword", hits(*range(300, 0, -1)))
    asked = search(one, other, count=300)

    walked = [
        item.candidate.id
        for page in range(1, 12)
        for item in asked(SearchQuery(query="x", page=page, page_size=30)).page
    ]

    assert len(walked) == len(set(walked)) == 300


@pytest.mark.parametrize("strategy", [Strategy.VECTOR, Strategy.HYBRID])
def test_what_a_source_gives_in_spite_of_a_filter_is_left_out(strategy: Strategy) -> None:
    shelf = Shelf({id_of(n): title(n, release_year=1990 + n) for n in (1, 2, 3)})
    asked = Search(BOTH, shelf, AtOnce(), FixedClock())

    found = asked(SearchQuery(query="x", strategy=strategy, filters=Filters(year_from=1992)))

    assert {item.candidate.id for item in found.page} == {id_of(2), id_of(3)}


def test_titles_that_are_equally_popular_are_not_told_apart_by_their_ids() -> None:
    found = search(Source("vector", hits(7, 8)), Source("keyword", hits(7, 8)), count=9)
    parts = [item.parts for item in found(SearchQuery(query="x")).page]
    assert len({part["popularity"] for part in parts}) == 1
    turned = search(Source("vector", hits(8, 7)), Source("keyword", hits(8, 7)), count=9)
    assert turned(SearchQuery(query="x")).page[0].candidate.id == id_of(8)


@pytest.mark.parametrize(
    ("asked", "depth"),
    [
        (SearchQuery(query="x"), 50),
        (SearchQuery(query="x", page=3), 200),
        (SearchQuery(query="x", page=11), 1000),
        (SearchQuery(query="x", sort=Sort.NEWEST), 1000),
        (SearchQuery(query="x", filters=Filters(max_runtime=90)), 150),
        (SearchQuery(query="x", filters=Filters(max_runtime=90), page=8), 600),
    ],
)
def test_retrievers_are_asked_for_as_much_as_the_page_needs(asked: SearchQuery, depth: int) -> None:
    source = Source("vector", hits(*range(1, 1500)))
    found = search(source, count=1500)(asked)
    assert found.total == depth


@pytest.mark.parametrize("sort", [Sort.NEWEST, Sort.OLDEST, Sort.HIGHEST_RATED])
def test_what_has_no_value_to_sort_by_comes_last(sort: Sort) -> None:
    titles = {
        id_of(1): title(1, release_year=None),
        id_of(2): title(2, release_year=1999, average_rating=5.0),
        id_of(3): title(3, release_year=2005, average_rating=7.0),
    }
    asked = Search([], Shelf(titles), AtOnce(), FixedClock())
    found = asked(SearchQuery(sort=sort)).page
    expected = [2, 3, 1] if sort is Sort.OLDEST else [3, 2, 1]
    assert [item.candidate.id for item in found] == [id_of(n) for n in expected]
