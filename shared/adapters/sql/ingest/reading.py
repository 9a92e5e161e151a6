"""Titles as they are stored, read whole or as far as they are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.adapters.sql.statement import statement
from shared.kernel.text import title_key
from shared.matching.facts import Facts, person_key
from shared.matching.outline import Outline
from shared.matching.record import SCALARS, Record

if TYPE_CHECKING:
    from collections.abc import Mapping

READ_FACTS = statement(__file__, "read_facts")
READ_TITLES = statement(__file__, "read_titles")


def to_facts(row: Mapping[str, Any]) -> Facts:
    """Return the facts that a row of ``read_facts.sql`` says."""
    outline, original = Outline.from_text(row["outline"]), row["original_title"]
    return Facts(
        content_type=row["content_type"],
        keys=outline.keys,
        original=title_key(original) if original else None,
        year=row["release_year"],
        runtime=row["runtime_minutes"],
        genres=frozenset(row["genres"] or ()),
        countries=frozenset(row["countries"] or ()),
        people=frozenset(map(person_key, row["people"] or ())),
        overview=outline.overview,
        segments=outline.segments,
    )


def to_record(row: dict[str, Any]) -> Record:
    """Return the record that a row of ``read_titles.sql`` says."""
    owners = {name: who for who, names in (row["owners"] or {}).items() for name in names}
    # A value nobody vouches for is the table's own default (popularity), not knowledge.
    known = [name for name in SCALARS if name in owners and row[name] is not None]
    return Record(
        scalars={name: row[name] for name in known},
        titles=row["titles"] or {},
        genres=tuple(row["genres"] or ()),
        themes=tuple(row["themes"] or ()),
        moods=tuple(row["moods"] or ()),
        countries=tuple(row["countries"] or ()),
        people=tuple((name, role, character) for name, role, character in row["people"] or ()),
        images={(kind, width): url for kind, width, url in row["images"] or ()},
        ratings={(region, system): value for region, system, value in row["ratings"] or ()},
        is_original=row["is_original"],
        sample=row["sample"],
        owners=owners,
    )
