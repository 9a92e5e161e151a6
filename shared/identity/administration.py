"""Administration of users: what the endpoints take and give, and what is refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.identity.accounts_wishes import Email
from shared.kernel.errors import ConflictError, DeniedError
from shared.kernel.pages import OffsetQuery

IMPERSONATION_LIFE = timedelta(seconds=900)
"""Spec/auth §5.4."""
_UUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
_USER: dict[str, Any] = {
    "id": "7d0f6f7e-3f0a-4a52-9c0b-5b1f0a4c9f11",
    "email": "ada@example.com",
    "email_verified": True,
    "display_name": "Ada Moreno",
    "region": "US",
    "role": "user",
    "tier": "free",
    "status": "active",
    "suspended_reason": None,
    "created_at": "2026-01-01T00:00:00Z",
    "last_login_at": "2026-01-02T00:00:00Z",
    "deletion_scheduled_at": None,
}
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=500)]
"""Why an administrator does something, in a sentence."""


class OwnAccountError(ConflictError):
    """Administrators do not do this to themselves."""

    code = "own-account"


class AccountClosedError(ConflictError):
    """The account is to be deleted, and is not changed until its user has it back."""

    code = "account-closed"


class NotImpersonatedError(DeniedError):
    """Nobody acts as an administrator, or as an account that may not be used."""

    code = "not-impersonated"


def _example(**fields: Any) -> ConfigDict:  # noqa: ANN401 - JSON
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [fields]})


class UsersQuery(OffsetQuery):
    """Which users.

    Attributes:
        search: Stands in the mail address or the name, whatever its case.
    """

    search: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    status: Literal["active", "suspended", "pending_deletion"] | None = None
    sort_by: Literal["email", "display_name", "created_at"] = "created_at"
    order: Literal["asc", "desc"] = "desc"

    def details(self) -> dict[str, Any]:
        """Return what was asked, for the audit log, without the text that was searched for."""
        said = self.model_dump(exclude_none=True)
        return {**said, "search": self.search is not None}


class WhichUser(BaseModel):
    """Which user."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, StringConstraints(pattern=_UUID)]


class DeletedUser(WhichUser):
    """Which user is to be deleted.

    Attributes:
        confirm: The mail address of the account, so that no other is hit by mistake.
    """

    confirm: Email


class UserChange(BaseModel):
    """What to change of a user.

    Attributes:
        suspended: Whether the account may be used.
        reason: Why; needed where an account is suspended.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Literal["user", "premium", "family_admin", "admin"] | None = None
    suspended: bool | None = None
    reason: Said | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if self.role is None and self.suspended is None:
            raise ValueError("say what to change: role, suspended or both")
        if self.suspended and self.reason is None:
            raise ValueError("say why the account is suspended")
        return self

    def details(self) -> dict[str, Any]:
        """Return what is changed, for the audit log."""
        return self.model_dump(exclude_none=True)


class Impersonation(BaseModel):
    """A wish to act as a user.

    Attributes:
        reason: Why, for the audit log.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Said


class User(BaseModel):
    """A user, as administrators see one."""

    model_config = _example(**_USER)

    id: str
    email: str
    email_verified: bool
    display_name: str
    region: str
    role: str
    tier: str
    status: str
    suspended_reason: str | None
    created_at: datetime
    last_login_at: datetime | None
    deletion_scheduled_at: datetime | None


class UserDetails(User):
    """A user, with what they have.

    Attributes:
        sessions: How many are live.
        api_keys: Likewise.
    """

    model_config = _example(**_USER, sessions=2, api_keys=1)

    sessions: int
    api_keys: int


class UserPage(BaseModel):
    """One page of users.

    Attributes:
        total: On all pages.
    """

    model_config = _example(items=[_USER], page=1, per_page=20, total=1)

    items: list[User]
    page: int
    per_page: int
    total: int


class ActingToken(BaseModel):
    """A token with which an administrator acts as a user; no other comes of it."""

    model_config = _example(
        access_token="eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln",  # noqa: S106 - an example
        token_type="Bearer",  # noqa: S106 - a kind of token
        expires_in=900,
        scope="read:content write:watchlist",
    )

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - a kind of token
    expires_in: int
    scope: str
