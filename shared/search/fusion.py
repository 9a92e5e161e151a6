"""Weighted reciprocal rank fusion (Cormack et al., SIGIR 2009), normalized to [0, 1]."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import TypeVar

Item = TypeVar("Item", bound=Hashable)

RRF_K = 60
"""The constant of the paper: how much less the second place counts than the first."""


def weighted_rrf(
    rankings: Mapping[str, Sequence[Item]],
    weights: Mapping[str, float],
    *,
    ranks: Mapping[str, Sequence[int]] | None = None,
    k: int = RRF_K,
) -> dict[Item, dict[str, float]]:
    """Return each item's score by source; `total` is the item's score.

    ``F̂(d) = Σ_s w_s / (k + rank_s(d))  /  Σ_{s answered} w_s / (k + 1)`` (spec/discovery §5.4):
    an item that is first everywhere has exactly 1, and a source that did not answer drops out of
    numerator and denominator.

    Args:
        rankings: Best first, one list per source that answered; an empty list has answered. An
            item that repeats keeps its best rank.
        weights: Above 0, at least for each source in ``rankings``.
        ranks: By source, the ranks of its items where these are not 1, 2, 3 …: items that tie share
            the best of their ranks, so that no order of chance counts.
        k: Above -1.

    Raises:
        KeyError: A source has no weight.
    """
    # Sources in the order of their names, so that no sum depends on who answered first.
    best = sum(weights[source] / (k + 1) for source in sorted(rankings))
    scores: dict[Item, dict[str, float]] = {}
    for source in sorted(rankings):
        found = rankings[source]
        given = (ranks or {}).get(source) or range(1, len(found) + 1)
        for rank, item in zip(given, found, strict=True):
            parts = scores.setdefault(item, {})
            parts.setdefault(source, weights[source] / (k + rank) / best)
    return scores


def behind_ends(
    rankings: Mapping[str, Sequence[Item]],
    weights: Mapping[str, float],
    *,
    cut: Collection[str],
    k: int = RRF_K,
) -> dict[str, float]:
    """Return what the item right behind the end of a list would have, by source.

    That is where whatever a list lacks stands, if it was longer than was asked for: the location
    parameter of Fagin et al. ("Comparing top k lists", SIAM J. Discrete Mathematics 17(1), 2003).

    Args:
        rankings: As in `weighted_rrf`.
        weights: As there.
        cut: Sources whose lists go on.
        k: As there.
    """
    best = sum(weights[source] / (k + 1) for source in sorted(rankings))
    return {s: weights[s] / (k + len(rankings[s]) + 1) / best for s in sorted(cut)}


def total(parts: Mapping[str, float], behind: Mapping[str, float] | None = None) -> float:
    """Return an item's score, 0 to 1.

    Rounded to 12 digits, so that what is first everywhere has exactly 1 whatever the weights.

    Args:
        parts: The item's score by source.
        behind: What it has of the sources that it has no part of; nothing unless said.
    """
    missing = [part for source, part in (behind or {}).items() if source not in parts]
    return round(sum(parts.values()) + sum(missing), 12)
