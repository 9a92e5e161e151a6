"""Proving again who one is, before something that a stolen token alone must not do."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from shared.kernel.errors import DeniedError, UnauthenticatedError
from shared.kernel.principal import REALM

if TYPE_CHECKING:
    from datetime import datetime

    from shared.kernel.principal import Principal

FRESH = timedelta(minutes=5)
"""How long a proof counts as fresh (spec/auth §3.2, §5.4)."""
SECOND_FACTORS = frozenset({"otp", "hwk", "swk"})
"""Methods of RFC 8176 §2 that prove more than a password."""


class StepUpError(UnauthenticatedError):
    """The token is good, but its user proved too long ago, or too weakly, who they are.

    Attributes:
        challenge: Value of ``WWW-Authenticate`` (RFC 9470 §3).
    """

    code = "step-up-needed"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.challenge = (
            f'{REALM}, error="insufficient_user_authentication", '
            f'error_description="{message}", max_age={int(FRESH.total_seconds())}'
        )


class ActedForError(DeniedError):
    """Somebody acts as the user, who alone may do this."""

    code = "acted-for"


def must_be_fresh(principal: Principal, now: datetime) -> None:
    """Refuse a token whose user did not prove within `FRESH` who they are.

    Raises:
        StepUpError: The proof is older, or the token does not say when it was given.
    """
    proven = principal.authenticated_at
    if proven is None or now - proven > FRESH:
        raise StepUpError("prove who you are once more, then repeat the request")


def must_have_factor(principal: Principal, now: datetime) -> None:
    """Refuse a token that no fresh second factor stands behind.

    Raises:
        StepUpError: There was none, or it is too long ago.
    """
    must_be_fresh(principal, now)
    if not SECOND_FACTORS.intersection(principal.methods):
        raise StepUpError("prove who you are by a second factor, then repeat the request")


def must_be_self(principal: Principal) -> None:
    """Refuse a token with which somebody else acts as its user (RFC 8693 §4.1).

    Raises:
        ActedForError: The token names an actor.
    """
    if principal.actor:
        raise ActedForError("only the user may do this, and nobody in their place")
