"""What is common among titles: words of names, and genres that go together.

Agreement in a rare name says more than in one that many titles bear (Winkler, "Frequency-based
matching in Fellegi-Sunter", 1989); and two genres that often stand together are no contradiction.
Counted once by `shared.matching.training`, kept in ``background.json``.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from math import log2
from pathlib import Path
from typing import Any

import orjson

FILE = Path(__file__).parent / "background.json"
RARITY = (10.5, 12.5, 18.0, 26.0)
"""Bits between the five degrees of rarity; one word of no other title has just below 14."""
MOST_KNOWN = 1 << 16
"""Names whose rarity is remembered."""


@dataclass(frozen=True)
class Background:
    """What is common.

    Attributes:
        titles: How many were counted.
        words: Titles by word, for words of several titles; every other word counts as of one.
        kin: Pairs of genres, sorted, that stand together more often than by chance.
    """

    titles: int
    words: Mapping[str, int]
    kin: frozenset[tuple[str, str]]
    known: dict[str, int] = field(default_factory=dict, compare=False)
    sums: dict[str, float] = field(default_factory=dict, compare=False)

    def rarity(self, key: str) -> int:
        """Return how rare a name is by its words, 0 (many bear it) to 4."""
        found = self.known.get(key)
        if found is None:
            found = bisect_right(RARITY, self.bits(key))
            if len(self.known) < MOST_KNOWN:
                self.known[key] = found
        return found

    def bits(self, key: str) -> float:
        """Return the information of a name's distinct words, each taken for itself."""
        return self._sum(set(key.split()))

    def shared_words(self, left: str, right: str) -> float:
        """Return the share of two names' information that lies in words of both, 0 to 1."""
        one, other = set(left.split()), set(right.split())
        common = one & other
        if not common:
            return 0.0
        shared = self._sum(common)
        return shared / (shared + self._sum(one ^ other))

    def share_less(self, left: str, right: str, share: float) -> bool:
        """Tell whether `shared_words` is below a share, with as little counting as that takes."""
        one = set(left.split())
        common = one.intersection(right.split())
        if not common:
            return share > 0
        # Below a share s: common < s * (left + right - common), and right is no less than common.
        shared, own = self._sum(common), self._known_bits(left)
        return shared < share * own or shared < share * (own + self._known_bits(right) - shared)

    def _known_bits(self, key: str) -> float:
        found = self.sums.get(key)
        if found is None:
            found = self.bits(key)
            if len(self.sums) < MOST_KNOWN:
                self.sums[key] = found
        return found

    def _sum(self, words: set[str]) -> float:
        most, table, total = self._most, self._bits, 0.0
        for word in words:
            total += table.get(word, most)
        return total

    @cached_property
    def _most(self) -> float:
        return log2(self.titles / 2)

    @cached_property
    def _bits(self) -> Mapping[str, float]:
        return {word: log2(self.titles / (count + 1)) for word, count in self.words.items()}

    def are_kin(self, left: frozenset[str], right: frozenset[str]) -> bool:
        """Tell whether a genre of one title goes with a genre of the other."""
        return any((min(a, b), max(a, b)) in self.kin for a in left for b in right)


@cache
def background() -> Background:
    """Return what is shipped."""
    return background_of(orjson.loads(FILE.read_bytes()))


def background_of(table: Mapping[str, Any]) -> Background:
    """Return a table as it is written."""
    return Background(table["titles"], table["words"], frozenset(map(tuple, table["kin"])))
