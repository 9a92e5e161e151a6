"""Records of titles that change their identity: held, read, joined, parted and written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from shared.adapters.sql.ingest.page import Known, json_text
from shared.adapters.sql.ingest.reading import READ_TITLES, to_record
from shared.adapters.sql.ingest.rows import block_rows
from shared.adapters.sql.ingest.write import CLEAR_CHILDREN, TitleChanges, write_titles
from shared.adapters.sql.statement import statement
from shared.adapters.sql.titles import ContentNotFoundError
from shared.catalog.lifecycle import AlreadyMergedError, Living
from shared.catalog.values import ContentType
from shared.kernel.errors import FieldIssue, GoneError
from shared.kernel.text import title_key
from shared.matching.counting import only_counts
from shared.matching.merge import merge
from shared.matching.priority import priority
from shared.matching.record import LISTS, SCALARS, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row, TextClause

ALONE = statement(__file__, "alone")
HOLD = statement(__file__, "hold_titles")
LOOK = statement(__file__, "look_titles")
NEEDED = ("content_type", "title", "release_year")
"""Fields that every title has, whoever wrote them."""
WEIGHED = frozenset({"overview", "release_date"})
"""Fields whose better value is taken, whoever gave it."""
OTHER_NAME = "und"
"""Locale of the name of a title that another took in (RFC 5646: language not determined)."""


@dataclass(frozen=True)
class Stored:
    """A title's record as it is kept.

    Attributes:
        row: What ``read_titles.sql`` says, which JSON can keep.
    """

    row: dict[str, Any]

    @property
    def record(self) -> Record:
        """The record."""
        return to_record(self.row)

    @property
    def hash(self) -> str:
        """Of everything a reader can see."""
        return str(self.row["hash"])


def hold(connection: Connection, **named: UUID) -> list[Living]:
    """Hold living titles until the transaction ends, with no page of items under way meanwhile.

    Args:
        connection: The transaction.
        named: Titles by the field that names them.

    Raises:
        ContentNotFoundError: One of them does not exist; errors name the field.
        GoneError: One was deleted.
        AlreadyMergedError: One is part of another already.
    """
    connection.execute(ALONE())
    return _all_living(connection, HOLD(), named)


def hold_one(connection: Connection, content_id: UUID) -> None:
    """Hold a living title that stays what it is; pages of other titles go on. Raises as `hold`."""
    _all_living(connection, HOLD(), {"id": content_id})


def require_living(connection: Connection, content_id: UUID) -> None:
    """Return where a title lives now, without holding it. Raises as `hold`."""
    _all_living(connection, LOOK(), {"id": content_id})


def _all_living(
    connection: Connection, query: TextClause, named: Mapping[str, UUID]
) -> list[Living]:
    rows = connection.execute(query, {"ids": _texts(list(named.values()))})
    found = {row.id: row for row in rows}
    return [_living(found.get(content_id), content_id, name) for name, content_id in named.items()]


def _living(row: Row[Any] | None, content_id: UUID, field: str) -> Living:
    if row is None:
        message = f"there is no title {content_id}"
        raise ContentNotFoundError(message, issues=[FieldIssue(field, "known", message)])
    if row.deleted_at is not None:
        message = f"title {content_id} was deleted"
        raise GoneError(message, issues=[FieldIssue(field, "living", message)])
    if row.merged_into is not None:
        message = f"title {content_id} is part of {row.merged_into}"
        raise AlreadyMergedError(message, issues=[FieldIssue(field, "living", message)])
    return Living(content_id, row.created_at)


def read_records(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Stored]:
    """Return the records of titles, merged ones too."""
    found = connection.execute(READ_TITLES(), {"ids": _texts(ids)}).scalar_one()
    return {UUID(row["id"]): Stored(row) for row in orjson.loads(found)}


def joined(kept: Record, other: Record) -> Record:
    """Return one record of two, field by field as if the other's sources had said it of the first.

    Of two values whose sources are believed alike the first's stays. A title that gives way is kept
    as a further name, so that it is still found by it.
    """
    record = kept
    for source in sorted(set(other.owners.values())):
        owned = [name for name, owner in other.owners.items() if owner == source]
        fields = [name for name in owned if not _settled(kept, name, source)]
        record = merge(record, only(other, fields), source)
    for name in (kept.scalars["title"], other.scalars["title"]):
        if title_key(name) not in record.facts().keys and OTHER_NAME not in record.titles:
            owner = record.owners.get("titles", record.owners["title"])
            titles, owners = {**record.titles, OTHER_NAME: name}, {**record.owners, "titles": owner}
            record = replace(record, titles=titles, owners=owners)
    return record


def _settled(kept: Record, field: str, source: str) -> bool:
    """Tell whether a field stays as it is; of overviews and dates `merge` takes the better.

    An episode's number is no name to keep.
    """
    if field not in kept.scalars or field in WEIGHED:
        return False
    nearer = priority(source) - priority(kept.owners[field])
    return nearer < 0 or (nearer == 0 and not _is_number(kept, field))


def _is_number(record: Record, field: str) -> bool:
    is_name = field == "title" and record.scalars["content_type"] == ContentType.EPISODE
    return is_name and only_counts(title_key(record.scalars["title"]))


def only(record: Record, fields: Iterable[str]) -> Record:
    """Return the record with some of its fields, and their owners, alone."""
    wanted = set(fields)
    lists = {name: type(getattr(record, name))() for name in LISTS if name not in wanted}
    return replace(
        record,
        scalars={name: record.scalars[name] for name in SCALARS if name in _known(record, wanted)},
        owners={name: owner for name, owner in record.owners.items() if name in wanted},
        **lists,
    )


def _known(record: Record, wanted: set[str]) -> set[str]:
    return wanted & record.scalars.keys()


def parted(record: Record, fields: Iterable[str]) -> Record:
    """Return the record with some of its fields and those that no title can do without."""
    return only(record, {*fields, *NEEDED})


def write_record(
    connection: Connection, content_id: UUID, record: Record, stored: Stored, *, now: datetime
) -> None:
    """Write a living title's record in the place of the one that is stored."""
    known = Known(records={content_id: stored.record})
    write_titles(connection, TitleChanges(updated={content_id: record}), known, now=now)


def make_record(connection: Connection, content_id: UUID, record: Record, *, now: datetime) -> None:
    """Write the record of a title that has none: a new one, or one that was merged."""
    write_titles(connection, TitleChanges(created={content_id: record}), Known(), now=now)


def clear_record(connection: Connection, content_id: UUID, record: Record) -> None:
    """Remove what hangs on a title: names, blocks, genres, people, images, ratings, sources."""
    blocks = block_rows(content_id, record)
    given = {"ids": _texts([content_id]), "blocks": json_text(blocks)}
    connection.execute(CLEAR_CHILDREN(), given)


def _texts(ids: Sequence[UUID]) -> str:
    return json_text(sorted(map(str, ids)))


def pairs(rows: Iterable[Sequence[str]], names: tuple[str, str]) -> list[Mapping[str, str]]:
    """Return pairs as rows with names, for one JSON parameter."""
    return [dict(zip(names, row, strict=True)) for row in rows]
