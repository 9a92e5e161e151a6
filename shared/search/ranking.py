"""From fused scores to the order a viewer sees (spec/discovery §5.4)."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from shared.catalog.values import OfferType
from shared.search.fusion import RRF_K, total
from shared.search.ports import Candidate, Hit
from shared.search.query import Sort

DAYS_PER_YEAR = 365.0
KNOWN = 0.4
"""Prior from which on a title is known: 200 votes where it trends by half, 1,400 where by a fifth
(`shared.search.suggest.entries.title_popularity`)."""
_NAMED = (("vector", "keyword", 1 / 4), ("popularity", "graph", 1 / 3))
"""Where a name is asked for: which source gives which other what share of its weight."""
MMR_LAMBDA = 0.7
"""λ: how much relevance counts against difference."""
_AVAILABILITY_SHARE = {
    OfferType.FREE: 1.0,
    OfferType.ADS: 1.0,
    OfferType.SUBSCRIPTION: 0.67,
    OfferType.ADDON: 0.67,
    OfferType.RENTAL: 0.33,
    OfferType.PURCHASE: 0.17,
}


@dataclass(frozen=True)
class RankingConfig:
    """Weights and factors of the final score.

    Attributes:
        sources: Weight of each retriever.
        quality: ``a`` of the formula.
        freshness: ``b`` of the formula.
        availability: Most that the best offer may add.
        phrase: Factor of a known title that has a title's name word by word (docs/decisions/0028,
            0046).
        personal: β, how much a viewer's taste counts.
        mmr_lambda: λ of `shared.search.diversity`; 1 leaves results as they are.
        rrf_k: K of `shared.search.fusion`.
    """

    sources: Mapping[str, float] = field(
        default_factory=lambda: {"vector": 0.35, "graph": 0.30, "keyword": 0.20, "popularity": 0.15}
    )
    quality: float = 0.20
    freshness: float = 0.15
    availability: float = 0.05
    phrase: float = 1.2
    personal: float = 0.25
    mmr_lambda: float = MMR_LAMBDA
    rrf_k: int = RRF_K

    def weights(self, hits: Iterable[Hit], *, is_name: bool) -> Mapping[str, float]:
        """Return the weight of each source for a question that has these hits.

        Where a title has every word, words and meaning change places: what has the words is meant
        before what is near in meaning, and what has some of many says little (docs/relevance.md).
        Where they are a name (`shared.search.naming.as_meant`), meaning says still less, and how
        well a title is known is in the factor of phrases already.
        """
        if not any(hit.complete for hit in hits):
            return self.sources
        words, meaning = self.sources["keyword"], self.sources["vector"]
        weights = {**self.sources, "keyword": meaning, "vector": words}
        if is_name:
            for giver, taker, share in _NAMED:
                given = weights[giver] * share
                weights |= {giver: weights[giver] - given, taker: weights[taker] + given}
        return weights


@dataclass(frozen=True)
class Ranked:
    """One title with its score and where the score came from.

    Attributes:
        score: 0 to 1.
        parts: The fused score's share by source, and ``personal`` where taste counted.
        exact: The title is what was asked for.
    """

    candidate: Candidate
    score: float
    parts: Mapping[str, float]
    exact: bool


def final_score(
    fused: float, candidate: Candidate, *, phrase: bool, year: int, config: RankingConfig
) -> float:
    """Return ``F̂·(1 + a·quality + b·freshness)/(1 + a + b)`` with the nudges, clamped to [0, 1].

    Args:
        fused: F̂, 0 to 1.
        candidate: Its quality and best offer count.
        phrase: The title has the question, which is a title's name, word by word. It counts as far
            as the title is known: of namesakes that nobody knows none is likely meant.
        year: The present year; freshness is ``exp(-age_days / 365)``, and without a release year
            there is none.
        config: The factors.
    """
    a, b = config.quality, config.freshness
    age = None if candidate.release_year is None else max(0, year - candidate.release_year)
    fresh = 0.0 if age is None else math.exp(-age * DAYS_PER_YEAR / 365)
    score = fused * (1 + a * candidate.quality + b * fresh) / (1 + a + b)
    if phrase:
        score = min(1.0, score * (1 + (config.phrase - 1) * min(1.0, candidate.prior / KNOWN)))
    return min(1.0, score + config.availability * _best_share(candidate.offer_types))


@lru_cache(1024)
def _best_share(offer_types: frozenset[OfferType]) -> float:
    return max((_AVAILABILITY_SHARE[kind] for kind in offer_types), default=0.0)


def ranked(
    candidates: Sequence[Candidate],
    fused: Mapping[str, Mapping[str, float]],
    hits: Mapping[str, Hit],
    *,
    year: int,
    config: RankingConfig,
    behind: Mapping[str, float] | None = None,
) -> list[Ranked]:
    """Return the candidates in order: exact titles first, then by score.

    Ties go by popularity, then by id, so that paging is stable. ``behind`` is that of
    `shared.search.fusion.total`.
    """
    found = []
    for candidate in candidates:
        parts = fused[candidate.id]
        hit = hits.get(candidate.id)
        phrase = hit is not None and hit.phrase
        whole = total(parts, behind)
        score = final_score(whole, candidate, phrase=phrase, year=year, config=config)
        found.append(Ranked(candidate, score, parts, exact=hit is not None and hit.exact))
    return sorted(found, key=_place)


def by_taste(found: Sequence[Ranked], tastes: Mapping[str, float], share: float) -> list[Ranked]:
    """Return the ranking with ``(1 - β)·score + β·taste`` for the titles whose taste is known.

    Args:
        found: In any order.
        tastes: 0 to 1 by id (`shared.search.ports.Taste`).
        share: β, 0 to 1.
    """
    blended = [
        replace(
            item,
            score=item.score + share * (taste - item.score),
            parts={**item.parts, "personal": taste},
        )
        if (taste := tastes.get(item.candidate.id)) is not None
        else item
        for item in found
    ]
    return sorted(blended, key=_place)


def _place(item: Ranked) -> tuple[bool, float, float, str]:
    candidate = item.candidate
    return not item.exact, -item.score, -candidate.popularity, candidate.id


def listed(hits: Sequence[Hit], passed: Mapping[str, Candidate]) -> list[str]:
    """Return the ids of the hits that passed, best first.

    Of those that a retriever holds equal the earlier title comes first, what has no release year
    last: who asks for a franchise begins with its beginning, and no order of chance counts.
    """
    found = [hit for hit in hits if hit.content_id in passed]

    def place(hit: Hit) -> tuple[float, float]:
        if hit.score is None:
            return 0.0, 0.0
        year = passed[hit.content_id].release_year
        return -hit.score, math.inf if year is None else year

    return [hit.content_id for hit in sorted(found, key=place)]


def by_popularity(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates that are likeliest meant first, ties by id."""
    return sorted(candidates, key=lambda c: (-c.prior, c.id))


def popularity_ranks(ordered: Sequence[Candidate]) -> list[int]:
    """Return the rank of each candidate of `by_popularity`; what is as likely shares the best."""
    ranks: list[int] = []
    for place, candidate in enumerate(ordered, 1):
        ties = place > 1 and candidate.prior == ordered[place - 2].prior
        ranks.append(ranks[-1] if ties else place)
    return ranks


def resorted(found: list[Ranked], sort: Sort) -> list[Ranked]:
    """Return ``found`` in the order asked for; what has no value for it comes last."""
    if sort is Sort.RELEVANCE:
        return found
    reverse = sort in {
        Sort.NEWEST,
        Sort.HIGHEST_RATED,
        Sort.MOST_POPULAR,
        Sort.REVERSE_ALPHABETICAL,
    }
    known = [r for r in found if _key(r.candidate, sort) is not None]
    unknown = [r for r in found if _key(r.candidate, sort) is None]
    return sorted(known, key=lambda r: _key(r.candidate, sort) or "", reverse=reverse) + unknown


def _key(candidate: Candidate, sort: Sort) -> tuple[float, str] | None:
    if sort in {Sort.NEWEST, Sort.OLDEST}:
        value: float | None = candidate.release_year
    elif sort in {Sort.HIGHEST_RATED, Sort.LOWEST_RATED}:
        value = candidate.average_rating
    elif sort is Sort.MOST_POPULAR:
        value = candidate.popularity
    else:
        return (0.0, candidate.title.casefold())
    return None if value is None else (value, "")
