"""The tagger as it is served: a sum of weights per word, and the best path through the labels.

Symbols: n words, L labels, F features; ``weights`` (F, L), ``transitions`` (L + 1, L), whose last
row holds for the first word. A path's score is the sum of its words' weights and transitions
(Lafferty et al. 2001, conditional random fields); the best one is found as Viterbi (1967) does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shared.search.intent.tagger.features import features_of
from shared.search.intent.tagger.memory import Memory

Floats = npt.NDArray[np.float32]
FORBIDDEN = np.float32(-1e4)


@dataclass(frozen=True, eq=False)
class Tagger:
    """Weights that were learned.

    Attributes:
        labels: In the order of the columns.
        index: Row of every feature.
        weights: Shape ``(F, L)``, float32.
        transitions: Shape ``(L + 1, L)``, float32; `FORBIDDEN` where none may be.
        memory: What words and phrases named.
    """

    labels: tuple[str, ...]
    index: Mapping[str, int]
    weights: Floats
    transitions: Floats
    memory: Memory

    def tag(self, words: Sequence[str]) -> list[str]:
        """Return the label of every word; takes about 30 μs a word."""
        if not words:
            return []
        path = best_path(self._emissions(words), self.transitions)
        return [self.labels[label] for label in path]

    def _emissions(self, words: Sequence[str]) -> Floats:
        named = features_of(words, self.memory.evidence(words))
        index = self.index
        rows = [[index[name] for name in one if name in index] for one in named]
        starts = np.cumsum([0, *(len(one) for one in rows[:-1])])
        flat = np.fromiter((row for one in rows for row in one), np.intp)
        return np.add.reduceat(self.weights[flat], starts, axis=0)


def best_path(emissions: Floats, transitions: Floats) -> list[int]:
    """Return the labels of the best path; of equal ones that with the lower labels at the end.

    Args:
        emissions: Shape ``(n, L)``, n at least 1.
        transitions: Shape ``(L + 1, L)``; the last row leads to the first word.
    """
    score = emissions[0] + transitions[-1]
    inner, back = transitions[:-1], []
    columns = np.arange(emissions.shape[1])
    for emission in emissions[1:]:
        through = score[:, None] + inner
        best = through.argmax(axis=0)
        score = through[best, columns] + emission
        back.append(best)
    path = [int(score.argmax())]
    for best in reversed(back):
        path.append(int(best[path[-1]]))
    return path[::-1]
