"""Who has a second factor: tables ``mfa_enrollment`` and ``passkey``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.sql.statement import statement, translated
from shared.identity.factors import APP, PASSKEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

NEEDED = statement(__file__, "factors_needed")
WHAT = "factors"


class SqlNeeds:
    """`shared.identity.factors.Needs`, one statement a call.

    Args:
        reads: Engine of single statements.
    """

    def __init__(self, reads: Callable[[], Engine] = connect.reads) -> None:
        self._reads = reads

    def needed(self, user_id: str) -> tuple[str, ...]:
        """Return what is asked for after a first proof."""
        with translated(WHAT), self._reads().connect() as connection:
            return needed(connection, user_id)


def needed(connection: Connection, user_id: str) -> tuple[str, ...]:
    """Return an account's second factors, as they are in the caller's transaction."""
    row = connection.execute(NEEDED(), {"user_id": user_id}).one()
    return tuple(name for name, has in ((APP, row.app), (PASSKEY, row.passkey)) if has)
