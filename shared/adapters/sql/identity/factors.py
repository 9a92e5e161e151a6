"""Authenticator apps and backup codes: tables ``mfa_enrollment`` and ``mfa_backup_code``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.sql.identity.factors_needs import WHAT, needed
from shared.adapters.sql.identity.sessions import OWNER
from shared.adapters.sql.identity.telling import Telling
from shared.adapters.sql.statement import array, statement, translated
from shared.identity.factors import FactorUnknownError
from shared.identity.factors_kept import App

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from shared.adapters.outbox import Publisher
    from shared.identity.accounts import Told

FIND = statement(__file__, "factors_app")
PROPOSE = statement(__file__, "factors_propose")
REPLACE = statement(__file__, "factors_replace")
ACTIVATE = statement(__file__, "factors_activate")
USE = statement(__file__, "factors_use")
REMOVE = statement(__file__, "factors_remove")
CLEAR = statement(__file__, "backup_clear")
ADD = statement(__file__, "backup_add")
USE_BACKUP = statement(__file__, "backup_use")


class SqlFactors:
    """`shared.identity.factors_kept.KeptFactors`.

    Changes of an account's factors are made one after the other: each locks the account.

    Args:
        publisher: Sends what was written to the outbox, after the commit.
        engine: Of the transactions.
    """

    def __init__(self, publisher: Publisher, engine: Callable[[], Engine] = connect.engine) -> None:
        self._engine, self._told = engine, Telling(WHAT, publisher, engine)

    def app(self, user_id: str, *, pending: bool = False) -> App | None:
        """Return a user's app, or the one that waits for its first code."""
        given = {"user_id": user_id, "status": "pending" if pending else "active"}
        with translated(WHAT), self._engine().connect() as connection:
            row = connection.execute(FIND(), given).first()
        if row is None:
            return None
        return App(str(row.id), user_id, row.sealed_secret, row.last_used_step)

    def propose(self, app: App, told: Told, *, now: datetime) -> None:
        """Keep an app that waits for its first code, in the place of any other that does."""
        given = {**vars(app), "now": now}
        self._told.write(told, lambda connection: connection.execute(PROPOSE(), given))

    def activate(
        self, app: App, step: int, hashes: Sequence[bytes], told: Told, *, now: datetime
    ) -> None:
        """Make a waiting app the user's, with new backup codes."""

        def work(connection: Connection) -> None:
            connection.execute(OWNER(), {"user_id": app.user_id})
            connection.execute(REPLACE(), {"user_id": app.user_id})
            made = connection.execute(ACTIVATE(), {"id": app.id, "step": step, "now": now})
            if made.first() is None:
                raise FactorUnknownError("the authenticator app waits for its first code no longer")
            keep_backups(connection, app.user_id, hashes, now)

        self._told.write(told, work)

    def use(self, app: App, step: int) -> bool:
        """Use up the codes up to a step; False where somebody did before."""
        with translated(WHAT), self._engine().begin() as connection:
            return connection.execute(USE(), {"id": app.id, "step": step}).first() is not None

    def remove_app(self, user_id: str, told: Told) -> None:
        """Forget a user's app, and the backup codes with the last factor."""

        def work(connection: Connection) -> None:
            connection.execute(OWNER(), {"user_id": user_id})
            found = connection.execute(REMOVE(), {"user_id": user_id}).scalars().all()
            if "active" not in found:
                raise FactorUnknownError("the account has no authenticator app")
            forget_backups_of_none(connection, user_id)

        self._told.write(told, work)

    def set_backups(
        self, user_id: str, hashes: Sequence[bytes], told: Told, *, now: datetime
    ) -> None:
        """Keep new backup codes in the place of those there were."""

        def work(connection: Connection) -> None:
            connection.execute(OWNER(), {"user_id": user_id})
            if not needed(connection, user_id):
                raise FactorUnknownError("the account has no second factor")
            keep_backups(connection, user_id, hashes, now)

        self._told.write(told, work)

    def use_backup(self, user_id: str, hashes: Sequence[bytes], told: Told) -> bool:
        """Use up the backup code with one of these digests; False where there is none."""

        def work(connection: Connection) -> None:
            given = {"user_id": user_id, "hashes": _written(hashes)}
            if connection.execute(USE_BACKUP(), given).first() is None:
                raise FactorUnknownError("there is no such backup code")

        try:
            self._told.write(told, work)
        except FactorUnknownError:
            return False
        return True


def keep_backups(
    connection: Connection, user_id: str, hashes: Iterable[bytes], now: datetime
) -> None:
    """Keep backup codes in the place of those there were, in the caller's transaction."""
    given: dict[str, Any] = {"user_id": user_id, "hashes": _written(hashes), "now": now}
    connection.execute(CLEAR(), {"user_id": user_id})
    connection.execute(ADD(), given)


def forget_backups_of_none(connection: Connection, user_id: str) -> None:
    """Forget backup codes of an account that has no other factor any more."""
    if not needed(connection, user_id):
        connection.execute(CLEAR(), {"user_id": user_id})


def _written(hashes: Iterable[bytes]) -> str:
    return array(each.hex() for each in hashes)
