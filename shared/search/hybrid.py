"""Hybrid search: retrievers side by side, each re-checked, fused, ranked, the page filled in."""

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field
from itertools import chain, islice, zip_longest
from time import monotonic

from shared.kernel.clock import Clock
from shared.kernel.errors import UnavailableError
from shared.search.filters import Filters
from shared.search.fusion import weighted_rrf
from shared.search.ports import Asked, Candidate, Card, Hit, Retriever, Titles
from shared.search.query import MAX_CANDIDATES, SearchQuery, Sort, Strategy
from shared.search.ranking import (
    Ranked,
    RankingConfig,
    by_popularity,
    popularity_ranks,
    ranked,
    resorted,
)

logger = logging.getLogger(__name__)

RETRIEVER_BUDGET_SECONDS = 0.3
"""How long one search waits for its retrievers (spec/discovery §5.1)."""

PATIENCE_SECONDS = 2.0
"""How much longer it waits while it has nothing at all: a late answer beats an error."""

TOP_K = 50
"""Titles a retriever is asked for first (spec/discovery §2)."""

OVERFETCH = 3
"""So many times more where filters may take some of them away."""

DEEPER = 4
"""So many times more for pages beyond, and `MAX_CANDIDATES` beyond those."""


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes:
        page: The asked page, best first.
        cards: What to show of each title of the page.
        total: How many titles passed, at most `MAX_CANDIDATES`.
        is_estimate: A retriever had more than it was asked for, so `total` may be too low.
        degraded: Sources that did not answer.
    """

    page: Sequence[Ranked]
    cards: Mapping[str, Card]
    total: int
    is_estimate: bool
    degraded: Sequence[str]


@dataclass(frozen=True)
class _Leg:
    """What one retriever found, best first, and those of it that passed every hard filter."""

    hits: Sequence[Hit]
    candidates: Sequence[Candidate]

    def cut(self, depth: int) -> "_Leg":
        return _Leg(self.hits[:depth], self.candidates)


@dataclass(frozen=True)
class Search:
    """Everything a search is made of.

    Attributes:
        executor: Runs the retrievers side by side.
        budget_seconds: After this long, a retriever that has not answered is left behind.
        patience_seconds: How much longer to wait for the first while none has answered.
    """

    retrievers: Sequence[Retriever]
    titles: Titles
    executor: Executor
    clock: Clock
    config: RankingConfig = field(default_factory=RankingConfig)
    budget_seconds: float = RETRIEVER_BUDGET_SECONDS
    patience_seconds: float = PATIENCE_SECONDS

    def __call__(self, query: SearchQuery) -> Found:
        """Answer ``query`` from whatever sources live.

        Raises:
            UnavailableError: No retriever answered, or the catalogue cannot be read.
        """
        depths = _depths(query)
        depth = depths[-1]
        legs, degraded = self._retrieved(query, depth) if query.text else ({}, [])
        if not query.text:
            popular = self.titles.popular(query.filters, limit=depth)
            legs = {"popularity": self._judged(popular, query)}
        elif not legs:
            raise UnavailableError(f"no source answered: {', '.join(degraded)}")
        ranking = self._walkable(query, legs, depths)
        start = (query.page - 1) * query.page_size
        page = ranking[start : start + query.page_size]
        cards = self.titles.cards([item.candidate.id for item in page], query.filters)
        return Found(
            # A title that was deleted between the two reads has no card any more.
            page=[item for item in page if item.candidate.id in cards],
            cards=cards,
            total=len(ranking),
            is_estimate=any(len(leg.hits) >= depth for leg in legs.values()),
            degraded=degraded,
        )

    def _walkable(
        self, query: SearchQuery, legs: Mapping[str, _Leg], depths: Sequence[int]
    ) -> list[Ranked]:
        """Return the ranking, such that a deeper page never reorders the pages before it.

        Longer lists give fusion other scores, so what earlier pages were cut from stays in front.
        """
        found: dict[str, Ranked] = {}
        for depth in depths:
            for item in self._ranked(query, {name: leg.cut(depth) for name, leg in legs.items()}):
                found.setdefault(item.candidate.id, item)
        return list(found.values())

    def _ranked(self, query: SearchQuery, legs: Mapping[str, _Leg]) -> list[Ranked]:
        hits = _by_id([leg.hits for leg in legs.values()])
        passed = {c.id: c for leg in legs.values() for c in leg.candidates}
        candidates = [passed[id_] for id_ in islice(hits, MAX_CANDIDATES) if id_ in passed]
        popular = by_popularity(candidates)
        rankings = _rankings(legs, popular)
        ranks = {"popularity": popularity_ranks(popular)}
        fused = weighted_rrf(rankings, self.config.sources, ranks=ranks)
        year = self.clock.now().year
        return resorted(ranked(candidates, fused, hits, year=year, config=self.config), query.sort)

    def _retrieved(self, query: SearchQuery, depth: int) -> tuple[dict[str, _Leg], list[str]]:
        asked = [r for r in self.retrievers if query.strategy in {Strategy.HYBRID, r.name}]
        running = {r.name: self.executor.submit(self._leg, r, query, depth) for r in asked}
        _wait(list(running.values()), self.budget_seconds, self.patience_seconds)
        answers = {name: _answer(name, future) for name, future in running.items()}
        legs = {name: leg for name, leg in answers.items() if leg is not None}
        return legs, sorted(answers.keys() - legs.keys())

    def _leg(self, retriever: Retriever, query: SearchQuery, depth: int) -> _Leg:
        asked = Asked(query.text, query.filters)
        return self._judged(retriever.retrieve(asked, limit=depth), query)

    def _judged(self, hits: Sequence[Hit], query: SearchQuery) -> _Leg:
        """Re-check every hard filter; each retriever by itself, so that none waits for another."""
        ids = [hit.content_id for hit in hits]
        return _Leg(hits, self.titles.candidates(ids, query.filters))


def _rankings(legs: Mapping[str, _Leg], popular: Sequence[Candidate]) -> dict[str, list[str]]:
    """Return the lists without what failed a filter, and popularity over their union."""
    alive = {candidate.id for candidate in popular}
    rankings = {
        name: [hit.content_id for hit in leg.hits if hit.content_id in alive]
        for name, leg in legs.items()
    }
    rankings["popularity"] = [candidate.id for candidate in popular]
    return rankings


def _wait(running: Sequence["Future[_Leg]"], budget: float, patience: float) -> None:
    """Wait for all within the budget; while none has an answer, on for the first that has one."""
    _, pending = wait(running, timeout=budget)
    deadline = monotonic() + patience
    while pending and not any(_has_answer(future) for future in running):
        done, pending = wait(
            pending, timeout=max(0.0, deadline - monotonic()), return_when=FIRST_COMPLETED
        )
        if not done:
            return


def _has_answer(future: "Future[_Leg]") -> bool:
    return future.done() and future.exception() is None


def _depths(query: SearchQuery) -> list[int]:
    """Return how long the lists are that each part of the ranking comes from, to the asked page."""
    if query.sort is not Sort.RELEVANCE:
        return [MAX_CANDIDATES]
    first = TOP_K if query.filters == Filters() else TOP_K * OVERFETCH
    depths = [first, first * DEEPER, MAX_CANDIDATES]
    enough = next((n for n, depth in enumerate(depths) if depth >= query.depth), 2)
    return depths[: enough + 1]


def _answer(name: str, future: "Future[_Leg]") -> _Leg | None:
    """Return what a retriever found, or None where it was late or its service is down."""
    if not future.done():
        future.cancel()
        logger.warning("retriever.late", extra={"retriever": name})
        return None
    error = future.exception()
    if error is None:
        return future.result()
    if not isinstance(error, UnavailableError):
        # A fault of ours costs one source, not the answer; the trace says where it lies.
        logger.error("retriever.failed", exc_info=error, extra={"retriever": name})
    else:
        logger.warning("retriever.down", extra={"retriever": name, "detail": error.message})
    return None


def _by_id(lists: Sequence[Sequence[Hit]]) -> dict[str, Hit]:
    """Return one hit per title, its marks united, interleaved so that a cut is fair to all."""
    found: dict[str, Hit] = {}
    for hit in chain.from_iterable(zip_longest(*lists)):
        if hit is not None:
            known = found.setdefault(hit.content_id, hit)
            if (hit.exact and not known.exact) or (hit.prefix and not known.prefix):
                found[hit.content_id] = Hit(
                    hit.content_id, known.exact or hit.exact, known.prefix or hit.prefix
                )
    return found
