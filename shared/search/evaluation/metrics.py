"""How good one ranking is, by the grades of what it holds.

Symbols: g the grade of a title, 0 where nobody judged it; i the place, from 1; k the depth.

    DCG@k   = Σ_i≤k (2^g_i - 1) / log2(i + 1)        (Burges et al., ICML 2005, section 6)
    NDCG@k  = DCG@k / DCG@k of the best order there is
"""

from collections.abc import Collection, Mapping, Sequence
from math import log2

DEPTH = 10


def ndcg(ranking: Sequence[str], grades: Mapping[str, int], *, depth: int = DEPTH) -> float:
    """Return NDCG@k, 0 to 1; judged titles that the catalogue lacks count in the best order.

    Args:
        ranking: Titles, best first, each once.
        grades: By title, 0 and up.
        depth: k, at least 1.

    Raises:
        ValueError: No grade is above 0: every order would be as good as any other.
    """
    best = _dcg(sorted(grades.values(), reverse=True)[:depth])
    if best == 0:
        raise ValueError("nothing is relevant")
    return _dcg([grades.get(title, 0) for title in ranking[:depth]]) / best


def _dcg(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1) / log2(place + 1) for place, grade in enumerate(grades, 1))


def recall(ranking: Sequence[str], wanted: Collection[str]) -> float:
    """Return the share of ``wanted``, at least one, that the ranking holds."""
    return len(set(ranking) & set(wanted)) / len(set(wanted))


def mean(values: Collection[float]) -> float:
    """Return the mean to four digits, 0 of nothing."""
    return round(sum(values) / len(values), 4) if values else 0.0
