"""The words of one question, as rules see them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from shared.search.intent.model import Found, Kind, Span, Value
from shared.search.intent.tokens import Token
from shared.search.intent.vocabulary import Vocabulary


@lru_cache(maxsize=256)
def _by_first_word(phrases: tuple[str, ...]) -> dict[str, list[list[str]]]:
    """Return the further words of phrases by the first one, in the order given."""
    found: dict[str, list[list[str]]] = {}
    for phrase in phrases:
        first_word, *others = phrase.split()
        found.setdefault(first_word, []).append(others)
    return found


@dataclass(frozen=True)
class Scan:
    """A question, word by word.

    Attributes:
        text: As it was given; spans point into it.
        tokens: Its words.
        words: The folded words alone.
        vocabulary: What the catalog knows by name.
        year: This year.
    """

    text: str
    tokens: list[Token]
    words: list[str]
    vocabulary: Vocabulary
    year: int

    def word(self, at: int) -> str:
        """Return a word, empty where there is none."""
        return self.words[at] if 0 <= at < len(self.words) else ""

    def follows(self, at: int, *phrases: str) -> int:
        """Return where the first of ``phrases`` that begins at ``at`` ends, 0 for none."""
        if not 0 <= at < len(self.words):
            return 0
        for others in _by_first_word(phrases).get(self.words[at], ()):
            end = at + 1 + len(others)
            if self.words[at + 1 : end] == others:
                return end
        return 0

    def span(self, start: int, end: int) -> Span:
        """Return the place of the words from ``start`` to before ``end``."""
        return Span(self.tokens[start].span.start, self.tokens[end - 1].span.end)

    def given(self, start: int, end: int) -> str:
        """Return the words from ``start`` to before ``end`` as they were given."""
        span = self.span(start, end)
        return self.text[span.start : span.end]

    def found(self, kind: Kind, value: Value, place: tuple[int, int], sure: float = 0.9) -> "Match":
        """Return a match of the words from ``place[0]`` to before ``place[1]``."""
        return Match(place[1], Found(kind, value, self.span(*place), sure))

    def named(self, kind: Kind, value: Value, place: tuple[int, int, int], sure: float) -> "Match":
        """Return a match of a name from ``place[1]`` to ``place[2]``, announced at ``place[0]``."""
        start, name, end = place
        found = Found(kind, value, self.span(start, end), sure, core=self.span(name, end))
        return Match(end, found)


@dataclass(frozen=True, slots=True)
class Match:
    """What a rule read, and the word after it."""

    after: int
    found: Found


Rule = Callable[[Scan, int], Match | None]
"""Reads one thing that begins at a word, or nothing; takes a few look-ups."""


def first(scan: Scan, at: int, rules: tuple[Rule, ...]) -> Match | None:
    """Return what the first rule reads that reads anything at ``at``."""
    for rule in rules:
        match = rule(scan, at)
        if match is not None:
            return match
    return None
