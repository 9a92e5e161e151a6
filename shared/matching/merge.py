"""One record out of what several sources say, field by field (spec/ingestion §5.1).

A field is written when its new source is believed at least as far as the one that wrote it, or when
it was empty; nothing ever becomes empty. Merging the same item again changes nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from shared.catalog.values import ContentType
from shared.kernel.text import title_key
from shared.matching.counting import only_counts
from shared.matching.facts import family, person_key
from shared.matching.priority import priority
from shared.matching.record import LISTS, Person, Record

MANUAL = "manual"
"""The source of what administrators write."""
MOST_GENRES = 5
MOST_THEMES = 30
MOST_PEOPLE = 20
SAME_RELEASE_DAYS = 550
"""Release dates of one title in several countries lie within a year and a half."""

Key = TypeVar("Key")


def merge(stored: Record, said: Record, source: str) -> Record:
    """Return ``stored`` with what ``source`` says taken in.

    Genres, themes, moods and people are united in the order they became known; of two overviews
    the longer stays; of two release dates of one release the earlier. An episode's name is not
    replaced by its number. What a person wrote stays until a person changes it.
    """
    if MANUAL in stored.owners.values() and source != MANUAL:
        said = _without(said, {name for name, owner in stored.owners.items() if owner == MANUAL})
    if _only_counts(stored, said):
        said = replace(said, scalars={k: v for k, v in said.scalars.items() if k != "title"})
    owners = dict(stored.owners)
    scalars = dict(stored.scalars)
    for name, value in said.scalars.items():
        if scalars.get(name) == value:
            owners[name] = _better(owners.get(name, source), source)
        elif _writes(name, scalars.get(name), value, trusted=_trusted(owners, name, source)):
            scalars[name] = value
            owners[name] = source
    united = _united(stored, said)
    for name, values in united.items():
        if values != getattr(stored, name):
            owners[name] = source
    mapped = _mapped(stored, said, source, owners)
    return replace(
        stored,
        scalars=scalars,
        **united,
        **mapped,
        is_original=stored.is_original or said.is_original,
        sample=stored.sample and said.sample,
        owners=owners,
    )


def _without(said: Record, fields: set[str]) -> Record:
    """Return the record without some of its fields."""
    lists = {name: type(getattr(said, name))() for name in LISTS if name in fields}
    scalars = {name: value for name, value in said.scalars.items() if name not in fields}
    return replace(said, scalars=scalars, **lists)


def _only_counts(stored: Record, said: Record) -> bool:
    """Tell whether an episode that has a name is now called by its number alone."""
    if stored.scalars["content_type"] != ContentType.EPISODE or "title" not in said.scalars:
        return False
    old, new = (title_key(one.scalars["title"]) for one in (stored, said))
    return only_counts(new) and not only_counts(old)


def _trusted(owners: Mapping[str, str], field: str, source: str) -> bool:
    owner = owners.get(field)
    return owner is None or priority(source) >= priority(owner)


def _better(owner: str, source: str) -> str:
    """Return who vouches for a value both give: the one believed further, else the first."""
    return source if priority(source) > priority(owner) else owner


def _writes(field: str, old: Any, new: Any, *, trusted: bool) -> bool:  # noqa: ANN401 - JSON
    """Tell whether a field's new value replaces the old one, which is another one."""
    if old is None:
        return True
    if field == "overview":
        return len(new) > len(old)
    if field == "content_type":
        return old == "unknown" or (trusted and family(old) == family(new))
    if field == "release_date":
        return _earlier_or_trusted(old, new, trusted=trusted)
    return trusted


def _earlier_or_trusted(old: str, new: str, *, trusted: bool) -> bool:
    days = (date.fromisoformat(new) - date.fromisoformat(old)).days
    return days < 0 if abs(days) <= SAME_RELEASE_DAYS else trusted


def _united(stored: Record, said: Record) -> dict[str, Any]:
    return {
        "genres": _union(stored.genres, said.genres, MOST_GENRES),
        "themes": _union(stored.themes, said.themes, MOST_THEMES),
        "moods": _union(stored.moods, said.moods, MOST_THEMES),
        "countries": _union(stored.countries, said.countries, MOST_THEMES),
        "people": _people(stored.people, said.people),
    }


def _union(old: tuple[str, ...], new: tuple[str, ...], most: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*old, *new)))[:most]


def _people(old: tuple[Person, ...], new: tuple[Person, ...]) -> tuple[Person, ...]:
    """Unite credits by person and role; a character that was unknown is filled in."""
    found: dict[tuple[str, str], Person] = {}
    for name, role, character in (*old, *new):
        known = found.get((person_key(name), role))
        if known is None:
            found[person_key(name), role] = (name, role, character)
        elif known[2] is None and character is not None:
            found[person_key(name), role] = (known[0], role, character)
    return tuple(found.values())[:MOST_PEOPLE]


def _mapped(stored: Record, said: Record, source: str, owners: dict[str, str]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for name in ("titles", "images", "ratings"):
        old, new = getattr(stored, name), getattr(said, name)
        trusted = _trusted(owners, name, source)
        merged[name] = {**old, **new} if trusted else {**new, **old}
        if merged[name] != old:
            owners[name] = source
    return merged
