"""What a viewer meant to write, where that is no name and no word of the catalogue.

A word that the catalogue knows is never changed, nor is anything that is a name as a whole. What is
left is first compared with whole names, since the words around a slip tell most, then word by word
(spec/discovery §5.2).
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from math import ceil, inf, log1p
from typing import Self

from shared.kernel import text
from shared.search.spelling.names import SLIPS_PER_LETTER, NameMatch, Names
from shared.search.spelling.strings import Arrays, Strings
from shared.search.words import STOP_WORDS

SHORTEST = 4
"""Letters of the shortest word that is changed."""
LONG = 7
"""Letters from which two slips are forgiven."""
PER_SLIP = 0.15
UNKNOWN = 0.5
MOST_SLIPS = 3.0
"""Highest price of the slips in a whole name."""
CONTEXT = 0.5
"""How much dearer a whole name of several words may be than its words by themselves."""
LONGEST = 120
"""Letters of the longest text that is looked at; no name's slips are sought in more."""


@dataclass(frozen=True)
class Token:
    """One word and what is made of it.

    Attributes:
        written: Folded.
        meant: The same where it is known, or where nothing near it is.
        confidence: 1 for a known word, less .15 for each slip, .5 for an unknown one.
    """

    written: str
    meant: str
    confidence: float


@dataclass(frozen=True)
class Correction:
    """What was written and what was meant.

    Attributes:
        original: Folded.
        meant: Folded; equal to `original` where nothing is to change.
        tokens: The words of `original`, empty where a whole name took their place.
        confidence: Mean of the words', or the name's.
        is_name: `meant` is a name of the catalogue as a whole.
    """

    original: str
    meant: str
    tokens: tuple[Token, ...]
    confidence: float
    is_name: bool

    @property
    def changed(self) -> bool:
        """Tell whether anything else was meant than was written."""
        return self.original != self.meant


@dataclass(frozen=True)
class Speller:
    """Names and words of the catalogue.

    Attributes:
        names: Of titles and people.
        words: What a word may be changed into, its frequency as prior.
        others: Words that are known and never offered: those of overviews.
    """

    names: Names
    words: Names
    others: Strings

    @classmethod
    def build(cls, names: Names, frequencies: Counter[str], others: Iterable[str] = ()) -> Self:
        """Take in names, words with how often each occurs, and further known words."""
        top = log1p(max(frequencies.values(), default=1))
        words = Names.build([(word, log1p(n) / top) for word, n in frequencies.items()])
        known = {*others, *STOP_WORDS} - frequencies.keys()
        return cls(names, words, Strings.of(sorted(known)))

    @classmethod
    def from_arrays(cls, arrays: Arrays, names: Names) -> Self:
        """Return what `arrays` wrote; the names are kept elsewhere."""
        words = Names.from_arrays(arrays, "words")
        return cls(names, words, Strings.from_arrays(arrays, "others"))

    def arrays(self) -> Arrays:
        """Return words as arrays; the names are not among them."""
        return {**self.words.arrays("words"), **self.others.arrays("others")}

    def knows(self, word: str) -> bool:
        """Tell whether a folded word is one of the catalogue."""
        return self.words.find(word) is not None or self.others.find(word) is not None

    def correct(self, query: str, *, right: Collection[str] = ()) -> Correction:
        """Return what was meant; text longer than `LONGEST` letters is taken as it is.

        Args:
            query: As it was written.
            right: Folded words that are right though the catalogue may not know them.
        """
        written = text.words(query)
        folded = " ".join(written)
        if not written or len(folded) > LONGEST or self.names.find(folded) is not None:
            return Correction(folded, folded, (), 1.0, is_name=bool(written))
        known = frozenset(word for word in written if word in right or self.knows(word))
        if all(word in known or not _may_change(word) for word in written):
            return _of_tokens(folded, [_Priced(Token(word, word, 1.0), 0.0) for word in written])
        tokens = [self._token(word, known) for word in written]
        match = self._name(folded, known)
        context = CONTEXT if len(written) > 1 else 0.0
        if match is not None and match.price <= sum(each.price for each in tokens) + context:
            confidence = max(UNKNOWN, 1 - PER_SLIP * ceil(match.price))
            return Correction(folded, match.name, (), confidence, is_name=True)
        return _of_tokens(folded, tokens)

    def _name(self, folded: str, known: frozenset[str]) -> NameMatch | None:
        """Return the name that was meant as a whole, if one is near and keeps the known words."""
        most = min(MOST_SLIPS, SLIPS_PER_LETTER * len(folded))
        for match in self.names.match(folded, limit=3):
            if match.price <= most and known <= set(match.name.split()):
                return match
        return None

    def _token(self, word: str, known: frozenset[str]) -> "_Priced":
        if word in known or not _may_change(word):
            return _Priced(Token(word, word, 1.0), 0.0)
        most = 1.0 if len(word) < LONG else 2.0
        for match in self.words.match(word, limit=1):
            if match.price <= most:
                confidence = 1 - PER_SLIP * max(1, ceil(match.price))
                return _Priced(Token(word, match.name, confidence), match.price)
        return _Priced(Token(word, word, UNKNOWN), inf)


@dataclass(frozen=True)
class _Priced:
    """A word and the price of its slips; infinite where nothing is near it."""

    token: Token
    price: float


def _may_change(word: str) -> bool:
    return len(word) >= SHORTEST and word.isalpha()


def _of_tokens(folded: str, priced: list[_Priced]) -> Correction:
    tokens = tuple(each.token for each in priced)
    meant = " ".join(token.meant for token in tokens)
    confidence = sum(token.confidence for token in tokens) / len(tokens)
    return Correction(folded, meant, tokens, confidence, is_name=False)
