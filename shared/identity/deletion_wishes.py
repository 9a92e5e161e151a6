"""What the endpoints take and give by which an account leaves, comes back, and takes its data."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from shared.identity.accounts_wishes import Email, MailToken, Typed


def _example(**fields: Any) -> ConfigDict:  # noqa: ANN401 - JSON
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [fields]})


class Restore(BaseModel):
    """A wish to have an account back, by the code of its mail or by its password."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"token": "0uQ5p2Yc1l7m3n9R8s6t4v2x0z1A3C5E7G9I1K3M5O7"}]},
    )

    token: Typed | None = None
    email: Email | None = None
    password: Typed | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        by_password = (self.email is None, self.password is None)
        if by_password not in {(True, True), (False, False)}:
            raise ValueError("mail address and password go together")
        if (self.token is None) == (self.email is None):
            raise ValueError("send the code of the mail, or mail address and password")
        return self


class Leaving(BaseModel):
    """When an account will be deleted for good."""

    model_config = _example(deletion_scheduled_at="2026-02-01T00:00:00Z")

    deletion_scheduled_at: datetime


class ExportAsked(BaseModel):
    """A copy that is being built; a mail tells when it is ready."""

    model_config = _example(id="0d6c7a0e-5555-4a52-9c0b-5b1f0a4c9f11", status="building")

    id: str
    status: Literal["building"] = "building"


class Download(MailToken):
    """The code of the mail that told of a copy."""
