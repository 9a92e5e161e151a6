"""Topics that a hub may push to us, and their leases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.adapters.sql.statement import statement, translated
from shared.kernel.errors import NotFoundError

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from shared.catalog.webhooks.hub import Challenge

CONFIRM = statement(__file__, "hub_confirm")
WANTED = statement(__file__, "hub_wanted")
DUE = statement(__file__, "hub_due")


def answer(engine: Engine, asked: Challenge, now: datetime) -> str:
    """Return the text that a hub wants to hear, and note the lease.

    We want what is registered, and nothing else: neither may a stranger subscribe us to a topic nor
    take one away from us (WebSub §5.3).

    Raises:
        NotFoundError: The hub asks for what we do not want.
    """
    given = {"topic": asked.topic}
    with translated("webhook_topic"), engine.begin() as connection:
        if asked.mode == "subscribe":
            lease = {"lease_seconds": asked.lease_seconds, "now": now}
            agreed = connection.execute(CONFIRM(), {**given, **lease}).first() is not None
        else:
            wanted = connection.execute(WANTED(), given).first() is not None
            agreed = wanted if asked.mode == "denied" else not wanted
    if not agreed:
        raise NotFoundError(f"there is no {asked.mode} of this topic")
    return "" if asked.mode == "denied" else asked.challenge


@dataclass(frozen=True)
class DueTopic:
    """A topic that the hub must be asked for.

    Attributes:
        is_late: It was asked for before, and did not confirm.
    """

    topic: str
    is_late: bool


def due(engine: Engine, now: datetime) -> list[DueTopic]:
    """Return topics that the hub must be asked for, or asked for again."""
    with translated("webhook_topic"), engine.connect() as connection:
        return [DueTopic(**row) for row in connection.execute(DUE(), {"now": now}).mappings()]
