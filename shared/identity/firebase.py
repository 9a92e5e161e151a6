"""What lets a client listen to its own documents in Firestore, and to nobody else's.

Firebase takes a token that a service account signed and gives the client one of its own; rules of
the database compare that one's ``uid`` and ``pid`` with the path (spec/auth §10).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from datetime import datetime

    from shared.kernel.principal import Principal

AUDIENCE = (
    "https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit"
)
LIFE_SECONDS = 3600
"""The longest that Firebase takes ("Create custom tokens", table of claims)."""


class CustomToken(BaseModel):
    """What a client signs in to Firebase with.

    Attributes:
        expires_in: Seconds in which it can be used.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"custom_token": "eyJ…", "expires_in": LIFE_SECONDS}]}
    )

    custom_token: str
    expires_in: int = LIFE_SECONDS


def custom_claims(who: Principal, *, account: str, now: datetime) -> dict[str, Any]:
    """Return the claims of a custom token, as Firebase wants them.

    Args:
        who: Whose documents it opens, and of which profile.
        account: Mail address of the service account that signs.
        now: When it is made.
    """
    issued = int(now.timestamp())
    return {
        "iss": account,
        "sub": account,
        "aud": AUDIENCE,
        "iat": issued,
        "exp": issued + LIFE_SECONDS,
        "uid": who.sub,
        "claims": {"pid": who.pid},
    }
