"""Passkeys: table ``passkey``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.sql.identity.factors import forget_backups_of_none, keep_backups
from shared.adapters.sql.identity.factors_needs import needed
from shared.adapters.sql.identity.sessions import OWNER
from shared.adapters.sql.identity.telling import Telling
from shared.adapters.sql.statement import array, statement, translated
from shared.identity.passkeys import (
    MOST,
    NewKey,
    Passkey,
    PasskeyKnownError,
    PasskeyLimitError,
    PasskeyUnknownError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine, Row

    from shared.adapters.outbox import Publisher
    from shared.identity.accounts import Told
    from shared.identity.passkeys import Use

OF = statement(__file__, "passkeys_of")
BY_CREDENTIAL = statement(__file__, "passkeys_by_credential")
COUNT = statement(__file__, "passkeys_count")
ADD = statement(__file__, "passkeys_add")
USE = statement(__file__, "passkeys_use")
RENAME = statement(__file__, "passkeys_rename")
REMOVE = statement(__file__, "passkeys_remove")
WHAT = "passkeys"


class SqlPasskeys:
    """`shared.identity.passkeys.Passkeys`.

    Args:
        publisher: Sends what was written to the outbox, after the commit.
        engine: Of the transactions.
    """

    def __init__(self, publisher: Publisher, engine: Callable[[], Engine] = connect.engine) -> None:
        self._engine, self._told = engine, Telling(WHAT, publisher, engine)

    def of(self, user_id: str) -> tuple[Passkey, ...]:
        """Return those of a user, the oldest first."""
        with translated(WHAT), self._engine().connect() as connection:
            return tuple(map(_passkey, connection.execute(OF(), {"user_id": user_id})))

    def by_credential(self, credential_id: bytes) -> Passkey | None:
        """Return one by what its device calls it."""
        with translated(WHAT), self._engine().connect() as connection:
            row = connection.execute(BY_CREDENTIAL(), {"credential_id": credential_id}).first()
        return None if row is None else _passkey(row)

    def add(self, passkey: Passkey, backup_hashes: Sequence[bytes], told: Told) -> bool:
        """Keep a new one; True where the account had no second factor before."""

        def work(connection: Connection) -> bool:
            who = {"user_id": passkey.user_id}
            connection.execute(OWNER(), who)
            if connection.execute(COUNT(), who).scalar_one() >= MOST:
                raise PasskeyLimitError(f"an account has {MOST} passkeys at most; remove one first")
            first = not needed(connection, passkey.user_id)
            if connection.execute(ADD(), _given(passkey)).first() is None:
                raise PasskeyKnownError("the passkey is registered already")
            if first:
                keep_backups(connection, passkey.user_id, backup_hashes, passkey.created_at)
            return first

        return self._told.write(told, work)

    def use(self, passkey: Passkey, use: Use, at: datetime) -> bool:
        """Note a use; False where the key's count has not risen."""
        given = {
            "id": passkey.id,
            "sign_count": use.sign_count,
            "backed_up": use.backed_up,
            "at": at,
        }
        with translated(WHAT), self._engine().begin() as connection:
            return connection.execute(USE(), given).first() is not None

    def rename(self, passkey_id: str, user_id: str, name: str) -> Passkey:
        """Give one another name."""
        given = {"id": passkey_id, "user_id": user_id, "name": name}
        with translated(WHAT), self._engine().begin() as connection:
            row = connection.execute(RENAME(), given).first()
        if row is None:
            raise PasskeyUnknownError(f"there is no passkey {passkey_id}")
        return _passkey(row)

    def remove(self, passkey_id: str, user_id: str, told: Told) -> None:
        """Forget one, and the backup codes with the last factor."""

        def work(connection: Connection) -> None:
            connection.execute(OWNER(), {"user_id": user_id})
            given = {"id": passkey_id, "user_id": user_id}
            if connection.execute(REMOVE(), given).first() is None:
                raise PasskeyUnknownError(f"there is no passkey {passkey_id}")
            forget_backups_of_none(connection, user_id)

        self._told.write(told, work)


def _given(passkey: Passkey) -> dict[str, Any]:
    return {
        "id": passkey.id,
        "user_id": passkey.user_id,
        "credential_id": passkey.key.credential_id,
        "public_key": passkey.key.public_key,
        "sign_count": passkey.key.sign_count,
        "transports": array(passkey.key.transports),
        "name": passkey.name,
        "backed_up": passkey.key.backed_up,
        "created_at": passkey.created_at,
    }


def _passkey(row: Row[Any]) -> Passkey:
    key = NewKey(
        credential_id=bytes(row.credential_id),
        public_key=bytes(row.public_key),
        sign_count=row.sign_count,
        transports=tuple(row.transports),
        backed_up=row.backed_up,
    )
    return Passkey(
        id=str(row.id),
        user_id=str(row.user_id),
        key=key,
        name=row.name,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
    )
