"""API keys: table ``api_key``, by the SHA-256 of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.sql import audit
from shared.adapters.sql.identity.families import SqlFamilies
from shared.adapters.sql.identity.limits import of_profile
from shared.adapters.sql.identity.sessions import OWNER
from shared.adapters.sql.identity.telling import CHAIN
from shared.adapters.sql.statement import array, statement, translated
from shared.identity.api_keys import (
    MOST,
    ApiKeyLimitError,
    ApiKeyReplacedError,
    ApiKeyUnknownError,
    KeyFacts,
    Used,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine, Row

    from shared.identity.revocations import Revocations
    from shared.kernel.audit import AuditEvent

OF = statement(__file__, "api_keys_of")
COUNT = statement(__file__, "api_keys_count")
ADD = statement(__file__, "api_keys_add")
REPLACE = statement(__file__, "api_keys_replace")
REVOKE = statement(__file__, "api_keys_revoke")
USE = statement(__file__, "api_keys_use")
FORGET = statement(__file__, "api_keys_forget")
WHAT = "api_key"


class SqlApiKeys:
    """`shared.identity.api_keys.ApiKeys`; each call that writes is one transaction.

    Args:
        revocations: Tells the gateway which keys are dead.
        engine: Of the transactions.
    """

    def __init__(
        self, revocations: Revocations, engine: Callable[[], Engine] = connect.engine
    ) -> None:
        self._revocations, self._engine = revocations, engine

    def of(self, user_id: str, now: datetime) -> Sequence[KeyFacts]:
        """Return the live keys of a user, the newest first."""
        with translated(WHAT), self._engine().connect() as connection:
            rows = connection.execute(OF(), {"user_id": user_id, "now": now}).all()
        return [_facts(row) for row in rows]

    def add(self, user_id: str, key: KeyFacts, key_hash: bytes, act: AuditEvent) -> None:
        """Keep a new key; see `shared.identity.api_keys.ApiKeys`."""
        given = {"user_id": user_id, "now": key.created_at}
        with translated(WHAT), self._engine().begin() as connection:
            _must_have_room(connection, given)
            _add(connection, user_id, key, key_hash)
            audit.write(connection, act, chain=CHAIN)

    def replace(
        self, user_id: str, old: KeyFacts, new: tuple[KeyFacts, bytes], act: AuditEvent
    ) -> None:
        """Keep a new key in the place of another; see `shared.identity.api_keys.ApiKeys`."""
        made, key_hash = new
        given = {
            "id": old.id,
            "user_id": user_id,
            "replaced_by": made.id,
            "expires_at": old.expires_at,
            "now": made.created_at,
        }
        with translated(WHAT), self._engine().begin() as connection:
            if connection.execute(REPLACE(), given).first() is None:
                raise ApiKeyReplacedError("the key has ended, or another has its place already")
            _must_have_room(connection, given)
            _add(connection, user_id, made, key_hash)
            audit.write(connection, act, chain=CHAIN)
        if old.expires_at <= made.created_at:
            self._revocations.sessions([old.id])

    def revoke(self, user_id: str, key_id: str, now: datetime, act: AuditEvent) -> None:
        """End a key for good; see `shared.identity.api_keys.ApiKeys`."""
        given = {"id": key_id, "user_id": user_id, "now": now}
        with translated(WHAT), self._engine().begin() as connection:
            if connection.execute(REVOKE(), given).first() is None:
                raise ApiKeyUnknownError(f"there is no key {key_id}")
            audit.write(connection, act, chain=CHAIN)
        self._revocations.sessions([key_id])

    def use(self, key_hash: bytes, now: datetime) -> Used | None:
        """Return a live key and note its use; None where there is none of a live account."""
        with translated(WHAT), self._engine().begin() as connection:
            row = connection.execute(USE(), {"key_hash": key_hash, "now": now}).first()
            limits = None if row is None else of_profile(connection, str(row.user_id))
        if row is None or limits is None:
            return None
        subject = SqlFamilies(self._engine, self._engine).subject(str(row.user_id))
        if subject is None:
            return None
        return Used(
            id=str(row.id),
            subject=subject,
            scopes=tuple(row.scopes),
            rate_limit_per_minute=row.rate_limit_per_minute,
            created_at=row.created_at,
            expires_at=row.expires_at,
            limits=limits,
        )


def _must_have_room(connection: Connection, given: dict[str, Any]) -> None:
    """Refuse one key too many; keys of one user are made one after the other.

    Raises:
        ApiKeyLimitError: There are as many as one may have.
    """
    connection.execute(OWNER(), given)
    if connection.execute(COUNT(), given).scalar_one() >= MOST:
        raise ApiKeyLimitError(f"there are {MOST} keys already; revoke one first")


def _add(connection: Connection, user_id: str, key: KeyFacts, key_hash: bytes) -> None:
    given = {
        "id": key.id,
        "user_id": user_id,
        "name": key.name,
        "prefix": key.prefix,
        "key_hash": key_hash,
        "scopes": array(key.scopes),
        "rate": key.rate_limit_per_minute,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
    }
    connection.execute(ADD(), given)


def _facts(row: Row[Any]) -> KeyFacts:
    said = {**row._mapping, "id": str(row.id), "scopes": tuple(row.scopes)}  # noqa: SLF001 - the row's own way to name its columns
    return KeyFacts(**{**said, "replaced_by": row.replaced_by and str(row.replaced_by)})


def forget(connection: Connection, before: datetime) -> int:
    """Forget keys that ended before a time; returns how many."""
    return int(connection.execute(FORGET(), {"before": before}).rowcount)
