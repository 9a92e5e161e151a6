"""Which part of a suggestion was typed."""

import re
from html import escape

from shared.kernel.text import fold

_WORD = re.compile(r"[^\s–\-/:;.,!?()\[\]\"_+*#]+")
OPEN, CLOSE = "<em>", "</em>"


def highlight(text: str, typed: str) -> str:
    """Return ``text`` as HTML with what was typed between ``<em>`` and ``</em>``.

    The typed words are sought as whole words one after the other, of which the last may be begun
    only. All else is escaped; a text in which they do not stand is returned without a mark.

    Args:
        text: As it is shown.
        typed: Folded.
    """
    pieces = [_piece(m.start(), m.group()) for m in _WORD.finditer(text)]
    for index in range(len(pieces)):
        span = _span(pieces[index:], typed)
        if span is not None:
            start, end = span
            return "".join(
                (escape(text[:start]), OPEN, escape(text[start:end]), CLOSE, escape(text[end:]))
            )
    return escape(text)


def _piece(start: int, word: str) -> tuple[int, str, str]:
    """Return a word without what comes before its first letter: where, how, and folded."""
    lead = next((i for i, letter in enumerate(word) if fold(letter)), 0)
    return start + lead, word[lead:], fold(word[lead:])


def _span(pieces: list[tuple[int, str, str]], typed: str) -> tuple[int, int] | None:
    """Return where ``typed`` stands from the first piece on, None where it does not."""
    rest = typed
    for start, word, folded in pieces:
        if folded and folded.startswith(rest) and rest:
            return pieces[0][0], start + _letters(word, rest)
        if folded and not rest.startswith(f"{folded} "):
            return None
        rest = rest[len(folded) + 1 :] if folded else rest
    return None


def _letters(word: str, folded: str) -> int:
    """Return how many letters of ``word`` it takes to begin with ``folded``."""
    return next(n for n in range(1, len(word) + 1) if fold(word[:n]).startswith(folded))
