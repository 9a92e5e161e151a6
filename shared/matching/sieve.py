"""Which stored titles are worth reading for an item, by the little that finding them brings along.

What is turned away here would come to nothing with everything known: no item would join it, and no
question would be asked. A few words of each title are read for that instead of the whole title.
"""

from dataclasses import dataclass
from functools import cache

from shared.catalog.values import ContentType
from shared.matching.background import background
from shared.matching.facts import FILM, Facts
from shared.matching.features import WORDS, Comparison, compare, is_part, is_spelling
from shared.matching.outline import Outline
from shared.matching.resolve import ACCEPT, REVIEW
from shared.matching.vetoes import NEAR_YEARS, PARTS, sequels_differ
from shared.matching.weights import learned


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a title when it is found; None where that is unknown."""

    outline: Outline
    year: int | None = None
    runtime: int | None = None

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


@cache
def types_apart(content_type: str) -> tuple[str, ...]:
    """Return the types of titles that an item of this type can never be; all of them for a part."""
    if content_type in PARTS:
        return tuple(ContentType)
    if content_type == ContentType.UNKNOWN:
        return tuple(sorted(PARTS))
    kin = FILM if content_type in FILM else {content_type}
    return tuple(sorted(set(ContentType) - kin - {ContentType.UNKNOWN}))


def is_worth_reading(item: Facts, found: Found) -> bool:
    """Tell whether a title, of a type that the item may be, may have to do with it.

    The most that the rest could make of it decides: `resolve` asks about a title from `REVIEW` on,
    where years are far apart from `ACCEPT` on. One of the item's name that lies near is kept
    whatever else it says, since a name that two titles have joins nothing by itself.
    """
    is_near = None in {found.year, item.year} or _apart(found.year, item.year) <= NEAR_YEARS
    if is_near and not set(item.keys).isdisjoint(found.outline.keys):
        return True
    if is_near and _is_plainly_apart(item, found.outline):
        return False
    compared = compare(item, found.facts())
    if not compared.is_candidate or (is_near and sequels_differ(compared.pair)):
        return False
    return _at_most(compared, item) >= (REVIEW if is_near else ACCEPT)


def _apart(left: int | None, right: int | None) -> int:
    return abs((left or 0) - (right or 0))


def _is_plainly_apart(item: Facts, found: Outline) -> bool:
    """Tell what `compare_names` would of two titles of one name each, in half the time.

    Nine in ten of those that share a block are such.
    """
    if len(item.keys) != 1 or len(found.keys) != 1:
        return False
    (left,), (right,) = item.keys, found.keys
    if is_spelling(left, right):
        return False
    if right in item.segments or left in found.segments:
        return False
    if set(left.split()).isdisjoint(right.split()):
        return True
    return (
        background().shared_words(left, right) < WORDS[0]
        and not is_part(left, right)
        and not is_part(right, left)
    )


def _at_most(compared: Comparison, item: Facts) -> float:
    """Return the highest probability that what is not known yet could lead to."""
    known = {
        "runtime": item.runtime,
        "genres": item.genres,
        "countries": item.countries,
        "people": item.people,
        "overview": item.overview,
    }
    best = {name: level for name, level in _best().items() if known.get(name)}
    return learned().probability(best | compared.levels)


@cache
def _best() -> dict[str, str]:
    """Return the level that says most for two titles being one, of each feature that has one."""
    table = learned().levels
    best = {name: max(levels, key=levels.__getitem__) for name, levels in table.items()}
    return {name: level for name, level in best.items() if table[name][level] > 0}
