"""Families of refresh tokens: rotation, the grace of a repeated one, and reuse (spec/auth §5.5).

    token 1 ── used ──▶ token 2 ── used ──▶ token 3       seq grows by one; only the last is unused
       └── shown again within 10 s: token 2 once more      a retry of somebody who missed the answer
       └── shown again later: the family ends              two hold what one should (RFC 9700 §4.14)

One conditional update decides which of several who show the same token made its successor; all the
others find it used a moment ago and are given the same one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from shared.identity.limits import NO_LIMITS

if TYPE_CHECKING:
    from datetime import datetime

    from shared.identity.limits import Limits
    from shared.identity.sessions import Subject
    from shared.kernel.audit import AuditEvent

GRACE = timedelta(seconds=10)
WARN_AT = 80
"""Rotations from which a family with a limit is told of in the log."""
BURST = 10
PACE = timedelta(minutes=1)
"""A session makes at most `BURST` tokens in so long (spec/auth §5.9)."""


class Verdict(StrEnum):
    """What is done about a refresh token that could not be rotated."""

    REPEAT = "repeat"
    REUSE = "reuse"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Family:
    """A session as its tokens speak of it.

    Attributes:
        subject: Whose, as their account is now.
        id: The claim ``sid``.
        scopes: Granted once; a refresh may take fewer.
        methods: How the user proved who they are (RFC 8176).
        audience: The resource that its tokens are for (RFC 8707), empty for this product's own.
        limits: Of account and profile, as they are now.
    """

    subject: Subject
    id: str
    client_id: str
    device_id: str
    scopes: tuple[str, ...]
    methods: tuple[str, ...]
    authenticated_at: datetime
    audience: str = ""
    limits: Limits = NO_LIMITS


@dataclass(frozen=True)
class Shown:
    """A refresh token that somebody shows, as it is kept.

    Attributes:
        family: Of its session.
        status: Of the family: ``active``, ``revoked`` or ``expired``.
        enabled: Whether account and application may still have sessions.
        ends_at: Of the family, whatever happens.
        expires_at: Of the token, where it is not used.
        used_at: When its successor was made, None while it has none.
        sealed_successor: Kept for the grace.
        rotations: Of the family so far.
        rotation_limit: After which a new sign-in is needed, None for no limit.
        earlier_at: When the token `BURST` rotations before it was made, None where there is none.
    """

    family: Family
    status: str
    enabled: bool
    ends_at: datetime
    expires_at: datetime
    used_at: datetime | None
    sealed_successor: str | None
    rotations: int
    rotation_limit: int | None
    earlier_at: datetime | None = None

    def is_usable(self, now: datetime) -> bool:
        """Tell whether it can make a successor."""
        fresh = self.used_at is None and now < min(self.expires_at, self.ends_at)
        spent = self.rotation_limit is not None and self.rotations >= self.rotation_limit
        return fresh and self.is_live and not spent

    @property
    def is_live(self) -> bool:
        """Whether its session goes on."""
        return self.status == "active" and self.enabled

    def wait(self, now: datetime) -> timedelta:
        """Return how long a session must rest that made tokens too fast, zero where it did not."""
        if self.earlier_at is None:
            return timedelta(0)
        return max(timedelta(0), self.earlier_at + PACE - now)


@dataclass(frozen=True)
class Successor:
    """The token that another makes: its digest, and itself sealed for the grace."""

    token_hash: bytes
    sealed: str
    expires_at: datetime


class Families(Protocol):
    """Refresh tokens by their digest; what is answered has been written."""

    def show(self, token_hash: bytes) -> Shown | None:
        """Return a refresh token, None where there is none."""

    def rotate(self, token_hash: bytes, successor: Successor, now: datetime) -> bool:
        """Use a token and keep its successor; False where somebody else was first."""

    def end(self, family_id: str, reason: str, now: datetime, event: AuditEvent) -> bool:
        """End a session and write why; False where it had ended before."""


def judge(shown: Shown, now: datetime) -> Verdict:
    """Return what is done about a token that makes no successor.

    One whose session has ended is refused, used or not: there is nothing left to end. The grace
    ends with its tenth second.
    """
    if not shown.is_live or shown.used_at is None:
        return Verdict.REFUSE
    repeated = now - shown.used_at < GRACE and shown.sealed_successor is not None
    return Verdict.REPEAT if repeated else Verdict.REUSE
