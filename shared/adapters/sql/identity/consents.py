"""What users allow applications of others: table ``user_consent``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.sql import audit
from shared.adapters.sql.identity.telling import CHAIN
from shared.adapters.sql.statement import array, statement, translated
from shared.identity.consents import TOLD, Consent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from sqlalchemy import Engine

    from shared.identity.revocations import Revocations
    from shared.kernel.audit import AuditEvent

ALLOWED = statement(__file__, "consents_allowed")
GRANT = statement(__file__, "consents_grant")
OF = statement(__file__, "consents_of")
WITHDRAW = statement(__file__, "consents_withdraw")
WHAT = "user_consent"


class SqlConsents:
    """`shared.identity.consents.Consents`; each call that writes is one transaction.

    Args:
        revocations: Tells services which sessions ended.
        reads: Engine of single statements.
        engine: Engine of transactions.
    """

    def __init__(
        self,
        revocations: Revocations,
        reads: Callable[[], Engine] = connect.reads,
        engine: Callable[[], Engine] = connect.engine,
    ) -> None:
        self._revocations, self._reads, self._engine = revocations, reads, engine

    def allowed(self, user_id: str, client_id: str) -> tuple[str, ...]:
        """Return the scopes of a consent to what the page tells now, none where there is none."""
        given = {"user_id": user_id, "client_id": client_id, "version": TOLD}
        with translated(WHAT), self._reads().connect() as connection:
            row = connection.execute(ALLOWED(), given).first()
        return () if row is None else tuple(row.scopes)

    def grant(
        self,
        user_id: str,
        client_id: str,
        scopes: Iterable[str],
        *,
        now: datetime,
        event: AuditEvent,
    ) -> None:
        """Let an application have scopes, beside those it may have already."""
        given = {"user_id": user_id, "client_id": client_id, "scopes": array(scopes)}
        with translated(WHAT), self._engine().begin() as connection:
            connection.execute(GRANT(), {**given, "version": TOLD, "now": now})
            audit.write(connection, event, chain=CHAIN)

    def of(self, user_id: str) -> tuple[Consent, ...]:
        """Return a user's consents, the last one first."""
        with translated(WHAT), self._reads().connect() as connection:
            rows = connection.execute(OF(), {"user_id": user_id}).all()
        return tuple(
            Consent(r.client_id, r.client_name, tuple(r.scopes), r.granted_at) for r in rows
        )

    def withdraw(self, user_id: str, client_id: str, *, now: datetime, event: AuditEvent) -> bool:
        """End a consent with every session that stands on it; False where there was none."""
        given = {"user_id": user_id, "client_id": client_id, "now": now}
        with translated(WHAT), self._engine().begin() as connection:
            done = connection.execute(WITHDRAW(), given).one()
            if done.consents:
                audit.write(connection, event, chain=CHAIN)
        self._revocations.sessions([str(each) for each in done.families])
        return bool(done.consents)
