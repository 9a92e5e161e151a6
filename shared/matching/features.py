"""In what two titles agree, and how far: one level per feature that both sides know.

A feature that one side does not know has no level and is no evidence (spec/ingestion §5.5).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import JaroWinkler, Levenshtein

from shared.matching.background import Background, background
from shared.matching.facts import Facts
from shared.matching.names import core
from shared.matching.overview import Sketch, resemblance

SAME_TITLE = 0.85
"""Least similarity of two spellings of one name (spec/ingestion §5.5, tier 3)."""
SAME_OVERVIEW, ALIKE_OVERVIEW = 0.6, 0.25
"""Least resemblances of two overviews of those levels."""
WORDS = (0.5, 0.65, 0.8)
"""Shares of two names' information in words of both, between the degrees of ``words``."""
LEVELS: dict[str, tuple[str, ...]] = {
    "title": (
        "equal-0", "equal-1", "equal-2", "equal-3", "equal-4",
        "core", "spelling", "close", "similar", "words-0", "words-1", "words-2",
        "segment-0", "segment-1", "segment-2", "segment-3", "segment-4",
        "part-0", "part-1", "part-2", "part-3", "part-4", "other",
    ),
    "year": ("same", "next", "far"),
    "runtime": ("same", "near", "off", "far"),
    "genres": ("equal", "within", "most", "some", "kin", "none"),
    "countries": ("shared", "none"),
    "people": ("several", "one", "none"),
    "overview": ("same", "alike", "other"),
}  # fmt: skip
"""Every level of every feature.

Names are equal, equal but for fillers (``core``), spellings of one another (three degrees), have
most words in common (three degrees), or one is the other's beginning or end, up to a colon or dash
(``segment``) or not (``part``). Numbers behind ``equal``, ``segment`` and ``part`` are the rarity
of what is shared (`shared.matching.background`).
"""
AGREES = {
    "runtime": ("same", "near"),
    "genres": ("equal", "within", "most", "some"),
    "countries": ("shared",),
    "people": ("several", "one"),
    "overview": ("same", "alike"),
}
"""Levels that count as agreement (spec/ingestion §5.5: one agreeing feature)."""

Pair = tuple[str, str]
NOTHING = (0.0, ("", ""))


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two titles compare.

    Attributes:
        levels: One of `LEVELS` per feature that both sides know.
        similarity: Of the two names that are most alike, 0 to 1.
        pair: Those names.
    """

    levels: dict[str, str]
    similarity: float
    pair: Pair

    @property
    def is_candidate(self) -> bool:
        """The names are equal, spellings of one, or one is the other and more."""
        return self.levels["title"] != "other"

    @property
    def is_equal(self) -> bool:
        """One name of each is the same."""
        return self.levels["title"].startswith("equal")

    def agreeing(self) -> frozenset[str]:
        """Return the features beyond title and year in which the two agree."""
        return frozenset(
            name for name, level in self.levels.items() if level in AGREES.get(name, ())
        )


@lru_cache(maxsize=4096)
def similarity(left: str, right: str) -> float:
    """Return how alike two keys are, 0 to 1, with or without blanks and fillers.

    The mean of normalized Levenshtein and Jaro-Winkler similarity (spec/ingestion §5.5).
    """
    if left == right:
        return 1.0
    return max(_alike(left, right), _alike(core(left), core(right)))


def _alike(left: str, right: str) -> float:
    levenshtein = Levenshtein.normalized_similarity(left, right)
    return (levenshtein + JaroWinkler.similarity(left, right)) / 2


def is_spelling(left: str, right: str) -> bool:
    """Tell whether two keys are similar by `SAME_TITLE` or more, at once where by far less."""
    return _reaches(left, right) or _reaches(core(left), core(right))


def _reaches(left: str, right: str) -> bool:
    # Half of the sum is at most 1, so the other half alone may say no.
    least = 2 * SAME_TITLE - 1
    if Levenshtein.normalized_similarity(left, right, score_cutoff=least) < least:
        return False
    return _alike(left, right) >= SAME_TITLE


def equal_level(shared: Iterable[str], common: Background | None = None) -> str:
    """Return the level of ``title`` of two titles that share names: that of the longest one."""
    return f"equal-{(common or background()).rarity(_longest(shared))}"


def _longest(shared: Iterable[str]) -> str:
    return max(shared, key=lambda key: (len(key), key))


def best_pair(left: Facts, right: Facts) -> tuple[float, Pair]:
    """Return the highest similarity among all names of two titles, and the names."""
    shared = [key for key in left.keys if key in right.keys]
    if shared:
        name = _longest(shared)
        return 1.0, (name, name)
    if len(left.keys) == len(right.keys) == 1:
        only = (left.keys[0], right.keys[0])
        return similarity(*only), only
    pairs = ((a, b) for a in left.keys for b in right.keys)
    scored = ((similarity(a, b), (a, b)) for a, b in pairs)
    return max(scored, key=_ranked, default=NOTHING)


def compare(left: Facts, right: Facts, common: Background | None = None) -> Comparison:
    """Compare two titles; the order of the two says nothing.

    Args:
        left: One title.
        right: The other.
        common: What is common among titles; what is shipped where none is given.
    """
    common = common or background()
    title, alike, pair = compare_names(left, right, common)
    found = {
        "title": title,
        "year": _year(left.year, right.year),
        "runtime": runtime_level(left.runtime, right.runtime),
        "genres": _genres(left.genres, right.genres, common),
        "countries": _countries(left.countries, right.countries),
        "people": _people(left.people, right.people),
        "overview": overview_level(left.overview, right.overview),
    }
    levels = {feature: level for feature, level in found.items() if level is not None}
    return Comparison(levels, alike, pair)


def compare_names(
    left: Facts, right: Facts, common: Background | None = None
) -> tuple[str, float, Pair]:
    """Return the level of ``title``, the similarity of the most alike names, and the two names.

    The names are those that are most alike or, where what they share is no spelling, those that
    share it.
    """
    common = common or background()
    alike, pair = best_pair(left, right)
    title = _title(alike, pair, common)
    if title == "other":
        title, pair = _loosely(left, right, pair, common)
    return title, alike, pair


def _title(alike: float, pair: Pair, common: Background) -> str:
    if pair[0] == pair[1] and pair[0]:
        return f"equal-{common.rarity(pair[0])}"
    if alike == 1:
        return "core"
    steps = ((0.95, "spelling"), (0.90, "close"), (SAME_TITLE, "similar"))
    return next((level for least, level in steps if alike >= least), "other")


def _loosely(left: Facts, right: Facts, alike: Pair, common: Background) -> tuple[str, Pair]:
    """Return what two titles share of names that are no spellings of each other."""
    if not _words(left) & _words(right):
        return "other", alike
    segments = [
        (common.rarity(key), key) for key, other in _sides(left, right) if key in other.segments
    ]
    if segments:
        rarity, key = max(segments)
        return f"segment-{rarity}", _whole(key, left, right)
    share, pair = _most_words(left, right, common)
    level = bisect_right(WORDS, share)
    if level:
        return f"words-{level - 1}", pair
    parts = [(common.rarity(key), key) for key, other in _sides(left, right) if _is_in(key, other)]
    if parts:
        rarity, key = max(parts)
        return f"part-{rarity}", _whole(key, left, right)
    return "other", alike


def _words(facts: Facts) -> set[str]:
    return {word for key in (*facts.keys, *facts.segments) for word in key.split()}


def _sides(left: Facts, right: Facts) -> Iterator[tuple[str, Facts]]:
    """Yield each name with the title that it is not of."""
    yield from ((key, right) for key in left.keys)
    yield from ((key, left) for key in right.keys)


def _most_words(left: Facts, right: Facts, common: Background) -> tuple[float, Pair]:
    pairs = ((a, b) for a in left.keys for b in right.keys)
    shares = ((common.shared_words(*pair), pair) for pair in pairs)
    return max(shares, key=_ranked, default=NOTHING)


def _ranked(found: tuple[float, Pair]) -> tuple[float, list[str]]:
    """Return what decides between pairs, whichever of the two titles comes first."""
    return found[0], sorted(found[1])


def _is_in(key: str, other: Facts) -> bool:
    return any(is_part(key, whole) for whole in other.keys)


def _whole(key: str, left: Facts, right: Facts) -> Pair:
    """Return a name of one title with the name of the other that it is a part of."""
    is_left = key in left.keys
    others = (right if is_left else left).keys
    whole = min([name for name in others if is_part(key, name)] or others)
    return (key, whole) if is_left else (whole, key)


def is_part(part: str, whole: str) -> bool:
    """Tell whether a title key is the beginning or the end of another."""
    return bool(part) and (whole.startswith(part + " ") or whole.endswith(" " + part))


def _year(left: int | None, right: int | None) -> str | None:
    if left is None or right is None:
        return None
    return ("same", "next", "far")[min(2, abs(left - right))]


def runtime_level(left: int | None, right: int | None) -> str | None:
    """Return the level of ``runtime``, None where a length is not known."""
    if not left or not right:
        return None
    gap, longer = abs(left - right), max(left, right)
    steps = ((max(1, 0.02 * longer), "same"), (max(5, 0.05 * longer), "near"))
    return next((name for most, name in (*steps, (0.15 * longer, "off")) if gap <= most), "far")


def _genres(left: frozenset[str], right: frozenset[str], common: Background) -> str | None:
    if not left or not right:
        return None
    shared = len(left & right)
    if shared == 0:
        return "kin" if common.are_kin(left, right) else "none"
    if shared == min(len(left), len(right)):
        return "equal" if len(left) == len(right) else "within"
    return "most" if 2 * shared >= len(left | right) else "some"


def _countries(left: frozenset[str], right: frozenset[str]) -> str | None:
    if not left or not right:
        return None
    return "shared" if left & right else "none"


def _people(left: frozenset[str], right: frozenset[str]) -> str | None:
    if not left or not right:
        return None
    return ("none", "one", "several")[min(2, len(left & right))]


def overview_level(left: Sketch, right: Sketch) -> str | None:
    """Return the level of ``overview``, None where a sketch is empty."""
    if not left or not right:
        return None
    size = min(len(left), len(right))
    if len(set(left).intersection(right)) < ALIKE_OVERVIEW * size:
        return "other"  # most are; they resemble each other at most by what they have in common
    alike = resemblance(left, right)
    return "same" if alike >= SAME_OVERVIEW else "alike" if alike >= ALIKE_OVERVIEW else "other"
