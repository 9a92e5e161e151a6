"""Families of refresh tokens: tables ``token_family`` and ``refresh_token``, token by token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.outbox import Outbox
from shared.adapters.sql import audit
from shared.adapters.sql.identity.limits import to_limits
from shared.adapters.sql.identity.sessions import END
from shared.adapters.sql.statement import statement, translated
from shared.identity.families import BURST, Family, Shown
from shared.identity.mail import Asked, requested
from shared.identity.scopes import roles_of
from shared.identity.sessions import Subject

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection, Engine, Row

    from shared.identity.families import Successor
    from shared.kernel.audit import AuditEvent

SHOW = statement(__file__, "families_show")
ROTATE = statement(__file__, "families_rotate")
SUBJECT = statement(__file__, "families_subject")
LIVE = statement(__file__, "families_live")
SESSION = statement(__file__, "families_session")
WHAT = "refresh_token"


class SqlFamilies:
    """`shared.identity.families.Families`; every call is one statement but `end`.

    Args:
        reads: Engine of single statements.
        engine: Engine of transactions.
    """

    def __init__(
        self,
        reads: Callable[[], Engine] = connect.reads,
        engine: Callable[[], Engine] = connect.engine,
    ) -> None:
        self._reads, self._engine = reads, engine

    def show(self, token_hash: bytes) -> Shown | None:
        """Return a refresh token by its digest, None where there is none."""
        row = self._first(SHOW, token_hash=token_hash, burst=BURST)
        return None if row is None else _shown(row)

    def rotate(self, token_hash: bytes, successor: Successor, now: datetime) -> bool:
        """Use a token and keep its successor; False where somebody else was first."""
        row = self._first(
            ROTATE,
            token_hash=token_hash,
            successor_hash=successor.token_hash,
            sealed=successor.sealed,
            expires_at=successor.expires_at,
            now=now,
        )
        return row is not None

    def end(self, family_id: str, reason: str, now: datetime, event: AuditEvent) -> bool:
        """End a session, write why and ask for a letter to its user, in one transaction.

        Returns False where it had ended before. The relay sends the letter's event on: a refused
        refresh does not wait for that.
        """
        given = {"family_id": family_id, "reason": reason, "now": now}
        with translated(WHAT), self._engine().begin() as connection:
            owner = connection.execute(END(), given).scalar_one_or_none()
            if owner is not None:
                letter = requested(Asked.TOKEN_REUSED, event.id, now, user_id=str(owner))
                Outbox.add(connection, [letter])
                audit.write(connection, event)
        return owner is not None

    def subject(self, user_id: str, profile_id: str = "") -> Subject | None:
        """Return an account as tokens speak of it, None where it may have no session.

        Args:
            user_id: The account.
            profile_id: Of its household, empty for its own; whether there is one is looked at where
                a session begins.
        """
        row = self._first(SUBJECT, user_id=user_id)
        return None if row is None else _subject(row, user_id, profile_id)

    def is_live(self, family_id: str, version: int) -> bool:
        """Tell whether access tokens of a session and of a version of its account are good."""
        return self._first(LIVE, family_id=family_id, version=version) is not None

    def _first(self, written: Callable[[], Any], **given: object) -> Row[Any] | None:
        with translated(WHAT), self._reads().connect() as connection:
            found: Row[Any] | None = connection.execute(written(), given).first()
        return found


def session(connection: Connection, family_id: str) -> Family:
    """Return a session that is there, live or not, as a transaction sees it."""
    given = {"family_id": family_id, "version": None}
    return to_family(connection.execute(SESSION(), given).one())


def to_family(row: Row[Any]) -> Family:
    """Return the session that a row is, with its account and its limits as they are now."""
    return Family(
        subject=_subject(row, str(row.user_id), str(row.profile_id or "")),
        id=str(row.family_id),
        client_id=row.client_id,
        device_id=row.device_id,
        scopes=tuple(row.scopes),
        methods=tuple(row.methods),
        authenticated_at=row.authenticated_at,
        audience=row.audience,
        limits=to_limits(row),
    )


def _shown(row: Row[Any]) -> Shown:
    return Shown(
        family=to_family(row),
        status=row.status,
        enabled=row.enabled,
        ends_at=row.absolute_expires_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        sealed_successor=row.sealed_successor,
        rotations=row.rotation_count,
        rotation_limit=row.rotation_limit,
        earlier_at=row.earlier_at,
    )


def _subject(row: Row[Any], user_id: str, profile_id: str) -> Subject:
    return Subject(
        user_id=user_id,
        roles=roles_of(row.role),
        tier=row.tier,
        version=row.token_version,
        region=row.region,
        profile_id=profile_id,
    )
