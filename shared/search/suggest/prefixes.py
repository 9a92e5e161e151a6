"""Every word of every name as a place to begin typing.

A suffix array over the beginnings of words (Manber & Myers, "Suffix arrays: a new method for
on-line string searches", 1993): all suffixes of all names that begin with a word, sorted, as
positions in one run of bytes. What begins with some letters is one range of it, found by halving.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from shared.search.spelling.grams import Floats
from shared.search.spelling.strings import Arrays, Strings

INSIDE = 0.6
"""Weight of a name whose inner word was begun, of one that was begun at its beginning."""
HEAD_FROM = 1500
"""Ranges of at least so many have their best precomputed."""
HEAD = 64
_END = b"\n"
_ARTICLES = ("the ", "a ", "an ")

Range = tuple[int, int]
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Prefixes:
    """Names of entries by their words.

    Attributes:
        data: Every name, folded, each followed by a line feed.
        places: Positions in `data` where words begin, in the order of what follows there.
        owners: The entry of each place.
        first: Whether a place is its name's beginning, or comes after nothing but an article.
        weights: Popularity of the place's entry, less for inner words.
    """

    data: bytes
    places: npt.NDArray[np.uint32]
    owners: npt.NDArray[np.int32]
    first: npt.NDArray[np.bool_]
    weights: Floats
    _heads: dict[str, Positions] = field(default_factory=dict)

    @classmethod
    def build(cls, names: Iterable[tuple[str, int]], popularity: Floats) -> Self:
        """Index folded names and the position of each one's entry in ``popularity``."""
        found: list[tuple[bytes, int, int, bool]] = []
        parts: list[bytes] = []
        at = 0
        for name, owner in names:
            encoded = name.encode() + _END
            parts.append(encoded)
            skipped = _article(name)
            found.extend((encoded[w:], at + w, owner, w in {0, skipped}) for w in _words(encoded))
            at += len(encoded)
        found.sort()
        owners = np.array([owner for _, _, owner, _ in found], np.int32)
        first = np.array([is_first for *_, is_first in found], np.bool_)
        places = np.array([place for _, place, _, _ in found], np.uint32)
        made = cls(b"".join(parts), places, owners, first, _weights(popularity, owners, first))
        made._heads.update(made._made_heads())
        return made

    @classmethod
    def from_arrays(cls, arrays: Arrays, popularity: Floats) -> Self:
        """Return what `arrays` wrote."""
        owners = arrays["prefixes.owners"].astype(np.int32, copy=False)
        first = arrays["prefixes.first"].astype(np.bool_, copy=False)
        heads = Strings.from_arrays(arrays, "prefixes.heads")
        tops = arrays["prefixes.tops"].astype(np.int64, copy=False)
        return cls(
            arrays["prefixes.data"].tobytes(),
            arrays["prefixes.places"].astype(np.uint32, copy=False),
            owners,
            first,
            _weights(popularity, owners, first),
            dict(zip(heads, tops, strict=True)),
        )

    def arrays(self) -> Arrays:
        """Return this as arrays, without the weights, which follow from the rest."""
        tops = np.array(list(self._heads.values()), np.int64).reshape(len(self._heads), HEAD)
        return {
            "prefixes.data": np.frombuffer(self.data, np.uint8),
            "prefixes.places": self.places,
            "prefixes.owners": self.owners,
            "prefixes.first": self.first,
            **Strings.of(self._heads).arrays("prefixes.heads"),
            "prefixes.tops": tops,
        }

    @cached_property
    def _all(self) -> Range:
        return 0, len(self.places)

    def range_of(self, prefix: str, within: Range | None = None) -> Range:
        """Return from where to where places begin with ``prefix``; equal ends mean nowhere."""
        low, high = within or self._all
        wanted = prefix.encode(errors="surrogatepass")
        start = self._halve(wanted, low, high, after=False)
        return start, self._halve(wanted, start, high, after=True)

    @cached_property
    def _places(self) -> memoryview:
        return self.places.data  # a plain integer comes out of it three times as fast

    def _halve(self, wanted: bytes, low: int, high: int, *, after: bool) -> int:
        data, size = self.data, len(wanted)
        by = bisect_right if after else bisect_left
        return by(self._places, wanted, low, high, key=lambda at: data[at : at + size])

    def begins(self, prefix: str, within: Range) -> bool:
        """Tell whether any place of a range begins with ``prefix``."""
        wanted = prefix.encode(errors="surrogatepass")
        start = self._halve(wanted, *within, after=False)
        return start < within[1] and self.data.startswith(wanted, self._places[start])

    def best(self, prefix: str, allowed: npt.NDArray[np.bool_] | None, *, limit: int) -> Positions:
        """Return places that begin with ``prefix``, greatest weight first, at most ``limit``.

        Args:
            prefix: Folded.
            allowed: By entry; None for all.
            limit: At most `HEAD`.
        """
        if allowed is None and prefix in self._heads:
            return self._heads[prefix][:limit]
        return self._top(self.range_of(prefix), allowed, limit)

    def whole(self, name: str) -> Positions:
        """Return the places at whose beginning stands exactly ``name``, whole."""
        start, end = self.range_of(name + "\n")
        places = np.arange(start, end)
        found: Positions = places[self.first[start:end]]
        return found

    def _top(self, found: Range, allowed: npt.NDArray[np.bool_] | None, limit: int) -> Positions:
        start, end = found
        weights = self.weights[start:end]
        if allowed is not None:
            weights = np.where(allowed[self.owners[start:end]], weights, -1)
        count = min(limit, len(weights))
        if not count:
            return np.zeros(0, np.int64)
        least = max(0.0, float(np.partition(weights, len(weights) - count)[-count]))
        above = np.flatnonzero(weights > least)
        equal = np.flatnonzero(weights == least)[: count - len(above)]
        best = np.concatenate((above, equal))
        ordered: Positions = start + best[np.lexsort((best, -weights[best]))]
        return ordered

    def letters_after(self, prefix: str, found: Range) -> Iterator[tuple[str, Range]]:
        """Yield the letters that follow ``prefix`` somewhere in its range, with their own ranges.

        Costs a halving a letter.
        """
        start, end = found
        size = len(prefix.encode(errors="surrogatepass"))
        while start < end:
            letter = self._letter(self._places[start] + size)
            longer = (prefix + letter).encode(errors="surrogatepass")
            after = self._halve(longer, start, end, after=True)
            if letter != "\n":
                yield letter, (start, after)
            start = after

    def _letter(self, at: int) -> str:
        lead = self.data[at]
        size = 1 if lead < 0x80 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4  # noqa: PLR2004 - UTF-8, RFC 3629 §3
        return self.data[at : at + size].decode()

    def _made_heads(self) -> dict[str, Positions]:
        """Return the best of every prefix that many places begin with."""
        heads: dict[str, Positions] = {}
        open_: list[tuple[str, Range]] = [("", self._all)]
        while open_:
            prefix, found = open_.pop()
            if found[1] - found[0] < HEAD_FROM:
                continue
            heads[prefix] = self._top(found, None, HEAD)
            open_.extend((prefix + a, within) for a, within in self.letters_after(prefix, found))
        return heads


def _words(encoded: bytes) -> Sequence[int]:
    spaces = np.flatnonzero(np.frombuffer(encoded, np.uint8) == ord(" "))
    return [0, *(spaces + 1).tolist()]


def _article(name: str) -> int:
    return next((len(article) for article in _ARTICLES if name.startswith(article)), 0)


def _weights(
    popularity: Floats, owners: npt.NDArray[np.int32], first: npt.NDArray[np.bool_]
) -> Floats:
    weights: Floats = (popularity[owners] * np.where(first, 1, INSIDE)).astype(np.float32)
    return weights
