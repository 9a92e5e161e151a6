"""BM25 over titles, the peer that search has to beat.

Symbols: N titles; n the titles with a word; f how often a title has it; l the title's length, L the
mean length.

    score(q, d) = Σ_w∈q  ln(1 + (N - n + ½)/(n + ½)) · f·(k1 + 1) / (f + k1·(1 - b + b·l/L))

(Robertson and Zaragoza, Foundations and Trends in Information Retrieval 3(4), 2009, equation 3.15,
with the logarithm kept above 0.)
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from math import log

from shared.kernel.text import words

K1, B = 1.2, 0.75


class TitleBm25:
    """An index of titles.

    Args:
        titles: What a title is called, by id.
    """

    def __init__(self, titles: Mapping[str, str]) -> None:
        self._counts: dict[str, dict[str, int]] = defaultdict(dict)
        self._lengths: dict[str, int] = {}
        for id_, title in titles.items():
            found = words(title)
            self._lengths[id_] = len(found)
            for word, count in Counter(found).items():
                self._counts[word][id_] = count
        self._mean = sum(self._lengths.values()) / max(1, len(self._lengths))

    def ranking(self, query: str, *, limit: int) -> list[str]:
        """Return the ids of the best titles, best first, ties by id."""
        found = self.scores(query)
        return sorted(found, key=lambda id_: (-found[id_], id_))[:limit]

    def scores(self, query: str) -> dict[str, float]:
        """Return the score of every title that has a word of the query, by id."""
        scores: dict[str, float] = defaultdict(float)
        for word in words(query):
            having = self._counts.get(word, {})
            weight = log(1 + (len(self._lengths) - len(having) + 0.5) / (len(having) + 0.5))
            for id_, count in having.items():
                longer = 1 - B + B * self._lengths[id_] / self._mean
                scores[id_] += weight * count * (K1 + 1) / (count + K1 * longer)
        return scores
