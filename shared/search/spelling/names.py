"""Names of the catalogue, found in spite of slips: the whole name at once, not word by word."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from shared.kernel.text import title_key
from shared.search.spelling.costs import distance
from shared.search.spelling.grams import Floats, GramIndex, Indexes
from shared.search.spelling.strings import Arrays, Strings

CANDIDATES = 96
"""Names that share most with what was written; their edit distance is taken."""
JUDGED = 12
"""Names of least edit distance; the price of their slips is taken."""
FARTHER = 1.75
"""How many edits more than the nearest name one may have for its price to be taken."""
ARTICLE = 0.35
"""Price of a missing article, or of a number written otherwise."""
PRIOR_WEIGHT = 0.4
"""What being the most popular name is worth, in prices of unlikely slips."""
SLIPS_PER_LETTER = 0.25
"""Price of slips beyond which a name is another one, for each letter of what was written."""


@dataclass(frozen=True)
class NameMatch:
    """A name that was perhaps meant.

    Attributes:
        index: Position of the name.
        name: The name, folded.
        price: Of the slips between it and what was written (`costs`), 0 if equal.
        score: `price` less what the name's popularity is worth; lower is better.
    """

    index: int
    name: str
    price: float
    score: float


@dataclass(frozen=True)
class Names:
    """Folded names, each once, and how likely each is asked for.

    Attributes:
        strings: The names, sorted.
        prior: Shape ``(N,)``, 0 to 1.
        grams: Finds names that share pieces.
    """

    strings: Strings
    prior: Floats
    grams: GramIndex

    @classmethod
    def build(cls, names: Sequence[tuple[str, float]]) -> Self:
        """Index folded names with their prior; of a name given twice the greater prior counts."""
        best: dict[str, float] = {}
        for name, prior in names:
            best[name] = max(prior, best.get(name, 0.0))
        ordered = sorted(best)
        priors = np.array([best[name] for name in ordered], np.float32)
        return cls(Strings.of(ordered), priors, GramIndex.build(ordered))

    @classmethod
    def from_arrays(cls, arrays: Arrays, name: str) -> Self:
        """Return what `arrays` wrote under ``name``."""
        strings = Strings.from_arrays(arrays, f"{name}.strings")
        prior = arrays[f"{name}.prior"].astype(np.float32, copy=False)
        return cls(strings, prior, GramIndex.from_arrays(arrays, f"{name}.grams"))

    def arrays(self, name: str) -> Arrays:
        """Return this as arrays whose names begin with ``name``."""
        return {
            **self.strings.arrays(f"{name}.strings"),
            f"{name}.prior": self.prior,
            **self.grams.arrays(f"{name}.grams"),
        }

    def find(self, folded: str) -> int | None:
        """Return the position of a name that is exactly this, None if there is none."""
        return self.strings.find(folded)

    def match(self, folded: str, *, limit: int) -> list[NameMatch]:
        """Return the names that were perhaps meant, most likely first.

        A name that is exactly what was written comes first, whatever its popularity. A leading
        article more or less is no slip, but equal names come before such.

        Args:
            folded: What was written, folded.
            limit: Most names.
        """
        found = self._candidates(folded)
        if not len(found):
            return []
        names = self.strings.many(found)
        edits = _edits(folded, names)
        rough = edits - PRIOR_WEIGHT * self.prior[found]
        order = np.argsort(rough, kind="stable")[: max(limit, JUDGED)].tolist()
        near = [i for i in order[:JUDGED] if rough[i] <= rough[order[0]] + FARTHER]
        matches = [self._judged(folded, int(found[i]), names[i]) for i in near]
        matches.sort(key=lambda match: (match.name != folded, match.score, match.name))
        matches.extend(
            NameMatch(int(found[i]), names[i], float(edits[i]), float(rough[i]))
            for i in order[len(near) : limit]
        )
        return matches[:limit]

    def _candidates(self, folded: str) -> Indexes:
        found = self.grams.nearest(folded, self.prior, limit=CANDIDATES)
        exact = self.find(folded)
        return found if exact is None else np.union1d(found, [exact])

    def _judged(self, folded: str, index: int, name: str) -> NameMatch:
        price, key, own = distance(folded, name), title_key(folded), title_key(name)
        if (key, own) != (folded, name) and price > ARTICLE:
            price = min(price, ARTICLE + distance(key, own))
        return NameMatch(index, name, price, price - PRIOR_WEIGHT * float(self.prior[index]))


def _edits(folded: str, names: Sequence[str]) -> Floats:
    """Return each name's edit distance, or that of the keys if less; swaps count once."""
    whole = cdist([folded], names, scorer=OSA.distance, dtype=np.float32)[0]
    keys = [title_key(name) for name in names]
    bare = cdist([title_key(folded)], keys, scorer=OSA.distance, dtype=np.float32)[0]
    edits: Floats = np.minimum(whole, bare + ARTICLE)
    return edits
