"""Blocking: short hashes under which similar titles meet, so that nobody scans all titles.

Two titles of similarity .85 or more nearly always share their two longest words, or the beginning
or the end of the title and a year at most one apart. Hashes may collide: a block only proposes.
"""

from collections.abc import Iterator
from functools import lru_cache
from zlib import crc32

EDGE = 5
"""Characters of a title's beginning and end, blanks left out."""
SHORTEST = 4
"""Titles shorter than this meet by their key alone."""
NEAR_YEARS = (-1, 0, 1)
MOST_NAMES = 4
"""Names of one title that get blocks."""
UNKNOWN = "unknown"
EITHER = ("film", "series")
"""Where titles of unknown type are kept and looked for."""


def stored_blocks(keys: tuple[str, ...], group: str, year: int | None) -> tuple[int, ...]:
    """Return the blocks a title is kept under, sorted.

    Args:
        keys: Title keys, main one first.
        group: `shared.matching.facts.family` of its type; blocks of two groups never meet,
            those of an unknown type meet films and series.
        year: Year of release; a title without one is kept under its words alone.
    """
    return _blocks(keys, group, () if year is None else (year,))


def asked_blocks(keys: tuple[str, ...], group: str, year: int | None) -> tuple[int, ...]:
    """Return the blocks to look under: the title's own, with the years next to its year."""
    years = () if year is None else tuple(year + step for step in NEAR_YEARS)
    return _blocks(keys, group, years)


@lru_cache(maxsize=4096)
def _blocks(keys: tuple[str, ...], group: str, years: tuple[int, ...]) -> tuple[int, ...]:
    words = {word for key in keys[:MOST_NAMES] for word in _words(key, years)}
    groups = EITHER if group == UNKNOWN else (group,)
    return tuple(sorted(_signed(crc32(f"{g}|{word}".encode())) for g in groups for word in words))


def _words(key: str, years: tuple[int, ...]) -> Iterator[str]:
    compact = key.replace(" ", "")
    if len(compact) < SHORTEST:
        return
    longest = sorted(sorted(set(key.split()), key=lambda word: (-len(word), word))[:2])
    yield f"w|{'|'.join(longest)}"
    for year in years:
        yield f"p|{compact[:EDGE]}|{year}"
        yield f"s|{compact[-EDGE:]}|{year}"


def _signed(value: int) -> int:
    """Return 32 bits as PostgreSQL's integer holds them."""
    return value - (1 << 32) if value >= 1 << 31 else value
