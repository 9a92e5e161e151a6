"""Administration of users, joined with the audit log, the issuer and step-up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.avatars import AvatarFolder
from shared.adapters.sql.identity.families import SqlFamilies
from shared.adapters.sql.identity.limits import of_profile
from shared.adapters.sql.statement import translated
from shared.identity.accounts import RESOURCE
from shared.identity.administration import UserDetails, UserPage
from shared.identity.impersonation import acting_token, must_be_another
from shared.identity.limits import NO_LIMITS
from shared.identity.step_up import must_be_fresh, must_be_self, must_have_factor
from shared.runtime import issuing
from shared.runtime.audit import audit_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from shared.adapters.sql.identity.administration import SqlAdministration
    from shared.identity.administration import (
        ActingToken,
        DeletedUser,
        Impersonation,
        UserChange,
        UsersQuery,
    )
    from shared.identity.limits import Limits
    from shared.kernel.audit import AuditEvent
    from shared.kernel.clock import Clock
    from shared.runtime.messages import Request

__all__ = ["RESOURCE", "AdminDesk"]


class AdminDesk:
    """What the endpoints for administrators ask; every act is in the audit log with what it did.

    Args:
        accounts: As they are kept.
        clock: The time.
        engine: Reads whom a token is for.
    """

    def __init__(
        self, accounts: SqlAdministration, clock: Clock, engine: Callable[[], Engine]
    ) -> None:
        self._accounts, self._clock, self._engine = accounts, clock, engine

    def users(self, request: Request, query: UsersQuery) -> UserPage:
        """Return one page of users."""
        act = _act(request, "ADMIN_ACTION", "", listed=query.details())
        items, total = self._accounts.users(query, act)
        return UserPage(items=items, page=query.page, per_page=query.per_page, total=total)

    def user(self, request: Request, user_id: str) -> UserDetails:
        """Return a user."""
        act = _act(request, "ADMIN_ACTION", user_id, shown=True)
        return self._accounts.user(user_id, self._clock.now(), act)

    def change(self, request: Request, user_id: str, wish: UserChange) -> UserDetails:
        """Change a user, never oneself; roles are given by who has just proven who they are."""
        must_be_self(request.principal)
        if wish.role is not None:
            must_be_fresh(request.principal, self._clock.now())
        must_be_another(request.principal, user_id)
        act = _act(request, "USER_CHANGE", user_id, **wish.details())
        return self._accounts.change(user_id, wish, self._clock.now(), act)

    def delete(self, request: Request, which: DeletedUser) -> None:
        """Delete a user, by who has just proven to be an administrator, and never oneself."""
        must_be_self(request.principal)
        must_be_fresh(request.principal, self._clock.now())
        must_be_another(request.principal, which.id)
        act = _act(request, "DATA_DELETE", which.id)
        folder = AvatarFolder(connect.addresses().artifacts_dir)
        self._accounts.delete(which, self._clock.now(), act, remove_avatar=folder.remove)

    def impersonate(self, request: Request, user_id: str, wish: Impersonation) -> ActingToken:
        """Return a token of a user, to who has just proven by a second factor to be another."""
        who = request.principal
        must_be_self(who)
        must_have_factor(who, self._clock.now())
        subject = SqlFamilies().subject(user_id)
        token = acting_token(issuing.issuer(), who, subject, self._limits(user_id))
        self._accounts.acted_as(_act(request, "IMPERSONATE", user_id, reason=wish.reason))
        return token

    def _limits(self, user_id: str) -> Limits:
        with translated("limits"), self._engine().connect() as connection:
            return of_profile(connection, user_id) or NO_LIMITS


def _act(request: Request, action: str, user_id: str, **details: Any) -> AuditEvent:  # noqa: ANN401 - JSON
    said: dict[str, Any] = {"resource_type": RESOURCE, "resource_id": user_id}
    return audit_event(request, request.principal, action, **said, details=details)
