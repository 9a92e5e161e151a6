"""Titles by their words: what ``search_words.sql`` asks of PostgreSQL, from arrays.

Every match is ranked; the statement stops at 500 a leg. Every word in titles is every word
anywhere, so that leg finds nothing more here. Words are taken as they were folded; PostgreSQL
parts one that begins like ``1e5`` before the letters that follow (tsearch/wparser_def.c).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
import numpy.typing as npt

from shared.kernel.text import title_key
from shared.search.ports import Hit
from shared.search.resident.postings import MISSING, Kinds, Postings, Shares, in_names, ranks
from shared.search.resident.rows import Mask, Rows, arrays_of, below
from shared.search.resident.strings import Keyed, Strings
from shared.search.words import FEW_MATCHES, MIN_PREFIX, telling_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.search.ports import Asked
    from shared.search.resident.rows import Arrays, TitleRow

_PAIR = 2
_BETWEEN = " | "
"""Between names; folded ones have none of it."""
_EXACT = 16
"""Added to a tier: above any number of words."""
_STANDING_BITS = np.uint64(28)
_LAST_STANDING = np.int32(2**28 - 1)
_RANK_BITS = np.uint64(31)
"""What single precision below 4 takes; from 0 on it is ordered like its bits."""
_FIRST, _MORE = 2, 4
"""So many times the limit are judged at first, and so many times as many each time after."""

Orders = npt.NDArray[np.uint64]
"""Tier, rank and standing in one number: the greater, the better."""
_BEYOND = np.uint64(2**64 - 1)


@dataclass(frozen=True)
class Question:
    """What words are asked for.

    Attributes:
        words: Each once, in the order of their UTF-8, at most `shared.search.words.MAX_WORDS`.
        key: The folded title that it may be.
        begun: The last word, where it may be the start of one.
    """

    words: tuple[str, ...]
    key: str
    begun: str | None

    @classmethod
    def of(cls, text: str) -> Self | None:
        """Return what a text asks for, None where it has no words."""
        words = telling_words(text)
        if not words:
            return None
        begun = words[-1] if len(words[-1]) >= MIN_PREFIX else None
        return cls(tuple(sorted(words)), title_key(text), begun)


@dataclass(frozen=True)
class Matches:
    """What the titles of one part have of a question.

    Attributes:
        kinds: How each word occurs in each title; shape ``(words, titles)``.
        found: Words that each title has, the last one perhaps begun only; uint8.
        plain: The same, the last one whole; uint8.
        exact: Titles whose name it is.
        complete: Titles that have every word.
    """

    kinds: Kinds
    shares: Shares
    standing: npt.NDArray[np.int32]
    prior: npt.NDArray[np.float32]
    found: npt.NDArray[np.uint8]
    plain: npt.NDArray[np.uint8]
    exact: Rows
    complete: Mask
    alive: Mask

    @property
    def strict(self) -> int:
        """How many titles have every word."""
        return int(np.count_nonzero(self.complete))

    @property
    def is_title(self) -> bool:
        """Whether the question is exactly a title."""
        return bool(self.alive[self.exact].any())

    def ranked(self, *, loose: bool, is_title: bool) -> Ranked:
        """Return those that match.

        Args:
            loose: Some of the words are enough: two of them, one of two.
            is_title: One of these then has to be in a name: of a question that is exactly a title,
                some words that occur in an overview say nothing.
        """
        wanted = self.complete.copy()
        if loose:
            some = np.flatnonzero(self.plain >= (_PAIR if len(self.kinds) > _PAIR else 1))
            if is_title:
                some = some[in_names(self.kinds[:, some], self.shares).any(0)]
            wanted[some] = True
        wanted[self.exact] = True
        rows = np.flatnonzero(wanted & self.alive)
        tiers = self.found.copy()
        tiers[self.exact] += _EXACT
        rank = ranks(self.kinds[:, rows], self.shares) * (np.float32(1) + self.prior[rows])
        return Ranked(rows.astype(np.int32), tiers[rows], rank, self.standing[rows])


@dataclass(frozen=True)
class Ranked:
    """Titles that match.

    Attributes:
        tiers: Words found, and `_EXACT` more where it is a title's name; uint8.
        rank: Of the words, times one and the prior.
        standing: As in `WordIndex`.
    """

    rows: Rows
    tiers: npt.NDArray[np.uint8]
    rank: npt.NDArray[np.float32]
    standing: npt.NDArray[np.int32]

    def best(self, passing: Callable[[Rows], Mask], limit: int) -> Self:
        """Return the best that pass, best first, at most ``limit``."""
        orders, judged = self._orders(), np.zeros(0, np.intp)
        kept: list[npt.NDArray[np.intp]] = []
        size, end = _FIRST * limit, _BEYOND
        while limit > 0 and end > (start := _nth(orders, size)):
            judged = np.flatnonzero((orders >= start) & (orders < end))
            judged = judged[np.argsort(orders[judged])[::-1]]
            kept.append(judged[passing(self.rows[judged])][:limit])
            limit -= len(kept[-1])
            size, end = size * _MORE, start
        at = np.concatenate(kept) if kept else judged
        return type(self)(self.rows[at], self.tiers[at], self.rank[at], self.standing[at])

    def _orders(self) -> Orders:
        # In place: new pages for many titles cost more than what is written into them.
        orders = self.tiers.astype(np.uint64)
        orders <<= _RANK_BITS
        orders |= self.rank.view(np.uint32)
        orders <<= _STANDING_BITS
        orders |= (_LAST_STANDING - self.standing).view(np.uint32)
        return orders


def _nth(orders: Orders, count: int) -> np.uint64:
    """Return the ``count``-th greatest of these numbers, the least where there are fewer."""
    if len(orders) <= count:
        return np.uint64(orders.min(initial=_BEYOND))
    return np.uint64(np.partition(orders, -count)[-count])


@dataclass(frozen=True)
class WordIndex:
    """Titles of one part by words and names.

    Attributes:
        names: Titles by every name they go by, folded.
        keys: By row every name that a title has or is called by, folded, with `_BETWEEN` between.
        standing: Each title's place by popularity, the greatest first, then by id; int32.
        prior: As in `TitleRow`; float32.
    """

    postings: Postings
    names: Keyed
    keys: Strings
    standing: npt.NDArray[np.int32]
    prior: npt.NDArray[np.float32]

    @classmethod
    def build(cls, titles: Sequence[TitleRow]) -> Self:
        """Return the index of these titles, row by row."""
        popularity = np.array([title.popularity for title in titles], np.float32)
        ids = np.array([title.id for title in titles], np.str_)
        standing = np.empty(len(titles), np.int32)
        standing[np.lexsort((ids, -popularity))] = np.arange(len(titles))
        return cls(
            Postings.build([title.words for title in titles]),
            Keyed.build((key, row) for row, title in enumerate(titles) for key in title.keys),
            Strings.build([_names(title) for title in titles]),
            standing,
            np.array([title.prior for title in titles], np.float32),
        )

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return what `from_arrays` takes."""
        return arrays_of(self, ("postings", "names", "keys", "standing", "prior"))

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return the index that was kept, copying nothing.

        Raises:
            KeyError: An array is missing.
            ValueError: Arrays do not fit each other.
        """
        keys = Strings.from_arrays(below(arrays, "keys"))
        standing = arrays["standing"].astype(np.int32, copy=False)
        prior = arrays["prior"].astype(np.float32, copy=False)
        if not len(keys) == len(standing) == len(prior):
            raise ValueError(
                f"{len(keys)} titles, {len(standing)} by standing, {len(prior)} priors"
            )
        postings = Postings.from_arrays(below(arrays, "postings"))
        return cls(postings, Keyed.from_arrays(below(arrays, "names")), keys, standing, prior)

    def matches(self, question: Question, alive: Mask) -> Matches | None:
        """Return what titles have of a question, None where none has anything.

        Args:
            question: What is asked for.
            alive: Titles that count.
        """
        held, words, begun = self.postings, question.words, question.begun
        spans = [held.span(word) for word in words]
        started = held.beginning(begun) if begun else slice(0, 0)
        exact = self.names.rows(question.key)
        if not (len(exact) or any(span.start < span.stop for span in (*spans, started))):
            return None
        kinds = self._kinds(spans)
        has = kinds != MISSING
        plain = has.sum(0, np.uint8)
        if begun:
            has[words.index(begun), held.rows[started]] = True
        found = has.sum(0, np.uint8)
        complete = (found == len(words)) & alive
        told = (found, plain, exact, complete, alive)
        return Matches(kinds, held.shares, self.standing, self.prior, *told)

    def _kinds(self, spans: Sequence[slice]) -> Kinds:
        """Return how each word occurs in each title."""
        kinds = np.full((len(spans), len(self.standing)), MISSING, self.postings.kinds.dtype)
        for kind, span in zip(kinds, spans, strict=True):
            kind[self.postings.rows[span]] = self.postings.kinds[span]
        return kinds


class WordPart(Protocol):
    """What is asked of a part of the catalogue."""

    @property
    def words(self) -> WordIndex:
        """Its words."""

    @property
    def ids(self) -> Sequence[str]:
        """Its titles by row."""

    @property
    def popularity(self) -> npt.NDArray[np.float32]:
        """Popularity by row, 0 to 1."""

    @property
    def alive(self) -> Mask:
        """Titles that count."""


def _names(title: TitleRow) -> str:
    """Return every name of a title, no phrase of two of them."""
    called = () if title.called is None else (title.called,)
    return _BETWEEN.join(dict.fromkeys((title.key, *title.keys, *called)))


Passing = Callable[[int, Rows], Mask]
"""Tells which rows of a part, given by its number, pass every hard filter."""
Placed = tuple[int, float, float, str, bool, bool, bool]
"""Tier, rank and popularity, each turned around, and the fields of a `Hit`."""


def retrieve(parts: Sequence[WordPart], asked: Asked, passing: Passing, *, limit: int) -> list[Hit]:
    """Return titles that have the words, exact titles first, at most ``limit``.

    Then by the number of words found, by rank times one and the prior, by popularity, the greatest
    first, and by id; so does `shared.adapters.sql.search.WordRetriever`.
    """
    question = Question.of(asked.text)
    if question is None:
        return []
    given = (
        (number, part.words.matches(question, part.alive)) for number, part in enumerate(parts)
    )
    found = {number: matches for number, matches in given if matches is not None}
    loose = sum(matches.strict for matches in found.values()) < FEW_MATCHES
    is_title = any(matches.is_title for matches in found.values())
    placed: list[Placed] = []
    for number, matches in found.items():
        best = matches.ranked(loose=loose, is_title=is_title).best(partial(passing, number), limit)
        placed += _placed(parts[number], best, question)
    return [Hit(*place[3:]) for place in sorted(placed)[:limit]]


def _placed(part: WordPart, best: Ranked, question: Question) -> Iterator[Placed]:
    """Yield what titles are sorted by, the last of it the id, and what else a hit says."""
    exact, count = np.divmod(best.tiers, _EXACT)
    return zip(
        (-best.tiers.astype(np.int32)).tolist(),
        (-best.rank).tolist(),
        (-part.popularity[best.rows]).tolist(),
        [part.ids[row] for row in best.rows.tolist()],
        (exact > 0).tolist(),
        part.words.keys.holding(best.rows, question.key),
        (count == len(question.words)).tolist(),
        strict=True,
    )
