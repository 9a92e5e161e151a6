"""Whether each leaf of a record arrives in its items, found by reading the record without it.

A leaf is kept when the items differ without it, or with another value in its place. Where they do
not, it may repeat what other leaves say: it is kept, too, when it says the same without them, or
when its words are in the item. What is then left was set aside for a reason that can be checked
(`shared.catalog.coverage.reasons`), or lost.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from shared.catalog.coverage.declared import ASIDE, field_of
from shared.catalog.coverage.leaves import Leaf, changed, leaves, parent, without
from shared.catalog.coverage.reasons import reason_of
from shared.catalog.coverage.units import Unit
from shared.catalog.genres import LONGEST_THEME, map_genres
from shared.catalog.item import CanonicalItem
from shared.catalog.raw import ALL_REGIONS
from shared.kernel.text import clean

KEPT = "kept"
UNKNOWN = "unknown"
_LISTS = frozenset({"themes", "credits", "titles", "countries", "images", "updated_at"})
_REPEATED = frozenset({"credits", "offers.audio", "offers.subtitles"})
_ALPHA_2 = 2


@dataclass(frozen=True)
class Verdict:
    """What became of a leaf.

    Attributes:
        pattern: Where it lies.
        field: The item's field it says something of; empty where it is not known.
        outcome: `KEPT`, `UNKNOWN`, the reason why it was set aside, or empty where it was lost.
    """

    pattern: str
    field: str
    outcome: str


def verdicts(unit: Unit) -> Iterator[Verdict]:
    """Yield what became of every leaf that says something of an item, or that is not known.

    A record that comes to no item has no leaves to keep.
    """
    if not unit.items(ALL_REGIONS):
        return
    listed = [leaf for leaf in leaves(unit.record) if leaf.says_something]
    known = [(leaf, field_of(unit.provider, leaf.pattern)) for leaf in listed]
    told = [(leaf, field) for leaf, field in known if field]
    problems = unit.problems()
    for leaf, field in known:
        if field is None:
            yield Verdict(leaf.pattern, "", UNKNOWN)
        elif field != ASIDE:
            kept = _arrives(unit, leaf, field, told)
            outcome = KEPT if kept else reason_of(leaf, field, unit, problems)
            yield Verdict(leaf.pattern, field, outcome)


def _arrives(unit: Unit, leaf: Leaf, field: str, told: Sequence[tuple[Leaf, str]]) -> bool:
    region = _region(leaf)
    if _differs(unit, region, [leaf]) or _matters(unit, region, leaf):
        return True
    groups = (_same_field(leaf, field, told), _same_words(leaf, field, told, unit))
    if any(_repeats(unit, region, leaf, group) for group in groups):
        return True
    return field in _WORDS and _is_said(leaf, field, unit)


def _repeats(unit: Unit, region: str, leaf: Leaf, group: Sequence[Leaf]) -> bool:
    """Tell whether a leaf says by itself what a group says, and the group says something."""
    others = [one for one in group if one is not leaf]
    return bool(others) and not _differs(unit, region, others) and _differs(unit, region, group)


def _matters(unit: Unit, region: str, leaf: Leaf) -> bool:
    """Tell whether another value in the leaf's place would make another item."""
    whole = unit.items(region)
    for value in _others(leaf.value):
        with changed(unit.record, leaf.path, value):
            if unit.read(region).items != whole:
                return True
    return False


def _others(value: object) -> tuple[object, ...]:
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int | float):
        return (value + 1,)
    return (f"{value}~", "/fr/other") if isinstance(value, str) else ()


def _is_said(leaf: Leaf, field: str, unit: Unit) -> bool:
    """Tell whether the words of a leaf are in an item, whoever said them first."""
    if not isinstance(leaf.value, str | int):
        return False
    words = _WORDS[field](str(leaf.value), unit.provider)
    return bool(words) and any(words <= _said(field, item) for item in unit.items(ALL_REGIONS))


def _said(field: str, item: CanonicalItem) -> set[str]:
    found = {
        "genres": (*item.genres, *item.themes),
        "themes": item.themes,
        "countries": item.countries,
        "titles": (item.title, *item.titles.values()),
        "series": (item.series.seasons, item.series.episodes) if item.series else (),
    }
    return {str(word).lower() for word in found[field]}


def _genre_words(value: str, provider: str) -> set[str]:
    mapped = map_genres((value,), platform=provider)
    return {word.lower() for word in (*mapped.genres, *mapped.themes)}


def _differs(unit: Unit, region: str, taken: Sequence[Leaf]) -> bool:
    whole = unit.items(region)
    with without(unit.record, [leaf.path for leaf in taken]):
        return unit.read(region).items != whole


def _region(leaf: Leaf) -> str:
    """Return the country under which a leaf lies, so that only its part is read."""
    names = (step for step in leaf.path[:-1] if isinstance(step, str) and step.isalpha())
    codes = (name.upper() for name in names if len(name) == _ALPHA_2)
    return next(codes, ALL_REGIONS)


def _same_field(leaf: Leaf, field: str, told: Sequence[tuple[Leaf, str]]) -> list[Leaf]:
    """Return leaves of the same object that say the same (an id and a name of one service)."""
    if field in _LISTS:
        return []
    return [one for one, other in told if other == field and one.path[:-1] == leaf.path[:-1]]


def _same_words(leaf: Leaf, field: str, told: Sequence[tuple[Leaf, str]], unit: Unit) -> list[Leaf]:
    """Return leaves that repeat this one: in a set, or in an object that is the same throughout."""
    same = [one for one, _ in told if one.value == leaf.value and one.pattern == leaf.pattern]
    if field in _REPEATED:
        return same
    own = parent(unit.record, leaf.path)
    return [one for one in same if parent(unit.record, one.path) == own]


_WORDS: dict[str, Callable[[str, str], set[str]]] = {
    "genres": _genre_words,
    "themes": lambda value, _: {clean(value).lower()[:LONGEST_THEME]},
    "countries": lambda value, _: {value.lower()},
    "titles": lambda value, _: {clean(value).lower()},
    "series": lambda value, _: {value},
}
