"""Which stored titles are worth reading for an item, by the little that finding them brings along.

What is turned away here would come to nothing with everything known: no item would join it, and no
question would be asked. A few words of each title are read for that instead of the whole title.
"""

from dataclasses import dataclass
from functools import cache

from shared.catalog.values import ContentType
from shared.kernel.text import title_key
from shared.matching.facts import FILM, Facts, distinct, segments_of
from shared.matching.features import Comparison, compare
from shared.matching.overview import sketch
from shared.matching.resolve import ACCEPT
from shared.matching.vetoes import PARTS, sequels_differ, years_differ
from shared.matching.weights import learned


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a title when it is found.

    Attributes:
        content_type: A value of `ContentType`.
        names: Every name it goes by.
        year: Year of release.
        runtime: Minutes; None where it was not asked for.
        overview: None where it was not asked for.
    """

    content_type: str
    names: tuple[str, ...]
    year: int | None
    runtime: int | None = None
    overview: str | None = None

    def facts(self) -> Facts:
        """Return them in the form in which titles are compared."""
        return Facts(
            content_type=self.content_type,
            keys=distinct(map(title_key, self.names)),
            year=self.year,
            runtime=self.runtime,
            overview=sketch(self.overview),
            segments=segments_of(self.names),
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


def is_worth_reading(item: Facts, found: Facts) -> bool:
    """Tell whether a title may have to do with an item, of whose types it is.

    Where years are far apart, the most that the rest could make of it decides: `resolve` asks about
    such a title from `ACCEPT` on.
    """
    compared = compare(item, found)
    if not compared.is_candidate:
        return False
    if not years_differ(item, found):
        return not sequels_differ(compared.pair)
    return _at_most(compared, item) >= ACCEPT


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
