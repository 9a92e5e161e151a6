"""How much titles have in common of what few others have."""

import math
from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

MOST_SHARERS = 500
"""What more titles than these share says nothing of any two of them, and costs their square."""

Places = npt.NDArray[np.int64]
Strengths = npt.NDArray[np.float64]


class Sharing:
    """The cosine of titles by what they share, which counts by its rarity.

    As terms are weighted by Salton and Buckley ("Term-weighting approaches in automatic text
    retrieval", 1988), with a unit of doubt in each length:

        idf_t   ln(N / df_t) / ln N, 1 for what one title has, 0 for what all have
        s(a,b)  Σ_{t in both} idf_t² / sqrt((1 + Σ_{t in a} idf_t²)(1 + Σ_{t in b} idf_t²))

    The doubt keeps two titles apart of which all that is known is one actor of five hundred films:
    ``s`` falls as what they share becomes common, whatever else there is.
    """

    def __init__(self, traits: Sequence[Sequence[Hashable]]) -> None:
        """Count what every title has; repetitions within one title count once."""
        numbers: dict[Hashable, int] = {}
        self._traits = [
            sorted({numbers.setdefault(trait, len(numbers)) for trait in own}) for own in traits
        ]
        owners: list[list[int]] = [[] for _ in numbers]
        for place, own in enumerate(self._traits):
            for trait in own:
                owners[trait].append(place)
        self._owners = [np.array(those, np.int64) for those in owners]
        self._squares = np.array([_square(len(those), len(traits)) for those in owners])
        self._lengths = np.array([1 + self._squares[own].sum() for own in self._traits])

    def strengths(self, place: int) -> tuple[Places, Strengths]:
        """Return the other titles that share something, and how much, above 0 and below 1."""
        own = [t for t in self._traits[place] if 1 < len(self._owners[t]) <= MOST_SHARERS]
        if not own:
            return np.empty(0, np.int64), np.empty(0)
        sharers = np.concatenate([self._owners[trait] for trait in own])
        squares = np.repeat(self._squares[own], [len(self._owners[trait]) for trait in own])
        others, which = np.unique(sharers, return_inverse=True)
        shared = np.bincount(which, squares) / np.sqrt(self._lengths[place] * self._lengths[others])
        kept = (others != place) & (shared > 0)
        return others[kept], shared[kept]


def _square(owners: int, titles: int) -> float:
    return (math.log(titles / owners) / math.log(titles)) ** 2 if titles > 1 else 0.0
