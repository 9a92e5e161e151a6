"""Sessions: tables ``token_family`` and ``refresh_token``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.sql.identity import limits
from shared.adapters.sql.identity.clients import FIND, to_client
from shared.adapters.sql.statement import array, statement, translated
from shared.identity.families import Family
from shared.identity.scopes import granted, permitted
from shared.identity.sessions import SessionLine, SessionRefusedError, Subject, TokenSet
from shared.identity.tokens import ACCESS_LIFE, digest, new_refresh_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from sqlalchemy import Connection, Engine, Row

    from shared.identity.clients import Client
    from shared.identity.limits import Limits
    from shared.identity.revocations import Revocations
    from shared.identity.sessions import Device
    from shared.identity.tokens import Issuer

OWNER = statement(__file__, "sessions_owner")
REPLACE = statement(__file__, "sessions_replace")
START = statement(__file__, "sessions_start")
END = statement(__file__, "sessions_end")
END_ALL = statement(__file__, "sessions_end_all")
OUTDATE = statement(__file__, "sessions_outdate")
OF = statement(__file__, "sessions_of")
WHAT = "sessions"


class SqlSessions:
    """`shared.identity.sessions.Sessions`; what SQL says has ended is then told to all services.

    Args:
        issuer: Makes access tokens.
        revocations: Tells services which tokens are dead before their time.
        engine: Of the transactions.
    """

    def __init__(
        self,
        issuer: Issuer,
        revocations: Revocations,
        engine: Callable[[], Engine] = connect.engine,
    ) -> None:
        self._issuer, self._revocations, self._engine = issuer, revocations, engine

    def start(
        self,
        subject: Subject,
        device: Device,
        *,
        scopes: Iterable[str],
        methods: Iterable[str],
        authenticated_at: datetime,
        audience: str = "",
    ) -> TokenSet:
        """Return the tokens of a new session; see `shared.identity.sessions.Sessions`."""
        now, made, token = (
            self._issuer.clock.now(),
            str(self._issuer.ids.new()),
            new_refresh_token(),
        )
        with translated(WHAT), self._engine().begin() as connection:
            client = _client(connection, device.client_id)
            family = Family(
                subject=subject,
                id=made,
                client_id=client.client_id,
                device_id=device.device_id or made,
                scopes=_scopes(scopes, client, subject),
                methods=tuple(methods),
                authenticated_at=authenticated_at,
                audience=audience,
            )
            _check(_owner(connection, subject.user_id), subject)
            family = replace(family, limits=_limits(connection, subject))
            given = {**_written(family, device), **_times(client, now), "token_hash": digest(token)}
            replaced = connection.execute(REPLACE(), given).scalars().all()
            connection.execute(START(), given)
        self._revocations.sessions([str(each) for each in replaced])
        return token_set(self._issuer, family, family.scopes, token)

    def end(self, family_id: str, reason: str) -> None:
        """End a session with its access tokens; one that has ended, or never was, stays so."""
        self.finish(family_id, reason)

    def finish(self, family_id: str, reason: str) -> bool:
        """End a session; False where SQL says so and not every service could be told yet."""
        given = {"family_id": family_id, "reason": reason, "now": self._issuer.clock.now()}
        with translated(WHAT), self._engine().begin() as connection:
            connection.execute(END(), given)
        return self._revocations.sessions([family_id])

    def end_all(self, user_id: str, *, except_family: str = "", reason: str) -> int:
        """End every session of a user but one; returns how many ended.

        Without an exception every access token of the user is dead, those without session too.
        """
        now, version = self._issuer.clock.now(), None
        given = {"user_id": user_id, "kept": except_family or None, "reason": reason, "now": now}
        with translated(WHAT), self._engine().begin() as connection:
            _owner(connection, user_id)  # no session begins meanwhile that would be missed
            if not except_family:
                outdated = connection.execute(OUTDATE(), {"user_id": user_id, "now": now})
                version = outdated.scalar_one_or_none()
            ended = connection.execute(END_ALL(), given).scalars().all()
        if version is not None:
            self._revocations.version(user_id, version)
        self._revocations.sessions([str(each) for each in ended])
        return len(ended)

    def of(self, user_id: str) -> tuple[SessionLine, ...]:
        """Return the live sessions of a user, the one used last first."""
        given = {"user_id": user_id, "now": self._issuer.clock.now()}
        with translated(WHAT), self._engine().connect() as connection:
            rows = connection.execute(OF(), given).all()
        return tuple(
            SessionLine(
                id=str(row.family_id),
                client_id=row.client_id,
                client_name=row.client_name,
                device_id=row.device_id,
                device_name=row.device_name,
                user_agent=row.user_agent,
                network=row.network,
                created_at=row.created_at,
                last_used_at=row.last_rotation_at,
            )
            for row in rows
        )


def token_set(issuer: Issuer, family: Family, scopes: Iterable[str], refresh: str) -> TokenSet:
    """Return a session's answer with a new access token."""
    covered = tuple(scopes)
    return TokenSet(
        access_token=issuer.access_token(family, covered),
        refresh_token=refresh,
        expires_in=int(ACCESS_LIFE.total_seconds()),
        scope=" ".join(covered),
    )


def _client(connection: Connection, client_id: str) -> Client:
    row = connection.execute(FIND(), {"client_id": client_id}).first()
    if row is None:
        raise SessionRefusedError("the application is not registered, or it is disabled")
    return to_client(row)


def _owner(connection: Connection, user_id: str) -> Row[Any] | None:
    """Return status and version of an account, which nobody changes until the commit."""
    found: Row[Any] | None = connection.execute(OWNER(), {"user_id": user_id}).first()
    return found


def _check(owner: Row[Any] | None, subject: Subject) -> None:
    """Refuse a session to an account that is closed, or whose sessions ended since it was read."""
    if owner is None or owner.status != "active":
        raise SessionRefusedError("the account is gone, or it may not sign in")
    if owner.token_version != subject.version:
        raise SessionRefusedError("the account's sessions have just been ended; sign in again")


def _limits(connection: Connection, subject: Subject) -> Limits:
    found = limits.of_profile(connection, subject.user_id, subject.profile_id)
    if found is None:
        raise SessionRefusedError("the profile is gone; sign in again")
    return found


def _scopes(asked: Iterable[str], client: Client, subject: Subject) -> tuple[str, ...]:
    allowed = set(client.scopes) & set(permitted(subject.roles))
    found = granted(asked, allowed=allowed)
    if not found:
        raise SessionRefusedError("the application may have none of the scopes it asks for")
    return found


def _times(client: Client, now: datetime) -> dict[str, datetime]:
    ends_at = now + client.absolute
    return {"now": now, "ends_at": ends_at, "expires_at": client.token_ends(now, ends_at)}


def _written(family: Family, device: Device) -> dict[str, Any]:
    return {
        "family_id": family.id,
        "user_id": family.subject.user_id,
        "client_id": family.client_id,
        "device_id": family.device_id,
        "device_name": device.name,
        "user_agent": device.user_agent,
        "network": device.network,
        "profile_id": family.subject.profile_id or None,
        "audience": family.audience,
        "scopes": array(family.scopes),
        "methods": array(family.methods),
        "authenticated_at": family.authenticated_at,
    }
