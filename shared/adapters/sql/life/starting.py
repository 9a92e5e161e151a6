"""Runs that a person starts, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters.sql.ingest.page import json_text
from shared.adapters.sql.statement import statement

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from shared.catalog.life_create_runs import RunPlan

START_ALONE = statement(__file__, "start_alone")
LEASED = statement(__file__, "start_leased")


def start_alone(connection: Connection, workflow: str) -> None:
    """Let nobody else start a workflow this way until the transaction ends."""
    connection.execute(START_ALONE(), {"workflow": workflow})


def run_at_work(connection: Connection, plan: RunPlan, now: datetime) -> str | None:
    """Return the run that fetches a part of the same right now, whoever started it."""
    given = {
        "kinds": json_text(sorted(plan.serving.family)),
        "platforms": json_text(plan.platforms),
        "regions": json_text(plan.regions),
        "now": now.isoformat(),
    }
    row = connection.execute(LEASED(), given).one_or_none()
    return None if row is None else str(row.run_id)
