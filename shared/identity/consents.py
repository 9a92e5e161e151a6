"""What users allow applications that are not ours (spec/auth §5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.kernel import ids

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from shared.kernel.audit import AuditEvent

GRANTED = "USER_CONSENT"
WITHDRAWN = "USER_CONSENT_WITHDRAWN"
"""Actions of the audit log."""
TOLD = 1
"""Version of what the consent page tells; where that changes, users are asked again."""


@dataclass(frozen=True)
class Consent:
    """One that stands.

    Attributes:
        scopes: Allowed.
        granted_at: When that was last decided.
    """

    client_id: str
    client_name: str
    scopes: tuple[str, ...]
    granted_at: datetime

    @property
    def id(self) -> str:
        """Its name in a path, where an application's own may be an address."""
        return str(ids.named("consent", self.client_id))


class Consents(Protocol):
    """Consents by user and application; what is answered has been written."""

    def allowed(self, user_id: str, client_id: str) -> tuple[str, ...]:
        """Return the scopes of a consent to what the page tells now, none where there is none."""

    def grant(
        self,
        user_id: str,
        client_id: str,
        scopes: Iterable[str],
        *,
        now: datetime,
        event: AuditEvent,
    ) -> None:
        """Let an application have scopes, beside those it may have already."""

    def of(self, user_id: str) -> tuple[Consent, ...]:
        """Return a user's consents, the last one first."""

    def withdraw(self, user_id: str, client_id: str, *, now: datetime, event: AuditEvent) -> bool:
        """End a consent with every session that stands on it; False where there was none."""


class WhichConsent(BaseModel):
    """Whose consent is meant."""

    id: UUID = Field(description="As the list says it.")


class ConsentLine(BaseModel):
    """What one application may have."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "id": "7d0f6f7e-3f0a-5a52-9c0b-5b1f0a4c9f11",
                    "client_id": "https://notes.example/oauth/client.json",
                    "client_name": "Film notes",
                    "scopes": ["read:watchlist"],
                    "granted_at": "2026-01-01T00:00:00Z",
                }
            ]
        },
    )

    id: str
    client_id: str
    client_name: str
    scopes: tuple[str, ...]
    granted_at: AwareDatetime


class ConsentList(BaseModel):
    """A user's consents, the last one first."""

    items: list[ConsentLine]
