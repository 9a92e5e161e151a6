"""All titles' outlines, made anew where their form has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters.sql.ingest.blocks import every_title
from shared.adapters.sql.ingest.page import json_text
from shared.adapters.sql.statement import statement
from shared.matching.outline import Outline

if TYPE_CHECKING:
    from sqlalchemy import Connection

WRITE_OUTLINES = statement(__file__, "write_outlines")


def rebuild_outlines(connection: Connection) -> int:
    """Forget titles' outlines, make new ones for all, and return how many.

    Args:
        connection: In a transaction.
    """
    connection.exec_driver_sql("TRUNCATE title_outline")
    done = 0
    for rows in every_title(connection):
        made = [
            [
                str(row.id),
                row.release_year,
                row.runtime_minutes,
                Outline.of(row.names, row.overview).text(),
            ]
            for row in rows
        ]
        connection.execute(WRITE_OUTLINES(), {"rows": json_text(made)})
        done += len(rows)
    return done
