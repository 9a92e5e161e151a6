"""Which titles have a word, and what that adds to their rank.

    w_j   weight of a word's place j = 0, 1, …: A 1, B .4, C .2, D .1
    m     first place of the greatest weight
    r     (w_m + Σ w_j/(j+1)² - w_m/(m+1)²) / (π²/6)
    rank  Σ r over the words asked for / their number

after PostgreSQL's ``ts_rank`` without normalization (src/backend/utils/adt/tsrank.c, function
``calc_rank_or``), with single precision where it has single precision: equal ranks stay equal.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, fields
from itertools import chain
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from shared.search.resident.rows import arrays_of, below
from shared.search.resident.strings import Strings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.search.resident.rows import Arrays, Rows

WEIGHTS = {"A": np.float32(1.0), "B": np.float32(0.4), "C": np.float32(0.2), "D": np.float32(0.1)}
"""What a place counts, by its letter (``search_words.sql``)."""
_SUM_OF_INVERSE_SQUARES = 1.64493406685
"""π²/6, as tsrank.c writes it."""
_LAST = chr(0x10FFFF)

MISSING = 0
Kinds = npt.NDArray[np.unsignedinteger]
"""How words occur in titles: places in a table of shares, `MISSING` where one does not."""
Shares = npt.NDArray[np.float64]
"""What words add to a rank; that of `MISSING` is 0."""


@dataclass(frozen=True)
class Postings:
    """Titles by word.

    Few ways to occur are many titles': a posting names one of them by two bytes.

    Attributes:
        words: In the order of their UTF-8, so that those of one beginning are neighbors.
        starts: Where each word's postings begin, and where the last's end; int64.
        rows: Titles, ascending within a word.
        kinds: How the word occurs in the title; uint16 as long as that holds all kinds.
        shares: By kind.
    """

    words: Strings
    starts: npt.NDArray[np.int64]
    rows: Rows
    kinds: Kinds
    shares: Shares

    @classmethod
    def build(cls, titles: Sequence[Mapping[str, str]]) -> Self:
        """Return the postings of each title's words, given with the letters of their places."""
        words = sorted(set(chain.from_iterable(titles)))
        number_of = {word: number for number, word in enumerate(words)}
        shares, kind_of = _kinds(titles)
        sizes = np.array([len(title) for title in titles], np.int64)
        count = int(sizes.sum())
        numbers = np.fromiter((number_of[w] for title in titles for w in title), np.int32, count)
        kinds = np.fromiter((kind_of[p] for t in titles for p in t.values()), np.uint32, count)
        rows = np.repeat(np.arange(len(titles), dtype=np.int32), sizes)
        order = np.argsort(numbers, kind="stable")
        starts = np.zeros(len(words) + 1, np.int64)
        np.cumsum(np.bincount(numbers, minlength=len(words)), out=starts[1:])
        small = kinds[order].astype(np.min_scalar_type(max(len(shares), 256)))
        return cls(Strings.build(words), starts, rows[order], small, shares)

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return what `from_arrays` takes."""
        return arrays_of(self, [field.name for field in fields(self)])

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return the postings that were kept, copying none.

        Raises:
            KeyError: An array is missing.
            ValueError: Arrays do not fit each other.
        """
        words = Strings.from_arrays(below(arrays, "words"))
        starts = arrays["starts"].astype(np.int64, copy=False)
        rows = arrays["rows"].astype(np.int32, copy=False)
        kinds, shares = arrays["kinds"], arrays["shares"].astype(np.float64, copy=False)
        if not np.issubdtype(kinds.dtype, np.unsignedinteger) or len(kinds) != len(rows):
            raise ValueError(f"{len(kinds)} {kinds.dtype} for {len(rows)} rows")
        if len(starts) != len(words) + 1 or starts[-1] != len(rows):
            raise ValueError(f"{len(starts)} starts of {len(words)} words in {len(rows)} rows")
        return cls(words, starts, rows, kinds, shares)  # type: ignore[arg-type]

    def span(self, word: str) -> slice:
        """Return where the postings of a word are; nowhere if no title has it."""
        number = bisect_left(self.words, word)
        has = number < len(self.words) and self.words[number] == word
        return self._between(number, number + has)

    def beginning(self, start: str) -> slice:
        """Return where the postings of all words are that begin so; rows may come twice."""
        number = bisect_left(self.words, start)
        return self._between(number, bisect_left(self.words, start + _LAST, lo=number))

    def _between(self, first: int, end: int) -> slice:
        return slice(int(self.starts[first]), int(self.starts[end]))


def share(letters: str) -> float:
    """Return what a word adds to a rank before it is divided by the number of words.

    Args:
        letters: Of its places in their order; none counts as one D, as in PostgreSQL.
    """
    weights = [WEIGHTS[letter] for letter in letters or "D"]
    total = np.float32(0)
    for at, weight in enumerate(weights):
        total += weight / np.float32((at + 1) ** 2)
    greatest = max(weights)
    first = np.float32((weights.index(greatest) + 1) ** 2)
    return float(greatest + total - greatest / first) / _SUM_OF_INVERSE_SQUARES


def ranks(kinds: Kinds, shares: Shares) -> npt.NDArray[np.float32]:
    """Return the ranks of titles, above 0 for one that has a word, below 2.

    Args:
        kinds: Of each word asked for, in the order of their UTF-8, and title;
            shape ``(words, titles)``, a word at least.
        shares: By kind.
    """
    total = np.zeros(kinds.shape[1], np.float32)
    for kind in kinds:
        total += shares[kind]  # in double precision, kept in single
    return total / np.float32(len(kinds))


def in_names(kinds: Kinds, shares: Shares) -> npt.NDArray[np.bool_]:
    """Tell which words occur in a name, of the shape of ``kinds``.

    By its share alone: without an A it is .4 at most, however often the word occurs.
    """
    return (shares >= share("A"))[kinds]


def _kinds(titles: Sequence[Mapping[str, str]]) -> tuple[Shares, dict[str, int]]:
    """Return the shares that occur, behind 0, and the place of each way to occur among them."""
    ways = set(chain.from_iterable(title.values() for title in titles))
    share_of = {letters: share(letters) for letters in ways}
    found = sorted(set(share_of.values()))
    place_of = {value: place for place, value in enumerate(found, start=1)}
    return np.array([0.0, *found]), {way: place_of[value] for way, value in share_of.items()}
