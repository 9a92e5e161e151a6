"""How accounts leave and come back: table ``app_user`` and all that hangs on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.outbox import Outbox
from shared.adapters.sql import audit
from shared.adapters.sql.identity import api_keys, export, one_time
from shared.adapters.sql.identity.sessions import END_ALL, OUTDATE
from shared.adapters.sql.identity.telling import Telling
from shared.adapters.sql.statement import statement, translated
from shared.identity.accounts import MailTokenSpentError, Purpose
from shared.identity.deletion import GRACE, LastAdminError, deleted
from shared.kernel.errors import ConflictError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from shared.adapters.outbox import Publisher
    from shared.identity.accounts import Told
    from shared.identity.revocations import Revocations
    from shared.kernel.audit import AuditEvent

ADMINS = statement(__file__, "life_admins")
LEAVE = statement(__file__, "life_leave")
RESTORE = statement(__file__, "life_restore")
DUE = statement(__file__, "life_due")
FORGET = statement(__file__, "life_forget")
FORGET_ADDRESSES = statement(__file__, "life_forget_addresses")
WHAT = "account"
REASON = "account_deleted"


class SqlLife:
    """Lets accounts leave and come back; each call is one transaction.

    Args:
        publisher: Sends what was written to the outbox, after the commit.
        revocations: Tells services which sessions ended.
        engine: Of the transactions.
    """

    def __init__(
        self,
        publisher: Publisher,
        revocations: Revocations,
        engine: Callable[[], Engine] = connect.engine,
    ) -> None:
        self._told, self._revocations = Telling(WHAT, publisher, engine), revocations

    def leave(self, user_id: str, now: datetime, told: Told) -> datetime:
        """Let an account be deleted; returns when that is.

        Raises:
            LastAdminError: Nobody else administers users.
            NotFoundError: There is no such account that could leave.
        """

        def work(connection: Connection) -> tuple[datetime, list[str], int | None]:
            must_not_be_last(admins(connection), user_id)
            given = {"user_id": user_id, "now": now, "ends_at": now + GRACE}
            ends_at: datetime | None = connection.execute(LEAVE(), given).scalar_one_or_none()
            if ends_at is None:
                raise NotFoundError("there is no such account that could leave")
            return ends_at, *ended(connection, user_id, now, REASON)

        ends_at, sessions, version = self._told.write(told, work)
        tell(self._revocations, user_id, sessions, version)
        return ends_at

    def restore(self, user_id: str, now: datetime, told: Told) -> None:
        """Give an account back whose user has proven to be it.

        Raises:
            ConflictError: It was given back before, or its grace is over.
        """

        def work(connection: Connection) -> None:
            given = {"user_id": user_id, "now": now}
            if connection.execute(RESTORE(), given).first() is None:
                raise ConflictError("the account was restored before, or its grace is over")
            one_time.spend(connection, user_id, Purpose.RESTORE, now)

        self._told.write(told, work)

    def restore_by_mail(self, token: str, now: datetime, act: Callable[[str], Told]) -> None:
        """Give an account back with the token of its mail, which is used up.

        Raises:
            MailTokenUnknownError: No mail of ours carried it.
            MailTokenSpentError: It was used, or its time is over.
        """
        with translated(WHAT), connect.reads().connect() as connection:
            owner = str(one_time.owner(connection, token, Purpose.RESTORE, now).id)
        try:
            self.restore(owner, now, act(owner))
        except ConflictError:
            raise MailTokenSpentError(one_time.SPENT) from None


def admins(connection: Connection) -> list[str]:
    """Return who administers users; nobody else is added to or taken from them until the commit."""
    return [str(each) for each in connection.execute(ADMINS()).scalars()]


def must_not_be_last(held: list[str], user_id: str) -> None:
    """Refuse to take away the only administrator there is.

    Args:
        held: As `admins` told them.
        user_id: Who is to go.

    Raises:
        LastAdminError: Nobody else would be left.
    """
    if held == [user_id]:
        raise LastAdminError("nobody else administers users")


def ended(
    connection: Connection, user_id: str, now: datetime, reason: str
) -> tuple[list[str], int | None]:
    """End every session and token of an account; returns the sessions and its new version."""
    given = {"user_id": user_id, "now": now}
    version = connection.execute(OUTDATE(), given).scalar_one_or_none()
    rows = connection.execute(END_ALL(), {**given, "kept": None, "reason": reason})
    return [str(each) for each in rows.scalars()], version


def tell(revocations: Revocations, user_id: str, sessions: list[str], version: int | None) -> None:
    """Tell services what `ended` did, once it is committed."""
    if version is not None:
        revocations.version(user_id, version)
    revocations.sessions(sessions)


def forget(connection: Connection, user_id: str, now: datetime, act: AuditEvent) -> str:
    """Delete an account with all that is kept of it here; returns the name of its picture.

    Services that keep something of it are told by an event. In the audit log its id is left, which
    names nobody any more; the addresses that it acted from are forgotten.
    """
    avatar = connection.execute(FORGET(), {"user_id": user_id}).scalar_one()
    connection.execute(FORGET_ADDRESSES(), {"user_id": user_id})
    Outbox.add(connection, [deleted(user_id, now)])
    audit.write(connection, act)
    return str(avatar)


def purge(
    engine: Engine,
    now: datetime,
    *,
    act: Callable[[str], AuditEvent],
    remove_avatar: Callable[[str], None],
) -> str | None:
    """Delete the account whose grace ended first; returns its id, None where none is due.

    One transaction: a crash leaves the account as it was, for the next try. Its picture goes before
    the commit, since nobody would look for it afterwards.
    """
    with translated(WHAT), engine.begin() as connection:
        found = connection.execute(DUE(), {"now": now}).scalar_one_or_none()
        if found is None:
            return None
        avatar = forget(connection, str(found), now, act(str(found)))
        if avatar:
            remove_avatar(avatar)
    return str(found)


def tidy(engine: Engine, now: datetime) -> dict[str, int]:
    """Forget copies whose time is over, and keys a month after they ended; returns how many."""
    with translated(WHAT), engine.begin() as connection:
        return {
            "exports": export.forget(connection, now),
            "api_keys": api_keys.forget(connection, now - GRACE),
        }
