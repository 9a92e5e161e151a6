"""Hybrid search over retrievers that fail in turn."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytest

from shared.kernel.clock import FixedClock
from shared.kernel.errors import UnavailableError
from shared.search.diversity import Traits
from shared.search.filters import Filters
from shared.search.hybrid import LIFT, Search
from shared.search.intent.model import Found, Kind, Range, Span
from shared.search.ports import Asked, Candidate, Hit, Seed
from shared.search.query import MAX_CANDIDATES, SearchQuery, Sort, Strategy
from shared.search.understanding.model import Understood, verbatim
from tests.unit.search.sources import CARD, AtOnce, Shelf, Source, hits, id_of, search, title

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shared.search.facets import Facets
    from shared.search.ports import Card

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


@pytest.mark.behavior("search:11:2")
@pytest.mark.parametrize("failed", ["vector", "keyword", "graph"])
def test_each_source_fails_in_turn_and_what_is_first_in_all_others_has_the_most(
    failed: str,
) -> None:
    names = ("vector", "keyword", "graph")
    sources = [Source(n, hits(1, 2), error=DOWN if n == failed else None) for n in names]
    shelf = Shelf({id_of(1): title(1, quality=1.0, release_year=2026), id_of(2): title(2)})
    asked = Search(sources, shelf, AtOnce(), FixedClock())

    found = replace(asked, config=replace(asked.config, freshness=0))(SearchQuery(query="x"))

    # What is left of the weights is the whole: nothing is missing of the first one's score.
    assert found.degraded == [failed]
    assert found.page[0].score == 1.0
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


def test_a_phrase_lifts_a_title_only_where_it_is_the_name_of_one() -> None:
    shelf = Shelf({id_of(1): title(1, title="Jobs of the World Today")})
    words = Source("keyword", [Hit(id_of(1), phrase=True)])
    part = replace(BOTH[0], hits=hits(2, 1))

    def score(text: str) -> float:
        asked = Search((words, part), shelf, AtOnce(), FixedClock())
        return asked(SearchQuery(query=text)).page[0].score

    assert score("jobs of the world") > score("jobs")


def test_words_weigh_the_most_only_where_they_are_the_name_of_a_title() -> None:
    shelf = Shelf({id_of(1): title(1, title="Jobs of the World Today")})
    words = Source("keyword", [Hit(id_of(1), phrase=True, complete=True)])
    asked = Search((words, replace(BOTH[0], hits=hits(1))), shelf, AtOnce(), FixedClock())

    def share(text: str) -> float:
        return asked(SearchQuery(query=text)).page[0].parts["keyword"]

    # Of .35 words, .20 meaning and .15 popularity; of .40, .15 and .10. The graph is not asked.
    assert share("jobs") == pytest.approx(0.35 / 0.70)
    assert share("jobs of the world") == pytest.approx(0.40 / 0.65)


MARKS = list(product((False, True), repeat=2))


@pytest.mark.parametrize(("one", "other"), list(product(MARKS, repeat=2)))
def test_what_any_source_says_of_a_title_holds(
    one: tuple[bool, bool], other: tuple[bool, bool]
) -> None:
    def shown(*said: tuple[bool, bool]) -> tuple[bool, float]:
        found = [Hit(id_of(1), exact=exact, phrase=phrase) for exact, phrase in said]
        sources = [Source(n, [hit]) for n, hit in zip(("vector", "keyword"), found, strict=True)]
        shelf = Shelf({id_of(1): title(1, title="Blade Runner")})
        asked = Search(sources, shelf, AtOnce(), FixedClock())
        (item,) = asked(SearchQuery(query="blade runner")).page
        return item.exact, item.score

    both = (one[0] or other[0], one[1] or other[1])

    assert shown(one, other) == shown(both, both)


@pytest.mark.behavior("search:11:10")
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


@pytest.mark.behavior("search:11:10")
@pytest.mark.parametrize("size", [300, MAX_CANDIDATES])
def test_a_walk_through_two_long_lists_meets_each_title_once(size: int) -> None:
    one = Source("vector", hits(*range(1, size + 1)))
    other = Source("keyword", hits(*range(size, 0, -1)))
    asked = search(one, other, count=size)

    pages = [
        asked(SearchQuery(query="x", page=page, page_size=100)).page
        for page in range(1, size // 100 + 2)
    ]
    walked = [item.candidate.id for page in pages for item in page]

    assert len(walked) == len(set(walked)) == size
    assert not pages[-1]


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


@dataclass
class Neighbors(Source):
    """A source that starts from titles, and tells from which ones it did."""

    seeded: ClassVar[bool] = True
    started: list[str] = field(default_factory=list)

    def retrieve(self, asked: Asked, *, limit: int) -> Sequence[Hit]:
        """Return what was given, keeping the seeds."""
        self.started = [seed.content_id for seed in asked.seeds]
        return super().retrieve(asked, limit=limit)


def taken_for(**traits: Any) -> Callable[[SearchQuery], Understood]:  # noqa: ANN401 - fields
    """Return an understanding that takes every question for the same."""
    return lambda query: replace(verbatim(query), **traits)


def test_what_starts_from_titles_starts_from_hits_by_words_where_it_is_asked_alone_too() -> None:
    graph = Neighbors("graph", hits(8))
    asked = search(graph, Source("keyword", hits(1, 2)))

    found = asked(SearchQuery(query="x", strategy=Strategy.GRAPH))

    assert graph.started == [id_of(1), id_of(2)]
    assert [item.candidate.id for item in found.page] == [id_of(8)]


def test_what_starts_from_titles_starts_from_references_and_the_first_hits_by_words() -> None:
    graph = Neighbors("graph", hits(8))
    asked = search(graph, Source("keyword", hits(*range(10, 30))), count=30)

    found = replace(asked, understand=taken_for(seeds=(Seed(id_of(9)),)))(SearchQuery(query="x"))

    assert graph.started == [id_of(n) for n in (9, *range(10, 20))]
    assert id_of(8) in {item.candidate.id for item in found.page}


def test_where_a_title_has_every_word_none_that_has_some_is_started_from() -> None:
    graph, whole = Neighbors("graph", hits(8)), Hit(id_of(3), complete=True)

    search(graph, Source("keyword", [whole, *hits(1, 2)]))(SearchQuery(query="x"))

    assert graph.started == [id_of(3)]


@pytest.mark.parametrize("late", [frozenset({"keyword"}), frozenset[str]()], ids=["late", "down"])
def test_without_hits_by_words_references_alone_are_started_from(late: frozenset[str]) -> None:
    graph = Neighbors("graph", hits(8))
    asked = search(graph, Source("keyword", error=None if late else DOWN), late=late)

    found = replace(asked, understand=taken_for(seeds=(Seed(id_of(9)),)))(SearchQuery(query="x"))

    assert graph.started == [id_of(9)]
    assert found.degraded == ["keyword"]


def test_a_title_that_the_answer_shall_be_like_is_not_in_it() -> None:
    asked = replace(search(*BOTH), understand=taken_for(seeds=(Seed(id_of(1)),)))
    page = asked(SearchQuery(query="x")).page
    assert {item.candidate.id for item in page} == {id_of(2), id_of(3)}


def test_what_satisfies_a_wish_is_lifted_by_its_factor_and_never_above_one() -> None:
    shelf = Shelf({id_of(n): title(n, release_year=1990 + n) for n in (1, 2, 3)})
    plain = Search(BOTH, shelf, AtOnce(), FixedClock())
    wishing = replace(plain, understand=taken_for(soft=Filters(year_from=1992)))

    before = {item.candidate.id: item.score for item in plain(SearchQuery(query="x")).page}
    after = {item.candidate.id: item.score for item in wishing(SearchQuery(query="x")).page}

    assert after[id_of(1)] == before[id_of(1)]
    assert all(after[id_of(n)] == min(1.0, before[id_of(n)] * LIFT) for n in (2, 3))


FROM_1995 = Found(Kind.YEARS, Range(1995, None), Span(0, 1))
ON_HULU = Found(Kind.PLATFORM, "hulu", Span(2, 3))


class Hulu(Shelf):
    """A shelf of which Hulu has every third title."""

    def candidates(self, ids: Sequence[str], filters: Filters) -> Sequence[Candidate]:
        """Return those of ``ids`` that exist, are not too old and are there if they have to be."""
        found = super().candidates(ids, filters)
        return [each for each in found if not filters.platforms or int(each.title[-4:]) % 3 == 0]

    def popular(self, filters: Filters, *, limit: int) -> Sequence[Hit]:
        """Return titles in the order of the shelf."""
        return [Hit(each.id) for each in self.candidates(list(self.titles), filters)[:limit]]


def dated(count: int, *found: Found, year: int, **filters: Any) -> Search:  # noqa: ANN401 - fields
    """Return a search over titles of the years from 1991 on, one a year, by meaning alone."""
    shelf = Hulu({id_of(n): title(n, release_year=1990 + n) for n in range(1, count + 1)})
    read = taken_for(found=found, filters=Filters(year_from=year, **filters), given=Filters())
    source = Source("vector", hits(*range(1, count + 1)))
    return Search([source], shelf, AtOnce(), FixedClock(), understand=read)


def test_where_few_satisfy_what_was_read_the_others_follow_them() -> None:
    found = dated(30, FROM_1995, year=2011)(SearchQuery(query="x", page_size=100))
    years = [item.candidate.release_year for item in found.page]
    assert found.total == 30
    assert set(years[:10]) == set(range(2011, 2021))
    assert set(years[10:]) == set(range(1991, 2011))


def test_where_enough_satisfy_what_was_read_nothing_is_relaxed() -> None:
    assert dated(30, FROM_1995, year=2001)(SearchQuery(query="x")).total == 20
    assert dated(30, year=2011)(SearchQuery(query="x")).total == 10, "the request's own filter"


def test_a_walk_over_relaxed_pages_meets_each_title_once() -> None:
    asked = dated(120, FROM_1995, year=2100)
    pages = [asked(SearchQuery(query="x", page=n, page_size=7)).page for n in range(1, 20)]
    walked = [item.candidate.id for page in pages for item in page]
    assert len(walked) == len(set(walked)) == 120


def test_what_can_be_watched_elsewhere_alone_stands_apart_on_the_first_page() -> None:
    asked = dated(30, ON_HULU, year=2011, platforms=("hulu",))

    first, second = (asked(SearchQuery(query="x", page=n, page_size=2)) for n in (1, 2))

    assert (len(first.page), first.total) == (2, 4)
    assert {item.candidate.release_year for item in first.elsewhere} <= set(range(1991, 2021))
    assert len(first.elsewhere) == 6
    assert (len(second.page), len(second.elsewhere)) == (2, 0)


def test_years_are_relaxed_before_services_where_the_services_have_enough() -> None:
    asked = dated(90, FROM_1995, ON_HULU, year=2061, platforms=("hulu",))

    found = asked(SearchQuery(query="x", page_size=100))

    assert (found.total, list(found.elsewhere)) == (30, [])
    assert all(int(item.candidate.title[-4:]) % 3 == 0 for item in found.page)


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


def ids_of(found: Any) -> list[str]:  # noqa: ANN401 - the answer of a search
    return [item.candidate.id for item in found.page]


def test_words_lead_meaning_where_a_title_has_all_of_them() -> None:
    meaning = Source("vector", hits(1, 2))

    some = search(meaning, Source("keyword", hits(2, 1)))(SearchQuery(query="x y"))
    whole = search(meaning, Source("keyword", [Hit(id_of(2), complete=True), Hit(id_of(1))]))(
        SearchQuery(query="x y")
    )

    assert ids_of(some) == [id_of(1), id_of(2)]
    assert ids_of(whole) == [id_of(2), id_of(1)]


class Copies:
    """`shared.search.diversity.TraitsOf`: titles 1 and 2 mean the same, and all others nothing."""

    def traits(self, ids: Sequence[str]) -> Mapping[str, Traits]:
        """Return one vector for both, none for the rest."""
        same = np.array([1.0, 0.0], np.float32)
        alike = {id_of(1), id_of(2)}
        return {id_: Traits(None, None, same if id_ in alike else None) for id_ in ids}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, [1, 3, 2]),
        ({"sort": Sort.ALPHABETICAL}, [1, 2, 3]),
        ({"strategy": Strategy.VECTOR}, [1, 2, 3]),
        ({"query": "title 0001"}, [1, 2, 3]),
    ],
    ids=["told apart", "an order was asked for", "one source was", "a title was named"],
)
def test_first_results_are_told_apart_unless_they_were_asked_for_as_they_are(
    asked: dict[str, Any], expected: list[int]
) -> None:
    told = replace(search(Source("vector", hits(1, 2, 3))), traits=Copies())

    found = told(SearchQuery(**{"query": "x", **asked}))

    assert ids_of(found) == [id_of(n) for n in expected]


class Likes:
    """A viewer who likes one title well, and is known to dislike none."""

    def scores(self, ids: Sequence[str]) -> Mapping[str, float]:
        """Return 1 for title 2."""
        return {each: 1.0 for each in ids if each == id_of(2)}


@pytest.mark.parametrize("blend", [0.0, 0.25, 1.0])
def test_taste_is_blended_into_the_scores_of_titles_it_is_known_of(blend: float) -> None:
    plain = search(*BOTH)
    config = replace(plain.config, personal=blend, availability=0)
    before = replace(plain, config=config)(SearchQuery(query="x"))
    after = replace(plain, config=config, taste=Likes())(SearchQuery(query="x"))

    scores = {one.candidate.id: one.score for one in before.page}
    blended = scores[id_of(2)] + blend * (1 - scores[id_of(2)])
    expected = {**scores, id_of(2): pytest.approx(blended)}
    assert {one.candidate.id: one.score for one in after.page} == expected


@pytest.mark.behavior("search:11:8")
@dataclass(frozen=True)
class Fan:
    """A viewer who likes one title and dislikes all others."""

    of: str

    def scores(self, ids: Sequence[str]) -> Mapping[str, float]:
        """Return 1 for that title, 0 for the others."""
        return {each: float(each == self.of) for each in ids}


def test_opposite_tastes_make_opposite_orders_and_without_a_blend_nobodys() -> None:
    anonymous = search(Source("vector", hits(1, 2)), Source("keyword", hits(2, 1)))

    def order(taste: Fan | None, blend: float) -> list[str]:
        config = replace(anonymous.config, personal=blend)
        found = replace(anonymous, config=config, taste=taste)(SearchQuery(query="x"))
        return [item.candidate.id for item in found.page]

    one, other = Fan(id_of(1)), Fan(id_of(2))
    assert order(one, 0.25) == order(other, 0.25)[::-1]
    assert order(one, 0) == order(other, 0) == order(None, 0.25)


class Unreadable:
    """Tastes, traits and counts that cannot be read."""

    def scores(self, ids: Sequence[str]) -> Mapping[str, float]:
        """Fail."""
        raise UnavailableError(f"{len(ids)} titles")

    def traits(self, ids: Sequence[str]) -> Mapping[str, Traits]:
        """Fail."""
        raise UnavailableError(f"{len(ids)} titles")

    def facets(self, ids: Sequence[str] | None, filters: Filters) -> Facets:
        """Fail."""
        raise UnavailableError(f"{ids} {filters}")


def test_what_only_adds_to_an_answer_is_left_out_and_named_where_it_cannot_be_read() -> None:
    down = Unreadable()
    asked = replace(search(*BOTH), taste=down, traits=down, counts=down)

    found = asked(SearchQuery(query="x", facets=True))

    assert ids_of(found) == ids_of(search(*BOTH)(SearchQuery(query="x")))
    assert (found.facets, found.degraded) == (None, ["personal", "traits", "facets"])


@dataclass
class Stale(Shelf):
    """Titles whose candidates are of a while ago: nothing fails a filter before it is shown."""

    def candidates(self, ids: Sequence[str], filters: Filters) -> Sequence[Candidate]:
        """Return those of ``ids`` that exist."""
        del filters  # they were judged too early
        return [self.titles[one] for one in ids]

    def cards(self, ids: Sequence[str], filters: Filters) -> Mapping[str, Card]:
        """Return a card of each title that passes now."""
        return dict.fromkeys((each.id for each in super().candidates(ids, filters)), CARD)


def test_a_title_that_passes_no_longer_when_it_is_shown_is_left_out() -> None:
    titles = {id_of(n): title(n, release_year=2000 + n) for n in (1, 2, 3)}
    sources = [Source("keyword", hits(1, 2, 3))]
    asked = Search(sources, Stale(titles), AtOnce(), FixedClock())
    found = asked(SearchQuery(query="x", filters=Filters(year_from=2002)))
    assert {item.candidate.id for item in found.page} == {id_of(2), id_of(3)}
