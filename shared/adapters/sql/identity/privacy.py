"""What users let be kept and used: table ``privacy_preference``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.sql.identity import parental
from shared.adapters.sql.identity.telling import Telling
from shared.adapters.sql.statement import statement, translated
from shared.identity.privacy import TOLD, Decision
from shared.kernel.principal import Purpose

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection, Engine

    from shared.identity.accounts import Told
    from shared.identity.revocations import Revocations
    from shared.kernel.clock import Clock

OF = statement(__file__, "privacy_of")
PUT = statement(__file__, "privacy_put")
WHAT = "privacy preferences"


class SqlPrivacyPreferences:
    """`shared.identity.privacy.PrivacyPreferences`.

    Args:
        revocations: Tells services which access tokens are dead.
        clock: Says when something is decided.
        engine: Of the transactions.
    """

    def __init__(
        self,
        revocations: Revocations,
        clock: Clock,
        engine: Callable[[], Engine] = connect.engine,
    ) -> None:
        self._revocations, self._clock, self._engine = revocations, clock, engine
        self._told = Telling(WHAT, None, engine)

    def of(self, user_id: str) -> dict[Purpose, Decision]:
        """Return what a user has decided."""
        with translated(WHAT), self._engine().connect() as connection:
            return _of(connection, user_id)

    def decide(self, user_id: str, wish: Mapping[Purpose, bool], told: Told) -> None:
        """Keep decisions; see `shared.identity.privacy.PrivacyPreferences.decide`."""
        now = self._clock.now()

        def work(connection: Connection) -> int | None:
            parental.lock(connection, user_id)
            kept = _of(connection, user_id)
            for purpose, granted in wish.items():
                given = {"user_id": user_id, "purpose": purpose.value, "granted": granted}
                connection.execute(PUT(), {**given, "version": TOLD, "now": now})
            refused = [p for p, it in wish.items() if not it and (p not in kept or kept[p].granted)]
            return parental.outdate(connection, user_id, now) if refused else None

        version = self._told.write(told, work)
        if version is not None:
            self._revocations.version(user_id, version)


def _of(connection: Connection, user_id: str) -> dict[Purpose, Decision]:
    rows = connection.execute(OF(), {"user_id": user_id}).all()
    return {Purpose(r.purpose): Decision(r.granted, r.version, r.decided_at) for r in rows}
