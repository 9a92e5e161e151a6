"""What understanding a question costs, step by step, over the names of the search corpus.

The corpus (64,280 films) lies in ``../shared/data/search``, which is no part of this repository.
Times are processor time of the one thread that asks, the shortest of many turns of each question.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from time import thread_time
from typing import TYPE_CHECKING
from uuid import UUID

from shared.kernel.clock import FixedClock
from shared.search.intent.understand import understand
from shared.search.query import SearchQuery
from shared.search.suggest.build import build_suggester
from shared.search.suggest.corpus import read_corpus
from shared.search.suggest.entries import Entry, Kind
from shared.search.understanding.model import verbatim
from shared.search.understanding.names import CatalogNames
from shared.search.understanding.reading import Understanding
from shared.search.understanding.spelled import spelled
from tests.benchmarks.intent import SHORT
from tests.benchmarks.judged_films import DATA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.benchmarks.machine import Row

YEAR = 2026
TURNS = 40
QUESTIONS = {
    "a title": ("the dark knight",),
    "wishes of up to ten words": SHORT,
    "an unknown word": ("linguist talks to heptapods",),
    "two slips": ("scray comdies",),
    "500 characters": (("under two hours like heat " * 20)[:500],),
}


def run() -> list[Row]:
    """Return (what, measured, bare operation) per kind of question."""
    if not DATA.is_dir():
        return [("understanding", "not measured: the search data is not there", "")]
    names = CatalogNames(build_suggester(_entries()))
    asked = Understanding(lambda: names, FixedClock(datetime(YEAR, 1, 1, tzinfo=UTC)))
    return [_row(kind, asked, names, questions) for kind, questions in QUESTIONS.items()]


_STEPS = ("read", "mended", "all")


def _entries() -> Iterator[Entry]:
    people: dict[str, float] = {}
    for known, number in zip(read_corpus(DATA / "tmdb_corpus.jsonl.gz"), count(1), strict=False):
        title, others = known.names[0], known.names[1:]
        yield Entry(title, Kind.TITLE, known.popularity, others, content_id=UUID(int=number))
        for person in known.people:
            people[person] = max(known.popularity, people.get(person, 0.0))
    yield from (Entry(name, Kind.PERSON, popularity) for name, popularity in people.items())


def _row(kind: str, asked: Understanding, names: CatalogNames, questions: tuple[str, ...]) -> Row:
    spent = [f"{step} {_mean(asked, names, step, questions):.3f}" for step in _STEPS]
    bare = _shortest(lambda: verbatim(SearchQuery(query=questions[0])))
    return kind, " · ".join(spent) + " ms", f"verbatim {bare:.3f} ms"


def _mean(
    asked: Understanding, names: CatalogNames, step: str, questions: tuple[str, ...]
) -> float:
    """Return the milliseconds of a step, the mean over questions."""

    def turn(question: str) -> Callable[[], object]:
        query, intent = SearchQuery(query=question), understand(question, names, year=YEAR)
        steps: dict[str, Callable[[], object]] = {
            "read": lambda: understand(question, names, year=YEAR),
            "mended": lambda: spelled(question, names, intent),
            "all": lambda: asked(query),
        }
        return steps[step]

    return sum(_shortest(turn(question)) for question in questions) / len(questions)


def _shortest(call: Callable[[], object]) -> float:
    spent = []
    for _ in range(TURNS):
        begun = thread_time()
        call()
        spent.append(thread_time() - begun)
    return min(spent) * 1000


if __name__ == "__main__":
    for line in run():
        print(*line, sep=" · ")  # noqa: T201 - a benchmark's output
