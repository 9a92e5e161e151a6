"""Codes that a browser carries to an application, good for one exchange (RFC 6749 §4.1.2).

    ready ── shown ──▶ taken ── shown again ──▶ every token that came of it is dead (RFC 9700 §4.5)

Taking is one step that nobody can come between. What is shown is burned by that, whether or not the
rest of the exchange is right: a verifier can be guessed once. A session that began of a code is
noted at the code, so that a second showing finds it; one that comes before that note is told of
when the note is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from shared.identity.throttle import Count, Pace

if TYPE_CHECKING:
    from datetime import datetime

CODE_LIFE = timedelta(seconds=300)
REMEMBERED = timedelta(hours=1)
"""How long a code that was shown is known as such."""
VERIFIERS = Pace("code_verifier_fail", 3, 900, 900, 900)
"""Three wrong verifiers of a user and an application, then no code is good for 15 minutes."""


@dataclass(frozen=True)
class CodeGrant:
    """What a code is good for.

    Attributes:
        redirect_uri: Exactly as it was asked for.
        challenge: As in `AuthorizationRequest`.
        version: Of the user's tokens in the browser's session; a later one ends what this began.
        scopes: Allowed by the user, `OPENID` among them where an id token is asked for.
        methods: How the user proved who they are.
        authenticated_at: When they did.
        audience: Of the tokens; empty is our own.
    """

    client_id: str
    redirect_uri: str
    challenge: str
    user_id: str
    version: int
    scopes: tuple[str, ...]
    methods: tuple[str, ...]
    authenticated_at: datetime
    nonce: str = ""
    audience: str = ""

    @property
    def tries(self) -> Count:
        """Wrong verifiers for codes of this user and application."""
        return Count(VERIFIERS, f"{self.client_id} {self.user_id}")


class Shown(StrEnum):
    """How a code stood when it was shown."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"
    TAKEN = "taken"
    AGAIN = "again"


@dataclass(frozen=True)
class Taking:
    """What came of showing a code.

    Attributes:
        grant: Where it was the first showing.
        family_id: Session that had begun of it, where it was a further one.
    """

    shown: Shown
    grant: CodeGrant | None = None
    family_id: str = ""


class Codes(Protocol):
    """Codes by their digest, for every instance."""

    def keep(self, code_hash: bytes, grant: CodeGrant, now: datetime) -> None:
        """Keep a new code for `CODE_LIFE`."""

    def take(self, code_hash: bytes, now: datetime) -> Taking:
        """Use a code up; of several who do, one is given what it is good for."""

    def began(self, code_hash: bytes, family_id: str) -> bool:
        """Note which session began of a code; True where it was shown again meanwhile."""
