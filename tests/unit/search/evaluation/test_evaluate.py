"""The whole measurement over a few films whose answers are known."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from itertools import accumulate, chain, repeat
from typing import TYPE_CHECKING

import pytest

from shared.catalog.item import CanonicalItem
from shared.kernel.clock import FixedClock
from shared.search.evaluation.evaluate import Films, evaluate_search, variants
from shared.search.hybrid import Search
from shared.search.ports import Candidate, Card, Hit
from shared.search.understanding.model import verbatim

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from shared.search.filters import Filters
    from shared.search.ports import Asked

AT = datetime(2026, 1, 1, tzinfo=UTC)
FILMS = {"1": "Heat", "2": "Ronin", "3": "Thief"}
JUDGED = "4\tqid:1\t # 1\theat\n2\tqid:1\t # 3\theat\n"
TYPED = "query\ttarget_title\tyear\ttype\nheta\tHeat\t1996\tmovie\nx\tGone\t1990\tmovie\n"


class Fixed:
    """A retriever that always finds the same titles; and the titles."""

    def __init__(self, name: str, *found: str) -> None:
        self.name = name
        self.found = found

    def retrieve(self, asked: Asked, *, limit: int) -> Sequence[Hit]:
        """Find the same, whatever is asked."""
        return [Hit(id_) for id_ in self.found][: limit if asked.text else 0]


class Shelf:
    """Titles that all exist and pass."""

    def candidates(self, ids: Sequence[str], filters: Filters) -> Sequence[Candidate]:
        """All of them."""
        del filters
        return [Candidate(id_, id_, None, frozenset(), 0.0, 0.0, None) for id_ in ids]

    def cards(self, ids: Sequence[str], filters: Filters) -> Mapping[str, Card]:
        """All of them."""
        del filters
        return {id_: Card(None, "movie", (), (), None, ()) for id_ in ids}

    def popular(self, filters: Filters, *, limit: int) -> Sequence[Hit]:
        """None."""
        del filters, limit
        return []


@pytest.fixture
def search() -> Iterator[Search]:
    retrievers = [Fixed("keyword", "t1", "t3"), Fixed("vector", "t2", "t1")]
    with ThreadPoolExecutor(2) as executor:
        yield Search(retrievers, Shelf(), executor, FixedClock(AT))


@pytest.fixture
def films() -> Films:
    items = [
        CanonicalItem.model_validate(
            {"source": {"provider": "corpus", "fetched_at": AT, "raw_uri": f"c#{id_}"},
             "platform": "tmdb", "platform_content_id": id_, "region": "US", "title": title,
             "content_type": "movie", "release_year": 1995}
        )
        for id_, title in FILMS.items()
    ]  # fmt: skip
    return Films.of(items, {id_: f"t{id_}" for id_ in FILMS})


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in ("title_judgments.txt", "keyword_judgments.txt"):
        (tmp_path / name).write_text(JUDGED)
    (tmp_path / "typo_title_queries.tsv").write_text(TYPED)
    return tmp_path


def test_every_part_is_judged_served_and_alone_beside_the_peer(
    search: Search, films: Films, data: Path
) -> None:
    found = evaluate_search(search, films, data, lambda: 0.0)

    row = found["titles"]["heat"]
    assert row["keyword"] == 1
    assert row["vector"] < row["served"]
    assert row["bm25"] == pytest.approx(15 / (15 + 3 / 1.58496), abs=1e-3)
    assert found["ndcg_at_10"]["titles"] == row


def test_each_search_that_is_served_takes_its_own_time(
    search: Search, films: Films, data: Path
) -> None:
    taken = chain([0.5], repeat(0.25))
    ticks = accumulate(chain.from_iterable((seconds, 0.0) for seconds in taken), initial=1000.0)

    found = evaluate_search(search, films, data, lambda: next(ticks))

    # A film judged twice over, served and by either retriever alone, and one slip of its name.
    assert found["milliseconds"] == {"searches": 7, "p50": 250.0, "p95": 425.0}


def test_what_is_taken_away_is_missed_in_the_ablation(
    search: Search, films: Films, data: Path
) -> None:
    found = evaluate_search(search, films, data, lambda: 0.0)["ablation"]

    assert found["without vector"]["titles"] == 1
    assert found["without keyword"]["titles"] < found["as served"]["titles"]


def test_questions_about_films_that_the_corpus_lacks_are_left_out(
    search: Search, films: Films, data: Path
) -> None:
    found = evaluate_search(search, films, data, lambda: 0.0)

    assert (found["typos"]["questions"], found["typos"]["left out"]) == (1, 1)
    assert (found["typos"]["first"], found["typos"]["one of 10"]) == (1.0, 1.0)
    assert found["dialogues"]["what was named"]["questions"] == 0


def test_each_variant_differs_from_what_is_served_in_one_thing(search: Search) -> None:
    found = variants(search)

    served = found.pop("as served")
    assert found.pop("without understanding").understand is verbatim
    assert found.pop("without telling apart").traits is None
    for less in found.values():
        assert (less.config == served.config) != (less.retrievers == served.retrievers)
        assert replace(less, config=served.config, retrievers=served.retrievers) == served
