"""What the federation endpoints take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

ID = r"^[a-z][a-z0-9-]{0,31}$"


def _example(**fields: Any) -> ConfigDict:  # noqa: ANN401 - JSON
    return ConfigDict(json_schema_extra={"examples": [fields]})


class WhichProvider(BaseModel):
    """A provider, by the name in the path."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str = Field(pattern=ID, examples=["google"])


class BeginFederation(WhichProvider):
    """How a sign-in elsewhere begins.

    Attributes:
        return_to: Path of ours to which the browser goes afterwards.
        link: Ticket of a wish to add the provider to an account.
    """

    return_to: str = Field(default="", max_length=2000)
    link: str = Field(default="", pattern=r"^(?:[A-Za-z0-9_-]{43})?$")


class Brought(BaseModel):
    """What a browser brings back (RFC 6749 §4.1.2, RFC 9207 §2); what else it brings is left."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    state: str = ""
    code: str = ""
    error: str = ""
    iss: str = ""
    user: str = ""

    def given(self) -> dict[str, str]:
        """Return what it brought; a parameter without a value is none (RFC 6749 §3.1)."""
        return {name: said for name in Brought.model_fields if (said := getattr(self, name))}


class BroughtBack(Brought, WhichProvider):
    """The same in an address, with the provider's name."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class LinkedAccount(BaseModel):
    """An account elsewhere that opens the caller's own.

    Attributes:
        email: As the provider said it when both were linked, or empty.
    """

    provider: str
    email: str
    linked_at: datetime


class LinkedAccounts(BaseModel):
    """Every account elsewhere that opens the caller's own."""

    model_config = _example(
        items=[
            {
                "provider": "google",
                "email": "nora@example.com",
                "linked_at": "2026-10-01T12:00:00Z",
            }
        ]
    )

    items: list[LinkedAccount]


class LinkStart(BaseModel):
    """Where the caller's signed-in browser goes to add a provider.

    Attributes:
        expires_in: Seconds.
    """

    model_config = _example(
        location="/auth/oauth/google/authorize?link=Jt3vS1pWm0c9lq2xZ8aYbR7kNfUeHdGoIiTtVvCcBbA",
        expires_in=300,
    )

    location: str
    expires_in: int = 300
