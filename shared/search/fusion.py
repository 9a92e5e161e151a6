"""Weighted reciprocal rank fusion (Cormack et al., SIGIR 2009), normalized to [0, 1]."""

from collections.abc import Hashable, Mapping, Sequence
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


def total(parts: Mapping[str, float]) -> float:
    """Return an item's score, 0 to 1.

    Rounded to 12 digits, so that what is first everywhere has exactly 1 whatever the weights.
    """
    return round(sum(parts.values()), 12)
