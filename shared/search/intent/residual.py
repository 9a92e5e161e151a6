"""What is left of a question, as it was given."""

from collections.abc import Collection, Iterable

from shared.search.intent.grammar.scan import Scan
from shared.search.intent.lexicon import noise, title_words
from shared.search.intent.model import Found, Kind
from shared.search.intent.tokens import MAX_TOKENS

_KEPT = frozenset({Kind.PERSON, Kind.MOOD, Kind.LANGUAGE, Kind.GENRE, Kind.TITLE})
"""What retrieval by words and meaning is asked for besides what was not read."""


def residual_of(scan: Scan, found: Collection[Found]) -> str:
    """Return the words that were not read, without those that only ask."""
    left = _trimmed(scan, _untouched(scan, found), asked=bool(found))
    return _said(scan, left)


def search_text_of(scan: Scan, found: Collection[Found]) -> str:
    """Return the words that retrieval by words and meaning is asked for."""
    kept = [one for one in found if one.kind in _KEPT and not one.excluded]
    named = {n for one in kept for n in _within(scan, one, core=True)}
    left = _trimmed(scan, _untouched(scan, found), asked=bool(found))
    return _said(scan, sorted(named.union(left)))


def _said(scan: Scan, places: list[int]) -> str:
    """Return words as they were given, signs between neighbors included ("Spider-Man")."""
    if len(places) == len(scan.tokens):
        return scan.text.strip()
    said = [scan.given(run[0], run[-1] + 1) for run in runs(places)]
    return " ".join((*said, *_unread(scan)))


def _unread(scan: Scan) -> list[str]:
    """Return what stands after the last word that is read, where a question has too many."""
    rest = scan.text[scan.tokens[-1].span.end :].strip()
    return [rest] if rest and len(scan.tokens) == MAX_TOKENS else []


def runs(places: Iterable[int]) -> list[list[int]]:
    """Return places in runs of neighbors."""
    found: list[list[int]] = []
    for place in places:
        if found and found[-1][-1] == place - 1:
            found[-1].append(place)
        else:
            found.append([place])
    return found


def _within(scan: Scan, one: Found, *, core: bool) -> list[int]:
    span = one.core if core and one.core else one.span
    places = enumerate(scan.tokens)
    return [n for n, token in places if span.start <= token.span.start < span.end]


def _untouched(scan: Scan, found: Collection[Found]) -> list[int]:
    taken = {n for one in found for n in _within(scan, one, core=False)}
    return [n for n in range(len(scan.tokens)) if n not in taken]


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
