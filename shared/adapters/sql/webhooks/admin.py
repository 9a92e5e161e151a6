"""Registrations, figures and dead letters, as administrators see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters.outbox import Outbox
from shared.adapters.sql.statement import statement, translated
from shared.adapters.sql.webhooks.intake import RECEIVED, received
from shared.kernel import ids

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from shared.catalog.webhooks.registration import Registration

REGISTER = statement(__file__, "admin_register")
TOPICS = statement(__file__, "admin_topics")
STATS = statement(__file__, "admin_stats")
REPLAY = statement(__file__, "admin_replay")


def register(connection: Connection, registration: Registration, now: datetime) -> bool:
    """Register a platform in the caller's transaction; tell whether it was new."""
    said = registration.model_dump(mode="json")
    topics = orjson.dumps(said.pop("topics")).decode()
    said["event_types"] = orjson.dumps(said["event_types"]).decode()
    is_new = connection.execute(REGISTER(), {**said, "now": now}).scalar_one()
    given = {"platform": registration.platform, "topics": topics, "now": now}
    connection.execute(TOPICS(), given)
    return bool(is_new)


def stats(engine: Engine, platform: str | None, now: datetime) -> dict[str, Any]:
    """Return the fields of `shared.catalog.webhooks.answers.WebhookStats`."""
    with translated("webhook stats"), engine.connect() as connection:
        row = connection.execute(STATS(), {"platform": platform, "now": now}).mappings().one()
    whole = {name: int(row[name]) for name in row if name not in {"queue_age_s", "p95_ms"}}
    p95 = row["p95_ms"]
    age = max(0.0, round(float(row["queue_age_s"]), 3))
    return {**whole, "queue_age_s": age, "p95_ms": None if p95 is None else int(p95)}


def replay(connection: Connection, platform: str, limit: int, now: datetime) -> list[int]:
    """Take dead letters back in the caller's transaction; returns the outbox rows to publish."""
    given = {"platform": platform, "limit": limit, "now": now}
    taken = [dict(row) for row in connection.execute(REPLAY(), given).mappings()]
    told = [
        received(row["id"], ids.named(RECEIVED, str(row["id"]), str(row["replays"])), now, row)
        for row in taken
    ]
    return Outbox.add(connection, told)
