"""Runs and quotas, for administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters.sql.statement import statement, translated
from shared.catalog.life_runs import Quota, Run, RunDetails
from shared.kernel.errors import NotFoundError
from shared.kernel.pages import Window

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Engine

    from shared.kernel.pages import Position

NEXT = statement(__file__, "list_next", "runs", "figures")
BEFORE = statement(__file__, "list_before", "runs", "figures")
ONE = statement(__file__, "one", "runs", "figures")
DETAILS = statement(__file__, "details")
QUOTA = statement(__file__, "quota")
MOST_ERRORS = 20
"""How many records that were set aside one run shows."""


class RunsOverview:
    """Tables ``ingest_*``, ``sync_cursor`` and ``quota_ledger``, read only."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def runs(
        self, filters: Mapping[str, Any], asked: Position | None, *, limit: int
    ) -> Window[Run]:
        """Return a page of runs, the newest first.

        Args:
            filters: ``kind``, or None for all.
            asked: Where the page begins; None is the newest run.
            limit: Runs of a page.
        """
        place = {"sort_key": asked and asked.sort_key, "id": asked and asked.id}
        query = BEFORE if asked and asked.backward else NEXT
        given = {"kind": filters.get("kind"), "run_id": None, **place, "limit": limit + 1}
        found = [Run.of(row) for row in self._rows(query(), given)]
        return Window.cut(
            found, limit, asked=asked, place=lambda run: (run.started_at.isoformat(), run.run_id)
        )

    def run(self, run_id: str) -> RunDetails:
        """Return a run with its parts and some of the records that were set aside.

        Raises:
            NotFoundError: There is no such run.
        """
        rows = self._rows(ONE(), {"run_id": run_id})
        if not rows:
            raise NotFoundError(f"there is no run {run_id!r}")
        (more,) = self._rows(DETAILS(), {"run_id": run_id, "most": MOST_ERRORS})
        parts, errors = orjson.loads(more["parts"]), orjson.loads(more["errors"])
        whole = Run.of(rows[0]).model_dump()
        return RunDetails.model_validate({**whole, "by_part": parts, "errors": errors})

    def quotas(self, now: datetime) -> list[Quota]:
        """Return what every provider's key has used and may use, by provider and key."""
        return [Quota.of(row) for row in self._rows(QUOTA(), {"now": now})]

    def _rows(self, query: Any, given: Mapping[str, Any]) -> list[Mapping[str, Any]]:  # noqa: ANN401 - a statement
        with translated("ingestion"), self._engine.connect() as connection:
            return [dict(row) for row in connection.execute(query, given).mappings()]
