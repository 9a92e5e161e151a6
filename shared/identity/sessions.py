"""Sessions: what a sign-in gives, and what ends it.

A session is a family of refresh tokens, each made from the one before; its id is the claim ``sid``
of every access token that comes of it. One user has one session per application and device.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from shared.kernel.errors import DeniedError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


class SessionRefusedError(DeniedError):
    """The application or the account may have no session, or none of the scopes."""

    code = "session-refused"


@dataclass(frozen=True)
class Device:
    """Where a session lives.

    Attributes:
        client_id: The application.
        device_id: Tells the user's devices apart; empty makes one of its own.
        name: As the user calls it, or empty.
        user_agent: Of the request that signed in.
        network: It came from, ``203.0.113.0/24``, or empty.
    """

    client_id: str
    device_id: str = ""
    name: str = ""
    user_agent: str = ""
    network: str = ""


@dataclass(frozen=True)
class Subject:
    """Whom a session is of, as tokens say it.

    Attributes:
        user_id: UUID.
        roles: At least one, of `shared.kernel.principal.Role`.
        tier: Of `shared.kernel.principal.Tier`.
        version: The user's ``token_version`` when they proved who they are; where all sessions have
            ended since, none begins.
        region: ISO 3166-1 alpha-2, or empty.
        profile_id: Of the household, empty for the user's own. What a profile may see is looked up
            where a token is made.
    """

    user_id: str
    roles: tuple[str, ...] = ("user",)
    tier: str = "free"
    version: int = 1
    region: str = ""
    profile_id: str = ""


@dataclass(frozen=True)
class TokenSet:
    """What a session begins and goes on with (RFC 6749 §5.1).

    Attributes:
        expires_in: Seconds of the access token.
        scope: Those granted, with blanks between.
    """

    access_token: str
    refresh_token: str
    expires_in: int
    scope: str
    token_type: str = "Bearer"  # noqa: S105 - a kind of token


@dataclass(frozen=True)
class SessionLine:
    """A live session as its user sees it.

    Attributes:
        id: Of the family, the claim ``sid``.
        network: Where it began.
    """

    id: str
    client_id: str
    client_name: str
    device_id: str
    device_name: str
    user_agent: str
    network: str
    created_at: datetime
    last_used_at: datetime


class Sessions(Protocol):
    """Begins and ends sessions; what it answers has been written."""

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
        """Return the tokens of a new session; one on the same device and application ends.

        Args:
            subject: Who has proven to be it.
            device: Where.
            scopes: Asked for; none asks for all that application and role may have. What neither
                may have is left out.
            methods: How the user proved it, ``pwd``, ``otp`` … (RFC 8176).
            authenticated_at: When they did.
            audience: The resource that its tokens are for (RFC 8707), empty for this product's own.

        Raises:
            SessionRefusedError: The application may not have a session, or the profile is gone.
            UnavailableError: The database does not answer.
        """

    def end(self, family_id: str, reason: str) -> None:
        """End a session with its access tokens; one that has ended, or never was, stays so."""

    def end_all(self, user_id: str, *, except_family: str = "", reason: str) -> int:
        """End every session of a user but one; returns how many ended.

        Without an exception every access token of the user is dead, those without session too.
        """

    def of(self, user_id: str) -> tuple[SessionLine, ...]:
        """Return the live sessions of a user, the one used last first."""
