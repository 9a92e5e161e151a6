"""The first results told apart: no page of one film's copies (spec/discovery §5.8).

    rel_i   score of title i by the best score of all, 0 to 1
    c_ij    cosine of the vectors of i and j, 0 where one is missing
    S       titles chosen so far, in order

Each place goes to ``argmax_i λ·rel_i - (1 - λ)·max_{j in S} c_ij`` (Carbonell and Goldstein, SIGIR
1998, maximal marginal relevance) among those that crowd neither a genre nor a franchise.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from shared.kernel.text import title_key
from shared.search.naming import is_name
from shared.search.ports import Vector
from shared.search.ranking import MMR_LAMBDA, Ranked

DIVERSIFIED = 50
"""Results that may change places; what follows them stays where it is."""
WINDOW = 5
MOST_OF_A_GENRE = 3
"""Titles of one primary genre among `WINDOW` that follow one another."""
MOST_OF_A_FRANCHISE = 3
"""Titles of one franchise among `DIVERSIFIED`, where others could stand in their place."""


@dataclass(frozen=True)
class Traits:
    """What makes titles alike to a viewer.

    Attributes:
        genre: The first one.
        franchise: What all titles of its franchise share.
        vector: Unit length.
    """

    genre: str | None
    franchise: str | None
    vector: Vector | None


class TraitsOf(Protocol):
    """What is known of titles."""

    def traits(self, ids: Sequence[str]) -> Mapping[str, Traits]:
        """Return the traits of those of ``ids`` that exist; vectors of one model."""


def names_a_title(asked: str, found: Sequence[Ranked]) -> bool:
    """Tell whether a question names, or begins, the title that was found: such answers stay so.

    Who asks for ``rocky`` or ``indiana jones`` wants them all; telling them apart cost a tenth to a
    third of NDCG@10 on judged queries of this kind and nothing on others (docs/graph.md).
    """
    if any(item.exact for item in found[:DIVERSIFIED]):
        return True
    begins = title_key(asked)
    if not begins or not found:
        return False
    first = found[0].candidate.title
    return f"{title_key(first)} ".startswith(f"{begins} ") or is_name(asked, first)


def diversified(
    found: Sequence[Ranked],
    traits: Mapping[str, Traits],
    *,
    trade: float = MMR_LAMBDA,
    named_genres: frozenset[str] = frozenset(),
    places: int = DIVERSIFIED,
) -> list[Ranked]:
    """Return ``found`` with its first `DIVERSIFIED` told apart; the same titles, none lost.

    Exact titles lead as they did. Where everything that is left crowds a genre or a franchise, the
    best of it is taken all the same. Ties keep the order of ``found``.

    Args:
        found: Best first, exact titles in front.
        traits: By id; a title without any is unlike all others.
        trade: λ, above 0, at most 1.
        named_genres: Genres that were asked for, which may fill a page.
        places: How many are looked at, from the first; who stands behind them does not matter. No
            place depends on one after it, so this changes none of them.
    """
    exact = next((at for at, item in enumerate(found) if not item.exact), len(found))
    head = found[:DIVERSIFIED]
    if len(head) - exact < 2:  # noqa: PLR2004 - one title has nobody to change places with
        return list(found)
    pick = _Pick(head, [traits.get(item.candidate.id, _NOTHING) for item in head], named_genres)
    for place in range(min(len(head), places)):
        pick.take(place if place < exact else pick.best(trade))
    placed = set(pick.order)
    rest = [item for at, item in enumerate(head) if at not in placed]
    return [*(head[at] for at in pick.order), *rest, *found[DIVERSIFIED:]]


_NOTHING = Traits(None, None, None)


class _Pick:
    """Titles being put in order, each at its place in the list they came in."""

    def __init__(
        self, head: Sequence[Ranked], traits: Sequence[Traits], named_genres: frozenset[str]
    ) -> None:
        scores = np.array([item.score for item in head])
        self._relevance = scores / (scores.max() or 1.0)
        self._cosines = _cosines(traits)
        self._nearest = np.zeros(len(head))
        self._free = np.ones(len(head), bool)
        genres = [None if each.genre in named_genres else each.genre for each in traits]
        self._genres, self._franchises = genres, [each.franchise for each in traits]
        self._of_franchise: Counter[str | None] = Counter()
        self.order: list[int] = []

    def take(self, at: int) -> None:
        """Give the next place to the title at ``at``."""
        self.order.append(at)
        self._free[at] = False
        self._of_franchise[self._franchises[at]] += 1
        np.maximum(self._nearest, self._cosines[at], out=self._nearest)

    def best(self, trade: float) -> int:
        """Return who has the next place."""
        worth = trade * self._relevance - (1 - trade) * self._nearest
        worth[~self._free] = -np.inf
        recent = Counter(self._genres[at] for at in self.order[1 - WINDOW :])
        first = at = int(worth.argmax())
        while self._crowds(at, recent):
            worth[at] = -np.inf
            at = int(worth.argmax())
            if worth[at] == -np.inf:  # everything that is left crowds
                return first
        return at

    def _crowds(self, at: int, recent: Mapping[str | None, int]) -> bool:
        genre, franchise = self._genres[at], self._franchises[at]
        return (genre is not None and recent.get(genre, 0) >= MOST_OF_A_GENRE) or (
            franchise is not None and self._of_franchise[franchise] >= MOST_OF_A_FRANCHISE
        )


def _cosines(traits: Sequence[Traits]) -> npt.NDArray[np.float32]:
    """Return the cosines of all with all, shape ``(n, n)``, none below 0."""
    known = [each.vector for each in traits if each.vector is not None]
    if not known:
        return np.zeros((len(traits), len(traits)), np.float32)
    rows = np.zeros((len(traits), len(known[0])), np.float32)
    for row, each in zip(rows, traits, strict=True):
        if each.vector is not None:
            row[:] = each.vector
    return (rows @ rows.T).clip(0, 1)
