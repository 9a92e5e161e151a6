"""How an account leaves: at once for everybody, for good after a grace (spec/auth §5.13).

active ── deletes ──▶ pending_deletion ── 30 days ──▶ gone, and `user.deleted` told
   ▲                        │
   └──── restored by mail ──┘ or by the password
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from shared.identity.accounts import AccountSuspendedError
from shared.kernel import ids
from shared.kernel.errors import ConflictError
from shared.kernel.events import Event

if TYPE_CHECKING:
    from datetime import datetime

GRACE = timedelta(days=30)
LEAVING = "pending_deletion"
"""Status of an account in its grace."""
TOPIC = "user.deleted"


class AccountLeavingError(AccountSuspendedError):
    """The password is right, and its account is to be deleted; it can still be had back.

    Attributes:
        user_id: Whose it is.
    """

    code = "account-leaving"

    def __init__(self, user_id: str) -> None:
        super().__init__("the account is to be deleted; restore it, then sign in")
        self.user_id = user_id


class LastAdminError(ConflictError):
    """Nobody would be left who may administer users."""

    code = "last-admin"


def deleted(user_id: str, now: datetime) -> Event:
    """Return the event by which other services forget a user; the same however often it is told."""
    event_id = ids.named(TOPIC, user_id)
    return Event(
        event_id=event_id,
        event_type=TOPIC,
        occurred_at=now,
        correlation_id=str(event_id),
        subject=user_id,
        data={"user_id": user_id},
    )
