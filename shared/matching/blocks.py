"""Blocking: short hashes under which similar titles meet, so that nobody scans all titles.

=====  ==========================================  =============================================
block  of a name's                                 meets
=====  ==========================================  =============================================
``w``  two longest words, of any year              words in another order, or fewer of them
``c``  all that says something, and of each part   ``Hibana`` and ``Hibana: Spark``
``p``  beginning: two words or nine letters        what differs behind it
``s``  end: two words or nine letters              what differs before it
``b``  first three and last three letters          what differs between them
=====  ==========================================  =============================================

All but the first go with a year at most one apart, and leave out blanks and the words that say
least (`shared.matching.names.FILLERS`). Hashes may collide: a block only proposes.
"""

from collections.abc import Iterator
from functools import lru_cache
from zlib import crc32

from shared.matching.names import core, telling_words

EDGE = (5, 9)
"""Least and most letters of a name's beginning and end, which are two words where those fit."""
ONE_WORD = 7
"""Letters of a long name's beginning and end where it is one word."""
BOTH = 3
"""Letters of a name's beginning and end that say enough together."""
SHORTEST = 4
"""Names shorter than this meet as a whole alone."""
NEAR_YEARS = (-1, 0, 1)
MOST_NAMES = 4
"""Names of one title that get blocks, and parts of names."""
UNKNOWN = "unknown"
EITHER = ("film", "series")
"""Where titles of unknown type are kept and looked for."""

Keys = tuple[str, ...]


def stored_blocks(
    keys: Keys, group: str, year: int | None, *, segments: Keys = ()
) -> tuple[int, ...]:
    """Return the blocks a title is kept under, sorted.

    Args:
        keys: Title keys, main one first.
        group: `shared.matching.facts.family` of its type; blocks of two groups never meet,
            those of an unknown type meet films and series.
        year: Year of release; a title without one is kept under its words alone.
        segments: Title keys of the parts of its names.
    """
    return _blocks(keys, segments, group, () if year is None else (year,))


def asked_blocks(
    keys: Keys, group: str, year: int | None, *, segments: Keys = ()
) -> tuple[int, ...]:
    """Return the blocks to look under: the title's own, with the years next to its year."""
    years = () if year is None else tuple(year + step for step in NEAR_YEARS)
    return _blocks(keys, segments, group, years)


@lru_cache(maxsize=4096)
def _blocks(keys: Keys, segments: Keys, group: str, years: tuple[int, ...]) -> tuple[int, ...]:
    names = keys[:MOST_NAMES]
    found = {_longest(key) for key in names if _is_long(key)}
    dated = {edge for key in names for edge in _edges(key)}
    dated |= {f"c|{core(part)}" for part in (*names, *segments[:MOST_NAMES])}
    found |= {f"{word}|{year}" for word in dated for year in years}
    groups = EITHER if group == UNKNOWN else (group,)
    return tuple(sorted(_signed(crc32(f"{g}|{word}".encode())) for g in groups for word in found))


def _is_long(key: str) -> bool:
    return len(key.replace(" ", "")) >= SHORTEST


def _longest(key: str) -> str:
    words = sorted(sorted(set(key.split()), key=lambda word: (-len(word), word))[:2])
    return f"w|{'|'.join(words)}"


def _edges(key: str) -> Iterator[str]:
    words = telling_words(key)
    said = "".join(words)
    if len(said) < SHORTEST:
        return
    yield f"b|{said[:BOTH]}|{said[-BOTH:]}"
    yield f"p|{said[: _letters(words[:2])]}"
    yield f"s|{said[-_letters(words[-2:]) :]}"


def _letters(words: list[str]) -> int:
    """Return how many letters of a name's first or last two words are looked at."""
    least, most = EDGE
    together = sum(map(len, words))
    if len(words) == 1:
        return ONE_WORD if together > ONE_WORD + 1 else least
    return max(least, min(most, together))


def _signed(value: int) -> int:
    """Return 32 bits as PostgreSQL's integer holds them."""
    return value - (1 << 32) if value >= 1 << 31 else value
