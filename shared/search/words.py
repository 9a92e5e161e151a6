"""From a query to the words that keyword retrieval asks for."""

from itertools import combinations

from shared.kernel import text

_COMMON = (
    "a about an and are at by film films for from i in into is it like movie movies my of on or "
    "series show shows something some that the their them they this to tv want watch what when "
    "where which who with"
)
STOP_WORDS = frozenset(_COMMON.split())
MAX_WORDS = 12
MIN_PREFIX = 3
FEW_MATCHES = 20
"""Where fewer titles have every word, some of the words are enough."""


def telling_words(query: str) -> list[str]:
    """Return the folded words that tell titles apart, in order, each once, at most 12.

    A query of nothing but common words keeps them: "It" is a title.
    """
    found = list(dict.fromkeys(text.words(query)))
    return ([word for word in found if word not in STOP_WORDS] or found)[:MAX_WORDS]


def all_words(words: list[str]) -> str:
    """Return a tsquery that asks for every word; the last may be the start of one."""
    return " & ".join(each_word(words))


def each_word(words: list[str]) -> list[str]:
    """Return a tsquery for every word by itself; the last may be the start of one."""
    if not words or len(words[-1]) < MIN_PREFIX:
        return words
    return [*words[:-1], f"{words[-1]}:*"]


def any_word(words: list[str]) -> str:
    """Return a tsquery that asks for one of the words."""
    return " | ".join(words)


def some_words(words: list[str]) -> str:
    """Return a tsquery that asks for any two of the words, or for the only one."""
    if len(words) <= 1:
        return all_words(words)
    if len(words) == 2:  # noqa: PLR2004 - one pair is both words, which all_words asked already
        return " | ".join(words)
    return " | ".join(f"({a} & {b})" for a, b in combinations(words, 2))


def any_in_titles(words: list[str]) -> str:
    """Return a tsquery that asks for one of the words in titles (weight A)."""
    return " | ".join(f"{word}:A" for word in words)


def in_titles(words: list[str]) -> str:
    """Return a tsquery that asks for every word in titles (weight A)."""
    return " & ".join(f"{word}:A" for word in words)
