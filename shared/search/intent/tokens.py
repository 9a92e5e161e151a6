"""A question as words, each with its place in the text as it was given."""

import re
from dataclasses import dataclass

from shared.kernel.text import fold
from shared.search.intent.model import Span

MAX_TOKENS = 160
"""Words that are read; a question of 500 characters has about 90."""

_TOKEN = re.compile(r"\d+[.,]\d+|\d+(?:['’]?s\b)?|[^\W\d_]+(?:['’][^\W\d_]+)*|[+&/–-]")
_SIGNS = {"+": "plus", "&": "and"}
_SILENT = {"-": "-", "–": "-", "/": "/"}


@dataclass(frozen=True, slots=True)
class Token:
    """One word or sign.

    Attributes:
        word: Folded; a sign that is not read as a word stands as itself.
        span: Where it stands in the text.
    """

    word: str
    span: Span


def tokens_of(text: str) -> list[Token]:
    """Return the words of ``text``, and the signs that join or separate numbers.

    A hyphen inside a word separates ("sci-fi" is two words) and stands between numbers
    ("1990-1995"); so does a slash ("7/10").
    """
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        word = _word(text, match)
        if word:
            found.append(Token(word, Span(match.start(), match.end())))
            if len(found) == MAX_TOKENS:
                break
    return found


def _word(text: str, match: re.Match[str]) -> str:
    given = match[0]
    if given in _SIGNS:
        return _SIGNS[given]
    if given in _SILENT:
        return _SILENT[given] if _joins_numbers(text, match) else ""
    if given[0].isdecimal() and not given.isalnum():
        return given.replace(",", ".") if given[-1].isdecimal() else fold(given)
    return fold(given)


def _joins_numbers(text: str, match: re.Match[str]) -> bool:
    if match[0] not in "-–/":
        return False
    before, after = text[: match.start()].rstrip()[-1:], text[match.end() :].lstrip()[:1]
    return before.isdecimal() and after.isdecimal()
