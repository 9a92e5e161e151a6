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
least (`shared.matching.names.FILLERS`). Hashes may collide: a block only proposes. The year is kept
beside the hash, so that one look finds three years that lie side by side, or the whole name in all
years.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar
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
NEAR = 1
"""Years that two titles of one block lie apart at most."""
NO_YEAR, LAST_YEAR = 0, 9999
"""What a title without a year is kept under, and the end of all years."""
MOST_NAMES = 4
"""Names of one title that get blocks, and parts of names."""
UNKNOWN = "unknown"
EITHER = ("film", "series")
"""Where titles of unknown type are kept and looked for."""

Keys = tuple[str, ...]
T = TypeVar("T")


class Asked(NamedTuple):
    """A block to look under, and the years between which, both included."""

    block: int
    since: int
    until: int


def stored_blocks(
    keys: Keys, group: str, year: int | None, *, segments: Keys = ()
) -> tuple[int, ...]:
    """Return the blocks a title is kept under, sorted; each with the title's year, or `NO_YEAR`.

    Args:
        keys: Title keys, main one first.
        group: `shared.matching.facts.family` of its type; blocks of two groups never meet,
            those of an unknown type meet films and series.
        year: Year of release; a title without one is kept under its words alone.
        segments: Title keys of the parts of its names.
    """
    timeless, dated = _blocks(keys, segments, group)
    return timeless if year is None else tuple(sorted((*timeless, *dated)))


def asked_blocks(
    keys: Keys, group: str, year: int | None, *, segments: Keys = ()
) -> tuple[Asked, ...]:
    """Return the blocks to look under: words in any year, all else in the years next to its own."""
    timeless, dated = _blocks(keys, segments, group)
    near = () if year is None else (Asked(block, year - NEAR, year + NEAR) for block in dated)
    return (*(Asked(block, NO_YEAR, LAST_YEAR) for block in timeless), *near)


def kept_blocks(
    keys: Keys, group: str, year: int | None, *, segments: Keys = ()
) -> tuple[int, ...]:
    """Return the blocks a title is kept under for `near_blocks`, sorted: all its names too."""
    found = stored_blocks(keys, group, year, segments=segments)
    return tuple(sorted({*found, *_whole(keys, group)}))


def near_blocks(
    keys: Keys, group: str, year: int | None, *, segments: Keys = ()
) -> tuple[Asked, ...]:
    """Return the blocks to look under among `kept_blocks`, for all that a title may be.

    That is words and parts of names near its year, or where none is known; whole names in any
    year, since a title of the same name in another year may be the same one dated twice.
    """
    timeless, dated = _blocks(keys, segments, group)
    whole = _whole(keys, group)
    ever = (Asked(block, NO_YEAR, LAST_YEAR) for block in whole)
    if year is None:
        words = set(timeless).difference(whole)
        return (*ever, *(Asked(block, NO_YEAR, LAST_YEAR) for block in sorted(words)))
    near = sorted({*timeless, *dated}.difference(whole))
    return (
        *ever,
        *(Asked(block, year - NEAR, year + NEAR) for block in near),
        *(Asked(block, NO_YEAR, NO_YEAR) for block in timeless),
    )


class BlockIndex(Generic[T]):
    """What is kept under blocks, in memory."""

    def __init__(self) -> None:
        self._years: defaultdict[int, dict[int, set[T]]] = defaultdict(dict)

    def add(self, blocks: Iterable[int], year: int | None, what: T) -> None:
        """Keep something under blocks, in its year."""
        for block in blocks:
            self._years[block].setdefault(year or NO_YEAR, set()).add(what)

    def find(self, asked: Iterable[Asked]) -> set[T]:
        """Return what is kept under any of the blocks, between its years."""
        found: set[T] = set()
        for block, since, until in asked:
            for year, kept in self._years.get(block, {}).items():
                if since <= year <= until:
                    found |= kept
        return found


@lru_cache(maxsize=4096)
def _blocks(keys: Keys, segments: Keys, group: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the blocks of any year, and those that go with a year."""
    names = keys[:MOST_NAMES]
    dated = {edge for key in names for edge in _edges(key)}
    dated |= {f"c|{core(part)}" for part in (*names, *segments[:MOST_NAMES])}
    return _hashed(group, {_longest(key) for key in names if _is_long(key)}), _hashed(group, dated)


@lru_cache(maxsize=4096)
def _whole(keys: Keys, group: str) -> tuple[int, ...]:
    """Return the blocks of whole names, of however many."""
    return _hashed(group, {f"c|{core(key)}" for key in keys})


def _hashed(group: str, words: Iterable[str]) -> tuple[int, ...]:
    groups = EITHER if group == UNKNOWN else (group,)
    return tuple(sorted({_signed(crc32(f"{g}|{word}".encode())) for g in groups for word in words}))


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
