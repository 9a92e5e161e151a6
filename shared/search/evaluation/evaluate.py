"""How good the served search is, by title, by topic, in dialogues; and what carries it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from shared.catalog.item import CanonicalItem
from shared.kernel.text import title_key
from shared.search.evaluation import questions
from shared.search.evaluation.bm25 import TitleBm25
from shared.search.evaluation.metrics import DEPTH, mean, ndcg, recall
from shared.search.hybrid import Search
from shared.search.query import SearchQuery, Strategy
from shared.search.understanding.model import verbatim

SAMPLE = 300
"""Most questions of one kind besides the judged ones; they are drawn evenly from the file."""
DEEP = 50
PATIENCE_SECONDS = 30.0
"""A source that is late on a busy machine would be left out, and its share measured as nothing."""


@dataclass(frozen=True)
class Films:
    """What was loaded.

    Attributes:
        titles: What each film is called.
        ids: The title of the catalogue that each film became.
        by_name: Titles of the catalogue by how people call films.
    """

    titles: Mapping[str, str]
    ids: Mapping[str, str]
    by_name: Mapping[questions.Name, Sequence[str]]

    @classmethod
    def of(cls, items: Collection[CanonicalItem], ids: Mapping[str, str]) -> "Films":
        """Return the films of ``items`` by their ids in the corpus."""
        by_name: dict[questions.Name, list[str]] = defaultdict(list)
        for item in items:
            if item.platform_content_id in ids:
                name = (title_key(item.title), item.release_year or 0)
                by_name[name].append(ids[item.platform_content_id])
        return cls({item.platform_content_id: item.title for item in items}, ids, by_name)

    def graded(self, grades: Mapping[str, int]) -> dict[str, int]:
        """Return grades by title; a film that the corpus lacks keeps its own id."""
        return {self.ids.get(film, film): grade for film, grade in grades.items()}

    def named(self, question: questions.Named) -> set[str]:
        """Return the titles that a question is about."""
        return {id_ for film in question.films for id_ in questions.near(self.by_name, film)}

    def namesakes(self, question: questions.Named) -> set[str]:
        """Return the titles that go by the name of one that a question is about, if there is one.

        Who types a name, however badly, has not said which of the films of that name is meant.
        """
        keys = {key for key, _ in question.films} if self.named(question) else ()
        return {id_ for key in keys for id_ in self._by_key[key]}

    @cached_property
    def _by_key(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for (key, _), ids in self.by_name.items():
            found[key] += ids
        return found


@dataclass(frozen=True)
class Timed:
    """A search whose answers take their time, which is kept."""

    search: Search
    seconds: Callable[[], float]
    spent: list[float]

    def __call__(self, text: str, depth: int, strategy: Strategy = Strategy.HYBRID) -> list[str]:
        """Return the titles found, best first."""
        query = SearchQuery(query=text, page_size=depth, strategy=strategy)
        began = self.seconds()
        found = self.search(query)
        self.spent.append(self.seconds() - began)
        return [item.candidate.id for item in found.page]


def evaluate_search(
    search: Search, films: Films, data: Path, seconds: Callable[[], float]
) -> Mapping[str, Any]:
    """Return every figure of the folder ``data``; see docs/relevance.md for what each one says.

    Raises:
        NotFoundError: There are no judgments.
        InvalidInputError: A file has another shape.
    """
    unhurried = replace(search, budget_seconds=PATIENCE_SECONDS)
    served = Timed(unhurried, seconds, [])
    peer = TitleBm25(films.titles)
    judged = {
        "titles": questions.judgments(data / questions.TITLES),
        "topics": questions.judgments(data / questions.TOPICS),
    }
    judged_by = {
        part: {query: _judged(served, films, peer, query, grades) for query, grades in of.items()}
        for part, of in judged.items()
    }
    return {
        "ndcg_at_10": {part: _means(rows.values()) for part, rows in judged_by.items()},
        **judged_by,
        "ablation": _ablation(unhurried, films, judged, seconds),
        "dialogues": {
            "what was named": _found(served, films.named, questions.utterances(data), DEEP),
            "what was recommended": _found(
                served, films.named, questions.recommendations(data), DEEP
            ),
        },
        "typos": _found(served, films.namesakes, questions.typos(data), DEPTH),
        "milliseconds": _milliseconds(served.spent),
    }


def _judged(
    served: Timed, films: Films, peer: TitleBm25, query: str, grades: Mapping[str, int]
) -> dict[str, float]:
    """Return NDCG@10 of one query, served, by each retriever alone, and of the peer.

    ``judged only`` leaves out of the served titles those that nobody judged, instead of taking
    them for wrong (Sakai, SIGIR 2007, section 3: condensed lists).
    """
    of_titles = films.graded(grades)
    found = served(query, DEEP)
    alone = {
        retriever.name: served(query, DEPTH, Strategy(retriever.name))
        for retriever in served.search.retrievers
    }
    judged = [title for title in found if title in of_titles]
    rankings = {"served": found, "judged only": judged, **alone}
    by_peer = (films.ids.get(film, film) for film in peer.ranking(query, limit=DEPTH))
    rankings["bm25"] = list(dict.fromkeys(by_peer))
    return {name: round(ndcg(ranking, of_titles), 4) for name, ranking in rankings.items()}


def _means(rows: Collection[Mapping[str, float]]) -> dict[str, float]:
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: mean([row[name] for row in rows]) for name in names}


def _ablation(
    search: Search,
    films: Films,
    judged: Mapping[str, Mapping[str, Mapping[str, int]]],
    seconds: Callable[[], float],
) -> dict[str, dict[str, float]]:
    """Return mean NDCG@10 with one thing taken away at a time."""
    return {
        name: {
            part: mean(
                [ndcg(asked(q, DEPTH), films.graded(grades)) for q, grades in queries.items()]
            )
            for part, queries in judged.items()
        }
        for name, less in variants(search).items()
        for asked in [Timed(less, seconds, [])]
    }


def variants(search: Search) -> dict[str, Search]:
    """Return the search as it is and without each of its sources and modifiers."""
    config = search.config
    found = {"as served": search}
    for one in search.retrievers:
        rest = [other for other in search.retrievers if other is not one]
        found[f"without {one.name}"] = replace(search, retrievers=rest)
    found["without telling apart"] = replace(search, traits=None)
    found["without understanding"] = replace(search, understand=verbatim)
    unpopular = replace(config, sources={**config.sources, "popularity": 0.0})
    found["without popularity"] = replace(search, config=unpopular)
    less = {
        "quality": replace(config, quality=0.0),
        "freshness": replace(config, freshness=0.0),
        "availability": replace(config, availability=0.0),
        "phrase": replace(config, phrase=1.0),
    }
    return found | {f"without {name}": replace(search, config=it) for name, it in less.items()}


def _found(
    served: Timed,
    wanted_by: Callable[[questions.Named], set[str]],
    asked: Sequence[questions.Named],
    depth: int,
) -> dict[str, float]:
    """Return how often the films of questions are found; those the corpus lacks are not judged."""
    known = [(question.text, wanted) for question in asked if (wanted := wanted_by(question))]
    sample = known[:: max(1, len(known) // SAMPLE)][:SAMPLE]
    found = [(served(text, depth), wanted) for text, wanted in sample]
    return {
        "questions": len(sample),
        "left out": len(asked) - len(known),
        "first": mean([bool(wanted & set(ranking[:1])) for ranking, wanted in found]),
        f"one of {depth}": mean([bool(wanted & set(ranking)) for ranking, wanted in found]),
        f"recall@{depth}": mean([recall(ranking, wanted) for ranking, wanted in found]),
    }


def _milliseconds(spent: Sequence[float]) -> dict[str, float]:
    p50, p95 = (np.quantile(spent, (0.5, 0.95)) * 1000).tolist()
    return {"searches": len(spent), "p50": round(p50, 1), "p95": round(p95, 1)}
