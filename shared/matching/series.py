"""Seasons and episodes are known by their place in a series (spec/ingestion §5.5), not by name.

Sources number alike, so two entries of one number in one series are one title unless their names or
years say otherwise: then a person is asked, for a wrong join costs more than a double.
"""

from dataclasses import dataclass

from shared.catalog.item import CanonicalItem
from shared.catalog.values import ContentType
from shared.kernel.text import title_key
from shared.matching.counting import only_counts
from shared.matching.facts import Facts
from shared.matching.features import best_pair
from shared.matching.vetoes import LOW_TITLE, PARTS, types_differ, years_differ


@dataclass(frozen=True, slots=True)
class Place:
    """Where a season or an episode says it stands.

    Attributes:
        season: Its number; specials are 0.
        episode: Its number in the season; None is the season itself.
        series_key: Title key of the series' name.
        series_ids: Ids of the series as ``type:value``, sorted.
    """

    season: int
    episode: int | None
    series_key: str | None
    series_ids: tuple[str, ...]


def place_of(item: CanonicalItem) -> Place | None:
    """Return where an item stands; None where it is no part, or too little of it is said."""
    part = item.part_of
    if part is None or part.season is None or item.content_type not in PARTS:
        return None
    if (item.content_type is ContentType.EPISODE) != (part.episode is not None):
        return None
    key = title_key(part.title) if part.title else ""
    ids = sorted(f"{kind}:{value}" for kind, value in part.external_ids.items())
    return Place(part.season, part.episode, key or None, tuple(ids)) if key or ids else None


def objection(left: Facts, right: Facts) -> str | None:
    """Return why two titles at one place may not be one, or None: type, year or title.

    Names that only count (``Episode 3``) say nothing, nor do those of seasons, which are as often
    the series' own. What one of them does not know is no objection.
    """
    if types_differ(left, right):
        return "type"
    if years_differ(left, right):
        return "year"
    if left.content_type == ContentType.SEASON or not (_is_named(left) and _is_named(right)):
        return None
    return "title" if best_pair(left, right)[0] < LOW_TITLE else None


def _is_named(facts: Facts) -> bool:
    """Tell whether a title goes by a name that says more than a number."""
    return not all(only_counts(key) for key in facts.keys)
