"""Records that were set aside, each with a pointer to its source."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import orjson

from shared.adapters.sql.statement import statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

RECORD = statement(__file__, "errors_record")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
LONGEST = 2000


@dataclass(frozen=True)
class IngestError:
    """One record that could not be taken in.

    Attributes:
        run_id: The run that brought it.
        stage: The step that could not (``normalize``, ``resolve``).
        raw_uri: The record itself, ``page#index``.
        error: What is wrong, one sentence.
        field: The field at fault, where it is one.
    """

    run_id: str
    stage: str
    raw_uri: str
    error: str
    field: str = ""


class IngestErrors:
    """Table ``ingest_error``."""

    @staticmethod
    def record(connection: Connection, rows: Sequence[IngestError]) -> int:
        """Keep errors in the caller's transaction; returns how many were not known yet.

        One (stage, raw_uri) is kept once, so repeating a step adds nothing.
        """
        if not rows:
            return 0
        given = orjson.dumps([_storable(row) for row in rows]).decode()
        return connection.execute(RECORD(), {"rows": given}).rowcount


def _storable(row: IngestError) -> dict[str, str]:
    """Return the row as PostgreSQL takes it: no NUL, no lone surrogate, not endless."""
    return {name: _text(value) for name, value in asdict(row).items()}


def _text(value: str) -> str:
    kept = value[:LONGEST].replace("\x00", REPLACEMENT)
    return kept.encode("utf-8", "replace").decode("utf-8")
