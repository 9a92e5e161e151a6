"""Which stored titles are worth reading for an item, by the little that finding them brings along.

What is turned away here would come to nothing with everything known: no item would join it, and no
question would be asked. A few words of each title are read for that instead of the whole title.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from shared.catalog.values import ContentType
from shared.matching.background import background
from shared.matching.facts import Facts
from shared.matching.features import (
    WORDS,
    compare,
    equal_level,
    is_part,
    is_spelling,
    overview_level,
    runtime_level,
)
from shared.matching.outline import Outline
from shared.matching.resolve import ACCEPT, REVIEW
from shared.matching.vetoes import NEAR_YEARS, sequels_differ
from shared.matching.weights import learned, logistic

LATER = ("runtime", "genres", "countries", "people", "overview")
"""Features that may not be known yet, of which a title without any is no worse."""


class Found(NamedTuple):
    """What is known of a title when it is found; None where that is unknown."""

    outline: Outline
    year: int | None = None
    runtime: int | None = None

    @classmethod
    def of(cls, outline: str, year: int | None, runtime: int | None) -> "Found":
        """Return what a title's outline, written as text, its year and runtime say."""
        return cls(Outline.from_text(outline), year, runtime)

    def facts(self) -> Facts:
        """Return them in the form in which titles are compared, of no type."""
        return Facts(
            content_type=ContentType.UNKNOWN,
            keys=self.outline.keys,
            year=self.year,
            runtime=self.runtime,
            overview=self.outline.overview,
            segments=self.outline.segments,
        )


def is_worth_reading(item: Facts, found: Found) -> bool:
    """Tell whether a title, of a type that the item may be, may have to do with it.

    The most that the rest could make of it decides: `resolve` asks about a title from `REVIEW` on,
    where years are far apart and a name is equal from `ACCEPT` on. One of the item's name that lies
    near is kept whatever else it says, since a name that two titles have joins nothing by itself.
    """
    outline = found.outline
    is_near = not found.year or not item.year or abs(found.year - item.year) <= NEAR_YEARS
    shared = [key for key in item.keys if key in outline.keys]
    if shared:
        return is_near or _at_most(_levels_of_namesakes(item, found, shared), item) >= ACCEPT
    if not is_near or _is_plainly_apart(item, outline):
        return False
    compared = compare(item, found.facts())
    if not compared.is_candidate or sequels_differ(compared.pair):
        return False
    return _at_most(compared.levels, item) >= REVIEW


def _levels_of_namesakes(item: Facts, found: Found, shared: Sequence[str]) -> dict[str, str]:
    """Return what `compare` would of two titles that share names in years far apart, sooner."""
    levels = {
        "title": equal_level(shared),
        "year": "far",
        "runtime": runtime_level(item.runtime, found.runtime),
        "overview": overview_level(item.overview, found.outline.overview),
    }
    return {name: level for name, level in levels.items() if level is not None}


def _is_plainly_apart(item: Facts, found: Outline) -> bool:
    """Tell what `compare_names` would of two titles of one name each, in half the time.

    Nine in ten of those that share a block are such.
    """
    if len(item.keys) != 1 or len(found.keys) != 1:
        return False
    (left,), (right,) = item.keys, found.keys
    if right in item.segments or left in found.segments or is_spelling(left, right):
        return False
    common = background()
    return common.share_less(left, right, WORDS[0]) and not (
        is_part(left, right) or is_part(right, left)
    )


def _at_most(levels: Mapping[str, str], item: Facts) -> float:
    """Return the highest probability that what is not known yet could lead to."""
    weights = learned()
    table, evidence = weights.levels, weights.prior
    for name, level in levels.items():
        evidence += table[name][level]
    for name, most in _best().items():
        if name not in levels and getattr(item, name):
            evidence += most
    return logistic(evidence)


@cache
def _best() -> dict[str, float]:
    """Return the most that each feature says for two titles being one, of those still to be read.

    Title and year are known of every title that is found.
    """
    most = {name: max(levels.values()) for name, levels in learned().levels.items()}
    return {name: most[name] for name in LATER if most[name] > 0}
