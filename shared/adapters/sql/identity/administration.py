"""Accounts as administrators see and change them; what they do stands in the audit log with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.sql import audit
from shared.adapters.sql.identity.life import admins, ended, forget, must_not_be_last, tell
from shared.adapters.sql.identity.sessions import OUTDATE
from shared.adapters.sql.statement import statement, translated
from shared.identity.administration import AccountClosedError, User, UserDetails
from shared.identity.deletion import LEAVING
from shared.kernel.errors import FieldIssue, InvalidInputError, NotFoundError
from shared.kernel.principal import Role

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection, Engine, Row

    from shared.identity.administration import DeletedUser, UserChange, UsersQuery
    from shared.identity.revocations import Revocations
    from shared.kernel.audit import AuditEvent

USERS = statement(__file__, "administration_users")
COUNT = statement(__file__, "administration_count")
USER = statement(__file__, "administration_user")
LOCKED = statement(__file__, "administration_locked")
CHANGE = statement(__file__, "administration_change")
WHAT = "user"
SUSPENDED = "suspended"
_WILD = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


class SqlAdministration:
    """What administrators ask of accounts; each call is one transaction with its audit entry.

    Args:
        revocations: Tells services which sessions ended.
        engine: Of the transactions.
    """

    def __init__(
        self, revocations: Revocations, engine: Callable[[], Engine] = connect.engine
    ) -> None:
        self._revocations, self._engine = revocations, engine

    def users(self, query: UsersQuery, act: AuditEvent) -> tuple[list[User], int]:
        """Return a page of users, and how many there are on all of them."""
        which = {"pattern": _pattern(query.search), "status": query.status}
        order = {"sort_by": query.sort_by, "descending": query.order == "desc"}
        part = {"most": query.per_page, "skipped": query.offset}
        with translated(WHAT), self._engine().begin() as connection:
            rows = connection.execute(USERS(), {**which, **order, **part}).all()
            total = connection.execute(COUNT(), which).scalar_one()
            audit.write(connection, act)
        return [User(**_said(row)) for row in rows], int(total)

    def user(self, user_id: str, now: datetime, act: AuditEvent) -> UserDetails:
        """Return a user.

        Raises:
            NotFoundError: There is none of this id.
        """
        with translated(WHAT), self._engine().begin() as connection:
            found = _details(connection, user_id, now)
            audit.write(connection, act)
        return found

    def change(self, user_id: str, wish: UserChange, now: datetime, act: AuditEvent) -> UserDetails:
        """Change a user and return what they are now.

        Who is suspended, or is no administrator any more, loses every session; who gets another
        role keeps them and has to refresh their tokens.

        Raises:
            NotFoundError: There is none of this id.
            AccountClosedError: The account is to be deleted.
            LastAdminError: Nobody would administer users.
        """
        with translated(WHAT), self._engine().begin() as connection:
            held, kept = admins(connection), _locked(connection, user_id)
            if kept.status == LEAVING:
                raise AccountClosedError("the account is to be deleted; its user may restore it")
            role, status = wish.role or kept.role, _status(kept.status, wish.suspended)
            demoted = kept.role == Role.ADMIN and role != Role.ADMIN
            closed = status == SUSPENDED and kept.status != SUSPENDED
            given = {"role": role, "status": status, "user_id": user_id, "now": now}
            reason = wish.reason if status == SUSPENDED else None
            if demoted or closed:
                must_not_be_last(held, user_id)
            connection.execute(CHANGE(), {**given, "reason": reason})
            over = _over(connection, user_id, now, closed=closed or demoted, role=role != kept.role)
            audit.write(connection, act)
            found = _details(connection, user_id, now)
        tell(self._revocations, user_id, *over)
        return found

    def delete(
        self,
        which: DeletedUser,
        now: datetime,
        act: AuditEvent,
        *,
        remove_avatar: Callable[[str], None],
    ) -> None:
        """Delete a user with all that is kept of them, their picture before the rest.

        Raises:
            NotFoundError: There is none of this id.
            InvalidInputError: The account has another address.
            LastAdminError: Nobody would administer users.
        """
        with translated(WHAT), self._engine().begin() as connection:
            held, kept = admins(connection), _locked(connection, which.id)
            if kept.email != which.confirm:
                issue = FieldIssue("confirm", "equal", "write the mail address of the account")
                raise InvalidInputError("the account has another mail address", issues=[issue])
            must_not_be_last(held, which.id)
            over = ended(connection, which.id, now, "account_deleted")
            avatar = forget(connection, which.id, now, act)
            if avatar:
                remove_avatar(avatar)
        tell(self._revocations, which.id, *over)

    def acted_as(self, act: AuditEvent) -> None:
        """Write down that an administrator acts as a user, before they can."""
        with translated(WHAT), self._engine().begin() as connection:
            audit.write(connection, act)


def _pattern(search: str | None) -> str | None:
    return None if search is None else f"%{search.translate(_WILD)}%"


def _status(kept: str, suspended: bool | None) -> str:
    return kept if suspended is None else (SUSPENDED if suspended else "active")


def _over(
    connection: Connection, user_id: str, now: datetime, *, closed: bool, role: bool
) -> tuple[list[str], int | None]:
    """End what a change puts an end to: sessions, or only the tokens that say what was."""
    if closed:
        return ended(connection, user_id, now, "changed_by_admin")
    if not role:
        return [], None
    given = {"user_id": user_id, "now": now}
    return [], connection.execute(OUTDATE(), given).scalar_one_or_none()


def _locked(connection: Connection, user_id: str) -> Row[Any]:
    row = connection.execute(LOCKED(), {"user_id": user_id}).first()
    if row is None:
        raise NotFoundError(f"there is no user {user_id}")
    return row


def _details(connection: Connection, user_id: str, now: datetime) -> UserDetails:
    row = connection.execute(USER(), {"user_id": user_id, "now": now}).first()
    if row is None:
        raise NotFoundError(f"there is no user {user_id}")
    return UserDetails(**_said(row))


def _said(row: Row[Any]) -> dict[str, Any]:
    return {**row._mapping, "id": str(row.id)}  # noqa: SLF001 - the row's own way to name its columns
