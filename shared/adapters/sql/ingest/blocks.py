"""All titles put under their blocks anew, where the blocks themselves have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.adapters.sql.ingest.page import json_text
from shared.adapters.sql.statement import statement
from shared.kernel.text import title_key
from shared.matching.blocks import NO_YEAR, kept_blocks
from shared.matching.facts import distinct, family, segments_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Row

READ_NAMES = statement(__file__, "read_names")
WRITE_BLOCKS = statement(__file__, "write_blocks")
PART = 5_000


def rebuild_blocks(connection: Connection, *, part: int = PART) -> int:
    """Forget under which blocks titles are found, find new ones for all, and return how many.

    Pages that are taken in meanwhile wait.

    Args:
        connection: In a transaction.
        part: Titles read and written at a time.
    """
    connection.exec_driver_sql("TRUNCATE title_block")
    done = 0
    for rows in every_title(connection, part=part):
        made = [
            [block, row.release_year or NO_YEAR, str(row.id)]
            for row in rows
            for block in _blocks(row)
        ]
        connection.execute(WRITE_BLOCKS(), {"rows": json_text(made)})
        done += len(rows)
    return done


def every_title(connection: Connection, *, part: int = PART) -> Iterator[Sequence[Row[Any]]]:
    """Yield the rows of ``read_names.sql``, so many at a time."""
    after = UUID(int=0)
    while rows := connection.execute(READ_NAMES(), {"after": after, "most": part}).all():
        yield rows
        after = rows[-1].id


def _blocks(row: Row[Any]) -> Iterator[int]:
    keys, parts = distinct(map(title_key, row.names)), segments_of(row.names)
    yield from kept_blocks(keys, family(row.content_type), row.release_year, segments=parts)
