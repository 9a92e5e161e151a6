"""Events that no repetition can mend, kept with their source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.sql.statement import statement, translated

if TYPE_CHECKING:
    from sqlalchemy import Engine

SET_ASIDE = statement(__file__, "rejections_set_aside")


def set_aside(
    consumer: str, event_id: str, reason: str, payload: bytes, engine: Engine | None = None
) -> None:
    """Keep one event that cannot be taken in; the same one twice is kept once.

    Args:
        consumer: Who could not take it in.
        event_id: Its id, or one that follows from the unreadable body.
        reason: What is wrong with it.
        payload: The delivery as it came.
        engine: Where to keep it; the process's own by default.

    Raises:
        UnavailableError: The database does not answer.
    """
    given = {"consumer": consumer, "event_id": event_id, "reason": reason, "payload": payload}
    given["reason"] = reason.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    with translated("rejected_event"), (engine or connect.engine()).begin() as connection:
        connection.execute(SET_ASIDE(), given)
