"""Hybrid search: retrievers side by side, each re-checked, fused, ranked, the page filled in."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice, zip_longest
from typing import TypeVar

from shared.kernel.clock import Clock
from shared.kernel.errors import UnavailableError
from shared.search.diversity import DIVERSIFIED, TraitsOf, diversified, names_a_title
from shared.search.facets import FacetCounts, Facets, counted, widened
from shared.search.filters import Filters
from shared.search.fusion import behind_ends, weighted_rrf
from shared.search.intent.model import Kind
from shared.search.legs import Leg, Retrieval
from shared.search.naming import as_meant
from shared.search.ports import Candidate, Card, Hit, Retriever, Taste, Titles
from shared.search.query import MAX_CANDIDATES, SearchQuery, Sort, Strategy
from shared.search.ranking import (
    Ranked,
    RankingConfig,
    by_popularity,
    by_taste,
    listed,
    popularity_ranks,
    ranked,
    resorted,
)
from shared.search.understanding.model import Understood, verbatim
from shared.search.understanding.relaxing import FEW, SERVICES, Step, ladder

logger = logging.getLogger(__name__)
T = TypeVar("T")

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

LIFT = 1.15
"""Factor of titles that satisfy what was read without certainty (spec/discovery §5.3)."""


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes:
        page: The asked page, best first.
        elsewhere: Where too few titles can be watched on the services that were read, those that
            can be elsewhere, best first; with the first page alone.
        cards: What to show of each of these titles.
        total: How many titles passed, at most `MAX_CANDIDATES`.
        is_estimate: A retriever had more than it was asked for, so `total` may be too low.
        degraded: Sources that did not answer; ``personal`` where taste could not be told,
            ``traits`` where results could not be told apart,
            ``facets`` where they could not be counted.
        understood: What the question was taken for.
    """

    page: Sequence[Ranked]
    elsewhere: Sequence[Ranked]
    cards: Mapping[str, Card]
    total: int
    is_estimate: bool
    degraded: Sequence[str]
    understood: Understood
    facets: Facets | None = None


@dataclass(frozen=True)
class _Relaxed:
    """What satisfies the filters that were read in part.

    Attributes:
        near: Where it was asked to be watched.
        far: Elsewhere.
        kinds: What was given up.
        filters: What all of ``near`` satisfy, None where there is none.
    """

    near: Sequence[Ranked] = ()
    far: Sequence[Ranked] = ()
    kinds: frozenset[Kind] = frozenset()
    filters: Filters | None = None


@dataclass(frozen=True)
class Search:
    """Everything a search is made of.

    Attributes:
        executor: Runs the retrievers side by side.
        budget_seconds: After this long, a retriever that has not answered is left behind.
        patience_seconds: How much longer to wait for the first while none has answered.
        understand: Says what a question is taken for.
        counts: Counts facets; without it, none are answered.
        traits: Tells what makes titles alike; without it, they stay in the order of their scores.
        taste: Of the viewer who asks; None where nobody knows it, or nobody is known to ask.
    """

    retrievers: Sequence[Retriever]
    titles: Titles
    executor: Executor
    clock: Clock
    config: RankingConfig = field(default_factory=RankingConfig)
    budget_seconds: float = RETRIEVER_BUDGET_SECONDS
    patience_seconds: float = PATIENCE_SECONDS
    understand: Callable[[SearchQuery], Understood] = verbatim
    counts: FacetCounts | None = None
    traits: TraitsOf | None = None
    taste: Taste | None = None

    def __call__(self, query: SearchQuery) -> Found:
        """Answer ``query`` from whatever sources live.

        Raises:
            UnavailableError: No retriever answered, or the catalogue cannot be read.
        """
        asked = self.understand(query)
        depths = _depths(query, asked.filters)
        legs, degraded = self._retrieve(asked, query.strategy, depth=depths[-1])
        wished, missing = self._wished(asked, legs), list(degraded)
        unknown: Mapping[str, float] = {}
        tastes = _or_else(unknown, partial(self._tastes, legs), "personal", missing)
        rank = partial(self._ranked, query, text=asked.text, wished=wished, tastes=tastes)
        ranking = rank(_cut(legs, depths[0]), depths[0])
        told_apart = partial(self._told_apart, query, asked, ranking)
        ranking = _or_else(ranking, told_apart, "traits", missing)
        is_estimate = any(len(leg.hits) >= depths[-1] for leg in legs.values())
        relaxed = _Relaxed()
        # Decided, and joined, at the first depth, whichever page is asked: pages stay one walk.
        if asked.found and len(ranking) < FEW:
            relaxed = self._relaxed(query, asked, ranking)
            ranking = _joined(query, ranking, relaxed.near)
        else:
            deeper = [rank(_cut(legs, n), n) for n in depths[1:]]
            ranking = _walkable(ranking, *deeper)
        start = (query.page - 1) * query.page_size
        page = ranking[start : start + query.page_size]
        elsewhere = relaxed.far if query.page == 1 else ()
        cards = {
            **self.titles.cards(_ids(page), relaxed.filters or asked.filters),
            **self.titles.cards(_ids(elsewhere), query.filters),
        }
        count = partial(self._facets, query, asked, legs, depths[-1])
        facets = _or_else(None, count, "facets", missing) if query.facets else None
        return Found(
            # What was deleted, or passes a filter no longer, since it was ranked has no card.
            page=[item for item in page if item.candidate.id in cards],
            elsewhere=[item for item in elsewhere if item.candidate.id in cards],
            cards=cards,
            total=len(ranking),
            is_estimate=is_estimate,
            degraded=missing,
            understood=asked.relaxed(relaxed.kinds),
            facets=facets,
        )

    def _facets(
        self, query: SearchQuery, asked: Understood, legs: Mapping[str, Leg], depth: int
    ) -> Facets | None:
        """Count what could be chosen instead: of all titles, or of those that words find."""
        if self.counts is None:
            return None
        if asked.is_open:
            return self.counts.facets(None, asked.filters)
        degraded: Sequence[str] = ()
        wide = replace(asked, filters=widened(asked.filters), soft=None)
        if wide.filters != asked.filters:
            legs, degraded = self._retrieve(wide, query.strategy, depth=depth)
        hits, counts = {name: leg.hits for name, leg in legs.items()}, self.counts
        return counted(hits, asked.filters, depth=depth, counts=counts, degraded=degraded)

    @property
    def _retrieve(self) -> Retrieval:
        seconds = (self.budget_seconds, self.patience_seconds)
        return Retrieval(self.retrievers, self.titles, self.executor, *seconds)

    def _ranked(
        self,
        query: SearchQuery,
        legs: Mapping[str, Leg],
        depth: int,
        *,
        text: str,
        wished: Collection[str] = (),
        tastes: Mapping[str, float] | None = None,
    ) -> list[Ranked]:
        hits = _by_id([leg.hits for leg in legs.values()])
        passed = {c.id: c for leg in legs.values() for c in leg.candidates}
        candidates = [passed[id_] for id_ in islice(hits, MAX_CANDIDATES) if id_ in passed]
        popular = by_popularity(candidates)
        rankings = _rankings(legs, popular)
        ranks = {"popularity": popularity_ranks(popular)}
        meant = as_meant(text, candidates, hits)
        is_name = any(meant[each.id].phrase for each in candidates)
        every = chain.from_iterable(leg.hits for leg in legs.values())
        weights = self.config.weights(every, is_name=is_name)
        k, year = self.config.rrf_k, self.clock.now().year
        fused = weighted_rrf(rankings, weights, ranks=ranks, k=k)
        behind = behind_ends(rankings, weights, cut=_cut_off(legs, depth), k=k)
        found = ranked(candidates, fused, meant, year=year, config=self.config, behind=behind)
        if tastes:
            found = by_taste(found, tastes, self.config.personal)
        return resorted(_lifted(found, wished) if wished else found, query.sort)

    def _told_apart(
        self, query: SearchQuery, asked: Understood, first: list[Ranked]
    ) -> list[Ranked]:
        """Return the first results told apart; not where an order or a title was asked for."""
        by_relevance = query.sort is Sort.RELEVANCE and query.strategy is Strategy.HYBRID
        if self.traits is None or not by_relevance or asked.is_open:
            return first
        if self.config.mmr_lambda == 1 or names_a_title(asked.text, first):
            return first
        traits = self.traits.traits(_ids(first[:DIVERSIFIED]))
        named = frozenset(asked.filters.genres)
        trade = self.config.mmr_lambda
        return diversified(first, traits, trade=trade, named_genres=named, places=query.depth)

    def _tastes(self, legs: Mapping[str, Leg]) -> Mapping[str, float]:
        """Return how much what was found is to the viewer's taste."""
        if self.taste is None or not self.config.personal:
            return {}
        ids = dict.fromkeys(each.id for leg in legs.values() for each in leg.candidates)
        return self.taste.scores(list(ids))

    def _wished(self, asked: Understood, legs: Mapping[str, Leg]) -> frozenset[str]:
        """Return the titles that satisfy what was read without certainty, in one read."""
        if asked.soft is None:
            return frozenset()
        ids = list(dict.fromkeys(each.id for leg in legs.values() for each in leg.candidates))
        return frozenset(each.id for each in self.titles.candidates(ids, asked.soft))

    def _relaxed(self, query: SearchQuery, asked: Understood, first: Sequence[Ranked]) -> _Relaxed:
        """Return what one more retrieval finds with the filters that were read relaxed."""
        here = ladder(asked, elsewhere=False)
        away = ladder(asked, elsewhere=True) if self._is_scarce(asked, here) else []
        steps = away or here
        if not steps:
            return _Relaxed()
        text = asked.wordy if Kind.YEARS in steps[-1].kinds and asked.wordy else asked.text
        looser = replace(asked, text=text, filters=steps[-1].filters, soft=None)
        depth = TOP_K * OVERFETCH
        try:
            legs, _ = self._retrieve(looser, query.strategy, depth=depth)
        except UnavailableError:
            return _Relaxed()
        known = {item.candidate.id for item in first}
        ranking = self._ranked(query, legs, depth, text=text)
        others = [r for r in ranking if r.candidate.id not in known]
        lacking = FEW - len(first)
        near, last, rest = self._stepped(others, here, enough=lacking)
        far, furthest, _ = self._stepped(rest, away, enough=lacking - len(near))
        kinds = frozenset[Kind]().union(*(step.kinds for step in (last, furthest) if step))
        return _Relaxed(near, far[:FEW], kinds, last.filters if last else None)

    def _is_scarce(self, asked: Understood, here: Sequence[Step]) -> bool:
        """Tell whether the services that were read have too few titles whatever else is relaxed."""
        if not any(one.kind in SERVICES for one in asked.found):
            return False
        return not here or len(self.titles.popular(here[-1].filters, limit=FEW)) < FEW

    def _stepped(
        self, others: Sequence[Ranked], steps: Sequence[Step], *, enough: int
    ) -> tuple[list[Ranked], Step | None, list[Ranked]]:
        """Return titles in the order of the steps, the last step that gave any, and the others.

        As few steps are taken as give enough.
        """
        taken: list[Ranked] = []
        last, left = None, list(others)
        for step in steps:
            if len(taken) >= enough or not left:
                break
            passed = {each.id for each in self.titles.candidates(_ids(left), step.filters)}
            taken += [item for item in left if item.candidate.id in passed]
            left = [item for item in left if item.candidate.id not in passed]
            last = step if passed else last
        return taken, last, left


def _or_else(without: T, made: Callable[[], T], part: str, missing: list[str]) -> T:
    """Return what ``made`` returns; where it cannot be had, ``without``, and say so.

    Args:
        without: What is answered all the same.
        made: Asks the catalogue.
        part: What is then missing.
        missing: Gains the part.
    """
    try:
        return made()
    except UnavailableError as error:
        logger.warning("search.part_down", extra={"part": part, "detail": error.message})
        missing.append(part)
        return without


def _walkable(first: Sequence[Ranked], *deeper: Sequence[Ranked]) -> list[Ranked]:
    """Return the ranking, such that a deeper page never reorders the pages before it.

    Longer lists give fusion other scores, so what earlier pages were cut from stays in front.
    """
    found: dict[str, Ranked] = {}
    for item in chain(first, *deeper):
        found.setdefault(item.candidate.id, item)
    return list(found.values())


def _ids(items: Sequence[Ranked]) -> list[str]:
    return [item.candidate.id for item in items]


def _cut(legs: Mapping[str, Leg], depth: int) -> dict[str, Leg]:
    return {name: leg.cut(depth) for name, leg in legs.items()}


def _cut_off(legs: Mapping[str, Leg], depth: int) -> frozenset[str]:
    """Return the sources whose lists are longer than was asked for, where a title is asked for.

    Who writes words of a title means it whether or not it is among the nearest in meaning; of any
    other question what no source brought up is no answer (docs/relevance.md).
    """
    if not any(hit.phrase for leg in legs.values() for hit in leg.hits):
        return frozenset()
    return frozenset(name for name, leg in legs.items() if len(leg.hits) >= depth)


def _joined(query: SearchQuery, first: Sequence[Ranked], more: Sequence[Ranked]) -> list[Ranked]:
    """Return what satisfies all filters, then the rest; exact titles stay in front of both."""
    both = [*first, *more]
    return sorted(both, key=lambda r: not r.exact) if query.sort is Sort.RELEVANCE else both


def _lifted(found: Sequence[Ranked], wished: Collection[str]) -> list[Ranked]:
    """Return the ranking with what is wished for lifted; exact titles stay in front."""
    lifted = [
        replace(item, score=min(1.0, item.score * LIFT)) if item.candidate.id in wished else item
        for item in found
    ]
    return sorted(lifted, key=lambda item: (not item.exact, -item.score))


def _rankings(legs: Mapping[str, Leg], popular: Sequence[Candidate]) -> dict[str, list[str]]:
    """Return the lists without what failed a filter, and popularity over their union."""
    alive = {candidate.id: candidate for candidate in popular}
    rankings = {name: listed(leg.hits, alive) for name, leg in legs.items()}
    rankings["popularity"] = [candidate.id for candidate in popular]
    return rankings


def _depths(query: SearchQuery, filters: Filters) -> list[int]:
    """Return how long the lists are that each part of the ranking comes from, to the asked page."""
    if query.sort is not Sort.RELEVANCE:
        return [MAX_CANDIDATES]
    first = TOP_K if filters == Filters() else TOP_K * OVERFETCH
    depths = [first, first * DEEPER, MAX_CANDIDATES]
    enough = next((n for n, depth in enumerate(depths) if depth >= query.depth), 2)
    return depths[: enough + 1]


def _by_id(lists: Sequence[Sequence[Hit]]) -> dict[str, Hit]:
    """Return one hit per title, its marks united, interleaved so that a cut is fair to all."""
    found: dict[str, Hit] = {}
    for hit in chain.from_iterable(zip_longest(*lists)):
        if hit is not None:
            known = found.setdefault(hit.content_id, hit)
            if (hit.exact and not known.exact) or (hit.phrase and not known.phrase):
                exact, phrase = known.exact or hit.exact, known.phrase or hit.phrase
                found[hit.content_id] = replace(known, exact=exact, phrase=phrase)
    return found
