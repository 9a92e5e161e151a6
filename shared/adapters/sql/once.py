"""Which events a consumer has already taken in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters.sql.statement import statement

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Connection

FIRST_TIME = statement(__file__, "once_first_time")


def first_time(connection: Connection, consumer: str, event_id: UUID) -> bool:
    """Remember that ``consumer`` takes in an event, and tell whether it is the first time.

    Belongs to the caller's transaction: when that is rolled back, the event counts as not seen. A
    second transaction with the same event waits for the first to end.
    """
    given = {"consumer": consumer, "event_id": event_id}
    return connection.execute(FIRST_TIME(), given).first() is not None
