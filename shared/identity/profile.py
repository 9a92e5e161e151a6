"""A user's profile: what they see of their account, and what they may change of it."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from shared.identity.accounts_wishes import Name, RegionCode

MOST_PREFERENCES = 50
MOST_BYTES = 8192
"""Of all preferences together, as JSON."""
LONGEST_NAME = 64


def _few(given: dict[str, JsonValue]) -> dict[str, JsonValue]:
    if any(not 0 < len(name) <= LONGEST_NAME for name in given):
        raise ValueError(f"names have 1 to {LONGEST_NAME} characters")
    if "\\u0000" in json.dumps(given).replace("\\\\", ""):
        raise ValueError("leave out the character NUL, which is no part of any text")
    return given


Preferences = Annotated[
    dict[str, JsonValue], Field(max_length=MOST_PREFERENCES), AfterValidator(_few)
]


class ProfileChange(BaseModel):
    """What to change; what is left out stays.

    Attributes:
        preferences: Each named one is replaced, one that is null is taken away; others stay.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    display_name: Name | None = None
    region: RegionCode | None = None
    preferences: Preferences | None = None

    def fields(self) -> list[str]:
        """Return the names of what changes, for the log: never what it changes to."""
        return sorted(self.model_dump(exclude_none=True))


class Profile(BaseModel):
    """A user's own account.

    Attributes:
        region: ISO 3166-1 alpha-2, or empty.
        avatar_url: On this origin; null where there is no picture.
        preferences: Whatever the applications keep for the user.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "id": "7d0f6f7e-3f0a-4a52-9c0b-5b1f0a4c9f11",
                    "email": "ada@example.com",
                    "email_verified": True,
                    "display_name": "Ada Moreno",
                    "region": "US",
                    "role": "user",
                    "tier": "free",
                    "avatar_url": None,
                    "preferences": {"subtitles": "en"},
                    "created_at": "2026-01-01T00:00:00+00:00",
                }
            ]
        },
    )

    id: str
    email: str
    email_verified: bool
    display_name: str
    region: str
    role: str
    tier: str
    avatar_url: str | None
    preferences: dict[str, JsonValue]
    created_at: str


def merged(kept: dict[str, Any], change: dict[str, Any] | None) -> dict[str, Any]:
    """Return preferences with some replaced or taken away (RFC 7396, the first level alone)."""
    whole = {**kept, **(change or {})}
    return {name: value for name, value in whole.items() if value is not None}
