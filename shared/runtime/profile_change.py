"""A change of a user's own account, whoever brings it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.sql import audit
from shared.adapters.sql.identity import accounts_profiles
from shared.adapters.sql.statement import translated
from shared.identity.accounts import RESOURCE
from shared.runtime.audit import audit_event

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from shared.identity.profile import Profile, ProfileChange
    from shared.runtime.messages import Request


def profile_of(user_id: str) -> Profile:
    """Return a user's own account.

    Raises:
        NotFoundError: It is gone.
    """
    with translated(accounts_profiles.WHAT), connect.reads().connect() as connection:
        return accounts_profiles.read(connection, user_id)


def change_profile(
    request: Request, wish: ProfileChange, now: datetime, judge: Callable[[Profile], None]
) -> Profile:
    """Return the account of who asks, with a change made to it.

    Args:
        request: Theirs.
        wish: The change.
        now: When.
        judge: Looks at what is there, and raises where that must not be changed.

    Raises:
        NotFoundError: The account is gone.
        InvalidInputError: The preferences would be too many.
    """
    who, details = request.principal, {"fields": wish.fields()}
    act = audit_event(
        request, who, "PREFERENCE_CHANGE",
        resource_type=RESOURCE, resource_id=who.sub, details=details,
    )  # fmt: skip
    with translated(accounts_profiles.WHAT), connect.engine().begin() as connection:
        kept = accounts_profiles.locked(connection, who.sub)
        judge(kept)
        found = accounts_profiles.change(connection, kept, wish, now=now)
        audit.write(connection, act)
    return found
