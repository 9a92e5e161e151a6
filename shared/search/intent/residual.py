"""What is left of a question, as it was given."""

from collections.abc import Collection

from shared.search.intent.grammar.scan import Scan
from shared.search.intent.lexicon import noise, title_words
from shared.search.intent.model import Found, Kind

_KEPT = frozenset({Kind.PERSON, Kind.MOOD, Kind.LANGUAGE, Kind.GENRE, Kind.TITLE})
"""What retrieval by words and meaning is asked for besides what was not read."""


def residual_of(scan: Scan, found: Collection[Found]) -> str:
    """Return the words that were not read, without those that only ask."""
    return _said(scan, _untouched(scan, found), asked=bool(found))


def search_text_of(scan: Scan, found: Collection[Found]) -> str:
    """Return the words that retrieval by words and meaning is asked for."""
    kept = [one for one in found if one.kind in _KEPT and not one.excluded]
    named = {n for one in kept for n in _within(scan, one, core=True)}
    said = set(_trimmed(scan, _untouched(scan, found), asked=bool(found)))
    return " ".join(scan.given(n, n + 1) for n in sorted(said | named))


def _within(scan: Scan, one: Found, *, core: bool) -> list[int]:
    span = one.core if core and one.core else one.span
    places = enumerate(scan.tokens)
    return [n for n, token in places if span.start <= token.span.start < span.end]


def _untouched(scan: Scan, found: Collection[Found]) -> list[int]:
    taken = {n for one in found for n in _within(scan, one, core=False)}
    return [n for n in range(len(scan.tokens)) if n not in taken]


def _said(scan: Scan, left: list[int], *, asked: bool) -> str:
    return " ".join(scan.given(n, n + 1) for n in _trimmed(scan, left, asked=asked))


def _trimmed(scan: Scan, left: list[int], *, asked: bool) -> list[int]:
    """Return the words without those at both ends that only ask.

    Where nothing was read and the first word does not ask, the question may be a name: it stays.
    A word of names stays before the word it belongs to: "the office on Netflix" is "the office".
    """
    if not left or (not asked and not _asks(scan, left[0])):
        return left
    telling = [n for n in left if scan.words[n] not in noise()]
    if not telling:
        return [] if asked else left
    start, end = telling[0], telling[-1]
    while start - 1 in left and scan.words[start - 1] in title_words():
        start -= 1
    return [n for n in left if start <= n <= end]


def _asks(scan: Scan, at: int) -> bool:
    word = scan.words[at]
    return word in noise() and word not in title_words()
