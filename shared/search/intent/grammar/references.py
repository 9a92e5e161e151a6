"""Titles that the answer shall be like: "movies like Arrival but funny"."""

from collections.abc import Callable

from shared.search.intent.grammar.scan import Match, Scan
from shared.search.intent.lexicon import words_of
from shared.search.intent.model import Kind

LONGEST_TITLE = 10
_CUES = (
    "in the same vein as",
    "in the style of",
    "in the vein of",
    "with the same vibe as",
    "the same vibe as",
    "same vibe as",
    "same vibes as",
    "the vibe of",
    "that reminds me of",
    "reminds me of",
    "reminiscent of",
    "similar in tone to",
    "that are similar to",
    "similar to",
    "something like",
    "anything like",
    "stuff like",
    "more like",
    "just like",
    "a lot like",
    "if you liked",
    "if i liked",
    "because i liked",
    "because i watched",
    "if you like",
    "i really liked",
    "i really loved",
    "i loved",
    "i liked",
    "i enjoyed",
    "fans of",
    "along the lines of",
    "inspired by",
    "like",
)
_VERB_AFTER = words_of("like_is_a_verb_after")
_NO_TITLE = words_of("no_title")
_STOPS = words_of("after_a_title")
Stop = Callable[[Scan, int], bool]
"""Tells whether something else begins at a word."""


def reference(scan: Scan, at: int, stop: Stop) -> Match | None:
    """Read the title after words of likeness.

    The longest title that the vocabulary knows; failing that, the words up to one that joins or to
    something else that can be read there.

    Args:
        scan: The question.
        at: The word to begin at.
        stop: What ends a title that the vocabulary does not know.
    """
    start = scan.follows(at, *_CUES)
    if not start or start >= len(scan.words):
        return None
    if scan.words[at] == "like" and scan.word(at - 1) in _VERB_AFTER:
        return None
    return reference_from(scan, at, start, stop)


def joined_reference(scan: Scan, at: int) -> Match | None:
    """Read a further title of a list: "like Heat and Ronin"; only one that is known."""
    if scan.word(at) not in {"and", "or"}:
        return None
    return _known(scan, at, at + 1)


def reference_from(scan: Scan, at: int, start: int, stop: Stop) -> Match | None:
    """Return the title that begins at ``start``, with what announces it at ``at``."""
    known = _known(scan, at, start)
    if known is not None:
        return known
    if scan.words[start] in _NO_TITLE or stop(scan, start):
        return None
    end = start + 1
    while end < min(len(scan.words), start + LONGEST_TITLE) and not _ends(scan, end, stop):
        end += 1
    return scan.named(Kind.REFERENCE, scan.given(start, end), (at, start, end), 0.7)


def _known(scan: Scan, at: int, start: int) -> Match | None:
    for length in range(min(LONGEST_TITLE, len(scan.words) - start), 0, -1):
        title = scan.vocabulary.title(" ".join(scan.words[start : start + length]))
        if title is not None:
            return scan.named(Kind.REFERENCE, title, (at, start, start + length), 0.95)
    return None


def _ends(scan: Scan, at: int, stop: Stop) -> bool:
    if scan.words[at] in _STOPS or _breaks(scan, at):
        return True
    if scan.words[at] in {"and", "or"} and _known(scan, at, at + 1):
        return True
    if scan.words[at] == "with":
        return scan.word(at + 1) not in {"the", "a", "an"}
    return stop(scan, at)


def _breaks(scan: Scan, at: int) -> bool:
    between = scan.text[scan.tokens[at - 1].span.end : scan.tokens[at].span.start]
    return any(sign in between for sign in ",;.!?()")
