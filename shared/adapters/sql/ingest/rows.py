"""Records of titles as rows of their tables."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.adapters.sql.ingest.page import Rows
from shared.kernel.text import fold, title_key
from shared.matching.blocks import NO_YEAR, kept_blocks
from shared.matching.facts import family, person_key, segments_of
from shared.matching.maturity import maturity_rank
from shared.matching.outline import Outline
from shared.matching.record import SCALARS, Record

Tables = Mapping[str, Rows]


def title_row(content_id: UUID, record: Record) -> dict[str, Any]:
    """Return the row of ``content``, with folded words by weight for the search column."""
    scalars = record.scalars
    names = [scalars["title"], scalars.get("original_title"), *record.titles.values()]
    kinds = [*record.genres, *record.themes]
    return {
        "id": str(content_id),
        **{name: scalars.get(name) for name in SCALARS},
        "title_key": title_key(scalars["title"]),
        "countries": list(record.countries),
        "maturity_rank": maturity_rank(record.ratings.values()),
        "is_original": record.is_original,
        "sample": record.sample,
        "words_a": _words(dict.fromkeys(name for name in names if name)),
        "words_b": " ".join(dict.fromkeys(person_key(name) for name, _, _ in record.people)),
        "words_c": _words(kinds),
        "words_d": fold(scalars.get("overview") or ""),
        "hash": record.digest().hex(),
    }


def _words(texts: Iterable[str]) -> str:
    return " ".join(fold(text) for text in texts)


def child_rows(records: Mapping[UUID, Record], at: datetime) -> Tables:
    """Return the rows of every table that hangs on a title, by table.

    Args:
        records: Titles to write.
        at: When their sources said so.
    """
    tables: dict[str, Rows] = {name: [] for name in _TABLES}
    for content_id, record in records.items():
        identity = str(content_id)
        for name, make in _TABLES.items():
            tables[name] += make(identity, record)
        tables["sources"] += _sources(identity, record, at)
    return tables


def block_rows(content_id: UUID, record: Record) -> Rows:
    """Return the blocks a title is found under."""
    return _blocks(str(content_id), record)


def _titles(content_id: str, record: Record) -> Rows:
    original = record.scalars.get("original_title")
    title = record.scalars["title"]
    names = {"main": title} | ({"original": original} if original not in {None, title} else {})
    return [
        {"content_id": content_id, "locale": locale, "title": name, "title_key": title_key(name)}
        for locale, name in (names | dict(record.titles)).items()
    ]


def _blocks(content_id: str, record: Record) -> Rows:
    scalars = record.scalars
    group = family(scalars["content_type"])
    year, parts = scalars.get("release_year"), segments_of(record.names())
    found = kept_blocks(record.keys(), group, year, segments=parts)
    kept = year or NO_YEAR
    return [{"content_id": content_id, "block": block, "year": kept} for block in found]


def _outlines(content_id: str, record: Record) -> Rows:
    scalars = record.scalars
    outline = Outline.of(record.names(), scalars.get("overview"))
    return [
        {
            "content_id": content_id,
            "release_year": scalars.get("release_year"),
            "runtime_minutes": scalars.get("runtime_minutes"),
            "outline": outline.text(),
        }
    ]


def _values(name: str) -> Any:  # noqa: ANN401 - a function of rows
    def made(content_id: str, record: Record) -> Rows:
        values = getattr(record, name)
        return [{"content_id": content_id, "value": v, "ord": n} for n, v in enumerate(values)]

    return made


def _people(content_id: str, record: Record) -> Rows:
    return [
        {
            "content_id": content_id,
            "ord": n,
            "person_name": name,
            "person_key": person_key(name),
            "role": role,
            "character": character,
        }
        for n, (name, role, character) in enumerate(record.people)
    ]


def _images(content_id: str, record: Record) -> Rows:
    return [
        {"content_id": content_id, "kind": kind, "width": width, "url": url}
        for (kind, width), url in record.images.items()
    ]


def _ratings(content_id: str, record: Record) -> Rows:
    return [
        {
            "content_id": content_id,
            "region": region,
            "system": system,
            "value": value,
            "rank": maturity_rank([value]),
        }
        for (region, system), value in record.ratings.items()
    ]


def _sources(content_id: str, record: Record, at: datetime) -> Rows:
    fields: defaultdict[str, list[str]] = defaultdict(list)
    for name, source in sorted(record.owners.items()):
        fields[source].append(name)
    return [
        {
            "content_id": content_id,
            "source": source,
            "fields": names,
            "source_updated_at": at.isoformat(),
        }
        for source, names in fields.items()
    ]


_TABLES: Mapping[str, Any] = {
    "titles": _titles,
    "blocks": _blocks,
    "outlines": _outlines,
    "genres": _values("genres"),
    "themes": _values("themes"),
    "moods": _values("moods"),
    "people": _people,
    "images": _images,
    "ratings": _ratings,
    "sources": lambda _id, _record: [],
}
