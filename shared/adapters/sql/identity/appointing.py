"""The first administrator, whom no other can make one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters.sql import audit
from shared.adapters.sql.statement import statement, translated
from shared.kernel.errors import NotFoundError

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from shared.kernel.audit import AuditEvent

APPOINT = statement(__file__, "appointing")


def appoint(engine: Engine, email: str, act: AuditEvent, *, now: datetime) -> str:
    """Make an account an administrator's and return its id; one that is one stays so.

    Args:
        engine: Of the transaction.
        email: Of the account, normalized.
        act: What is done, but for whose account it is.
        now: The time.

    Raises:
        NotFoundError: No account that may be used has verified this address.
    """
    given = {"email": email, "now": now}
    with translated("user"), engine.begin() as connection:
        found: str | None = connection.execute(APPOINT(), given).scalar_one_or_none()
        if found is None:
            raise NotFoundError("no account that may be used has verified this address")
        audit.write(connection, act.model_copy(update={"resource_id": found}))
    return found
