"""Sessions whose users proved again who they are: table ``token_family``."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from shared.adapters import connect
from shared.adapters.sql.identity.families import session
from shared.adapters.sql.identity.telling import Telling
from shared.adapters.sql.statement import array, statement
from shared.identity.sessions import SessionRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from shared.adapters.outbox import Publisher
    from shared.identity.accounts import Told
    from shared.identity.families import Family
    from shared.kernel.principal import Principal

RENEW = statement(__file__, "factors_step_up")
WHAT = "sessions"


class SqlRenewals:
    """`shared.identity.factors_step_up.Renewals`, one transaction a call.

    Args:
        publisher: Sends what was written to the outbox, after the commit.
        engine: Of the transactions.
    """

    def __init__(self, publisher: Publisher, engine: Callable[[], Engine] = connect.engine) -> None:
        self._told = Telling(WHAT, publisher, engine)

    def renew(
        self, principal: Principal, methods: tuple[str, ...], at: datetime, told: Told
    ) -> Family:
        """Write how and when a session's user proved again who they are; returns the session."""
        which = {"family_id": _id_of(principal.session), "user_id": principal.sub}

        def work(connection: Connection) -> Family:
            given = {**which, "methods": array(methods), "at": at}
            if connection.execute(RENEW(), given).first() is None:
                raise SessionRefusedError("the session has ended; sign in again")
            return session(connection, which["family_id"])

        return self._told.write(told, work)


def _id_of(session: str) -> str:
    try:
        return str(UUID(session))
    except ValueError:
        raise SessionRefusedError("the token is of no session of its own") from None
