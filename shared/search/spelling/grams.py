"""Which names share the most telling pieces of letters with what was written.

An inverted index over letter trigrams, weighted by how rare each is, compared by cosine
(Zobel & Dart, "Finding approximate matches in large lexicons", 1995, for pieces of letters as
the coarse search). A swap of two letters destroys three trigrams, most of a short name; so names
of few letters are indexed by their letter pairs too, adjacent or one apart, in one space: "dael"
and "deal" share four of five.

Symbols: N names; df(g) names that hold piece g; idf(g) = ln(1 + N/df(g)).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from shared.search.spelling.strings import Arrays

Codes = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float32]
Indexes = npt.NDArray[np.int64]

PAIRS_UP_TO = 14
"""Longest name whose letter pairs are indexed."""
POSTINGS_READ = 100_000
"""Most postings that one look-up adds up, the rarest pieces first."""
FAR = 0.2
"""Share of the best cosine below which a name is no candidate."""
_SPACE = np.uint64(32)
_BITS = np.uint64(21)
_PAIR = np.uint64(1 << 63)
"""Tells a pair from a trigram; a code point has 21 bits (Unicode §2.4)."""
PRIOR_SHARE = 0.05
"""What being popular adds to a cosine: it decides between equals."""


@dataclass(frozen=True)
class _Pieces:
    """Code and name of every piece, repetitions included."""

    codes: Codes
    owners: Indexes


def _pieces(names: list[str]) -> _Pieces:
    joined = "".join(f"  {name} " for name in names)
    letters = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    lengths = np.fromiter((len(name) + 3 for name in names), np.int64, len(names))
    owners = np.repeat(np.arange(len(names)), lengths)
    short = np.repeat(lengths - 3 <= PAIRS_UP_TO, lengths)
    one, two, three = letters[:-2], letters[1:-1], letters[2:]
    whole = owners[:-2] == owners[2:]
    triple = (one << (_BITS * np.uint64(2)) | two << _BITS | three)[whole]
    codes, held = [triple], [owners[:-2][whole]]
    for other in (two, three):
        kept = whole & short[:-2] & (one != _SPACE) & (other != _SPACE)
        codes.append((_PAIR | one << _BITS | other)[kept])
        held.append(owners[:-2][kept])
    return _Pieces(np.concatenate(codes), np.concatenate(held))


@dataclass(frozen=True)
class GramIndex:
    """Names by their pieces.

    Attributes:
        codes: Shape ``(pieces,)``, sorted.
        starts: Shape ``(pieces + 1,)``: where the names of each piece begin in `postings`.
        postings: Positions of names, in order within each piece.
        norms: Shape ``(N,)``, float32: length of each name's vector of idf weights.
    """

    codes: Codes
    starts: Indexes
    postings: npt.NDArray[np.int32]
    norms: Floats

    @classmethod
    def build(cls, names: Iterable[str]) -> Self:
        """Index folded names; a name is known by its position."""
        listed = list(names)
        pieces = _pieces(listed)
        codes, inverse = np.unique(pieces.codes, return_inverse=True)
        pairs = np.unique(inverse.astype(np.int64) << 32 | pieces.owners)
        grams, postings = pairs >> 32, (pairs & 0xFFFFFFFF).astype(np.int32)
        starts = np.searchsorted(grams, np.arange(len(codes) + 1)).astype(np.int64)
        weights = _idf(np.diff(starts), len(listed))[grams] ** 2
        squares = np.bincount(postings, weights, minlength=len(listed))
        return cls(codes, starts, postings, np.sqrt(squares).astype(np.float32))

    @classmethod
    def from_arrays(cls, arrays: Arrays, name: str) -> Self:
        """Return the index that `arrays` wrote under ``name``."""
        return cls(
            arrays[f"{name}.codes"].astype(np.uint64, copy=False),
            arrays[f"{name}.starts"].astype(np.int64, copy=False),
            arrays[f"{name}.postings"].astype(np.int32, copy=False),
            arrays[f"{name}.norms"].astype(np.float32, copy=False),
        )

    def arrays(self, name: str) -> Arrays:
        """Return this index as arrays whose names begin with ``name``."""
        return {
            f"{name}.codes": self.codes,
            f"{name}.starts": self.starts,
            f"{name}.postings": self.postings,
            f"{name}.norms": self.norms,
        }

    def nearest(self, text: str, prior: Floats, *, limit: int) -> Indexes:
        """Return positions of the names most like ``text``, in no order.

        Args:
            text: Folded.
            prior: Shape ``(N,)``, 0 to 1: how likely each name is asked for; decides near ties.
            limit: Most names; names that share no piece are never among them.
        """
        grams = self._grams(text)
        if not len(grams):
            return np.zeros(0, np.int64)
        scores = self._scores(grams) * (1 + PRIOR_SHARE * prior)
        # Partitioning all of them would take ten times as long: most are zero, hence equal.
        near: Indexes = np.flatnonzero(scores >= FAR * scores.max())
        if len(near) > limit:
            near = near[np.argpartition(scores[near], len(near) - limit)[-limit:]]
        return near

    def _grams(self, text: str) -> Indexes:
        """Return the known pieces of a text, rarest first, as many as may be read."""
        if not len(self.codes):
            return np.zeros(0, np.int64)
        asked = np.unique(_pieces([text]).codes)
        places = np.minimum(np.searchsorted(self.codes, asked), len(self.codes) - 1)
        known = places[self.codes[places] == asked]
        counts = self.starts[known + 1] - self.starts[known]
        order = np.argsort(counts, kind="stable")
        fits = np.cumsum(counts[order]) <= POSTINGS_READ
        fits[:1] = True
        read: Indexes = known[order][fits]
        return read

    def _scores(self, grams: Indexes) -> Floats:
        counts = self.starts[grams + 1] - self.starts[grams]
        weights = _idf(counts, len(self.norms)) ** 2
        runs = [self.postings[self.starts[g] : self.starts[g + 1]] for g in grams.tolist()]
        found = np.bincount(
            np.concatenate(runs), np.repeat(weights, counts), minlength=len(self.norms)
        )
        scores: Floats = (found / self.norms).astype(np.float32)
        return scores


def _idf(counts: Indexes, names: int) -> npt.NDArray[np.float64]:
    idf: npt.NDArray[np.float64] = np.log1p(names / np.maximum(counts, 1))
    return idf
