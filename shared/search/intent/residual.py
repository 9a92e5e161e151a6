"""What is left of a question, as it was given."""

from collections.abc import Collection, Iterable
from itertools import groupby

from shared.kernel.text import fold
from shared.search.intent.grammar.scan import Scan
from shared.search.intent.lexicon import noise, title_words
from shared.search.intent.model import Found, Kind
from shared.search.intent.tokens import MAX_TOKENS

SAME_WORD = 4
"""Letters that forms of one genre share ("comedies")."""
_KEPT = frozenset({Kind.PERSON, Kind.MOOD, Kind.LANGUAGE, Kind.GENRE, Kind.TITLE})
"""What retrieval by words and meaning is asked for besides what was not read."""


def residual_of(scan: Scan, found: Collection[Found]) -> str:
    """Return the words that were not read, without those that only ask."""
    left = _trimmed(scan, _untouched(scan, found), asked=bool(found))
    return _said(scan, left)


def search_text_of(scan: Scan, found: Collection[Found]) -> str:
    """Return the words that retrieval by words and meaning is asked for.

    Genres stand there as titles have them: "dramas" is drama.
    """
    kept = [one for one in found if one.kind in _KEPT and not one.excluded]
    named = {n: one for one in kept for n in _within(scan, one, core=True)}
    left = _trimmed(scan, _untouched(scan, found), asked=bool(found))
    places = sorted({*named, *left})
    if not any(one.kind is Kind.GENRE for one in kept):
        return _said(scan, places)
    parts = [list(part) for _, part in groupby(places, key=named.get)]
    said = [_as_kept(scan, part, named.get(part[0])) or _said(scan, part) for part in parts]
    return " ".join(said)


def _as_kept(scan: Scan, places: list[int], one: Found | None) -> str:
    """Return the names of genres that were said in another form, empty for anything else."""
    if one is None or one.kind is not Kind.GENRE or not isinstance(one.value, tuple):
        return ""
    names, said = fold(" ".join(one.value)).split(), [scan.words[n] for n in places]
    alike = len(names) == len(said) and all(
        a[:SAME_WORD] == b[:SAME_WORD] for a, b in zip(names, said, strict=True)
    )
    return " ".join(names) if alike else ""


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
    A title that the vocabulary knows stays whole: "good will hunting on Hulu"; and a word of names
    stays before the word it belongs to: "the office on Netflix" is "the office".
    """
    if not left or (not asked and not _asks(scan, left[0])):
        return left
    telling = [n for n in left if scan.words[n] not in noise()]
    for start in range(left.index(telling[0]) + 1 if telling else len(left)):
        if _is_title(scan, left[start:]):
            return left[start:]
    if not telling:
        return [] if asked else left
    start, end = telling[0], telling[-1]
    while start - 1 in left and scan.words[start - 1] in title_words():
        start -= 1
    return [n for n in left if start <= n <= end]


def _is_title(scan: Scan, places: list[int]) -> bool:
    together = places[-1] - places[0] + 1 == len(places)
    return together and scan.vocabulary.title(" ".join(scan.words[n] for n in places)) is not None


def _asks(scan: Scan, at: int) -> bool:
    word = scan.words[at]
    return word in noise() and word not in title_words()
