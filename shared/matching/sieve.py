"""Which stored titles are worth reading for an item, by the little that finding them brings along.

What is turned away here would come to nothing with everything known: no item would join it, and no
question would be asked. A few words of each title are read for that instead of the whole title.
"""

from dataclasses import dataclass
from functools import cache

from shared.catalog.values import ContentType
from shared.matching.background import background
from shared.matching.facts import FILM, Facts, distinct, segments_of
from shared.matching.features import (
    SAME_TITLE,
    WORDS,
    Comparison,
    compare,
    compare_names,
    is_part,
    similarity,
)
from shared.matching.overview import sketch
from shared.matching.resolve import ACCEPT
from shared.matching.vetoes import NEAR_YEARS, PARTS, sequels_differ
from shared.matching.weights import learned


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a title when it is found.

    Attributes:
        names: Title key and title of every name it goes by.
        year: Year of release; None where it is known to lie near.
        runtime: Minutes; None where the year is.
        overview: None where the year is.
    """

    names: tuple[tuple[str, str], ...]
    year: int | None = None
    runtime: int | None = None
    overview: str | None = None

    def facts(self) -> Facts:
        """Return them in the form in which titles are compared, of no type."""
        return Facts(
            content_type=ContentType.UNKNOWN,
            keys=distinct(key for key, _ in self.names),
            year=self.year,
            runtime=self.runtime,
            overview=sketch(self.overview),
            segments=segments_of(name for _, name in self.names),
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

    Where years are far apart, the most that the rest could make of it decides: `resolve` asks about
    such a title from `ACCEPT` on.
    """
    if found.year is None or item.year is None or abs(found.year - item.year) <= NEAR_YEARS:
        if _is_plainly_apart(item, found):
            return False
        level, _, pair = compare_names(item, found.facts())
        return level != "other" and not sequels_differ(pair)
    compared = compare(item, found.facts())
    return compared.is_candidate and _at_most(compared, item) >= ACCEPT


def _is_plainly_apart(item: Facts, found: Found) -> bool:
    """Tell what `compare_names` would of two titles of one name each, in half the time.

    Nine in ten of those that share a block are such.
    """
    ((right, title), *others) = found.names or (("", ""),)
    if others or len(item.keys) != 1:
        return False
    left = item.keys[0]
    if similarity(left, right) >= SAME_TITLE:
        return False
    if right in item.segments or left in segments_of((title,)):
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
