"""What the endpoints of second factors take."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.identity.accounts_wishes import Typed
from shared.identity.factors_judge import Typed as TypedCode
from shared.identity.factors_step_up import Again

Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
BackupCode = Annotated[str, StringConstraints(min_length=10, max_length=20)]
MfaToken = Annotated[str, StringConstraints(pattern=r"^mgm_[A-Za-z0-9_-]{43}$")]
Credential = Annotated[dict[str, Any], Field(max_length=20)]
"""What a browser gave for a passkey: ``PublicKeyCredential.toJSON()`` (WebAuthn level 3 §5.1)."""


class Wish(BaseModel):
    """What somebody asks for; a field that nobody knows is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FirstCode(Wish):
    """The first code of an authenticator app that waits for it."""

    code: Digits


class OwnFactor(Wish):
    """A code of what the user has, or neither, where the token already tells of it."""

    code: Digits | None = None
    backup_code: BackupCode | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if self.code and self.backup_code:
            raise ValueError("send a code or a backup code, not both")
        return self

    @property
    def typed(self) -> TypedCode:
        """What was typed."""
        return TypedCode(self.code or "", self.backup_code or "")


class FactorCode(Wish):
    """The second step of a sign-in: the token of the first, and one of the codes."""

    mfa_token: MfaToken
    code: Digits | None = None
    backup_code: BackupCode | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if bool(self.code) == bool(self.backup_code):
            raise ValueError("send a code or a backup code")
        return self

    @property
    def typed(self) -> TypedCode:
        """What was typed."""
        return TypedCode(self.code or "", self.backup_code or "")


class StepUpWish(Wish):
    """A proof of who the user is: one of these."""

    password: Typed | None = None
    code: Digits | None = None
    backup_code: BackupCode | None = None
    passkey: Credential | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        given = (self.password, self.code, self.backup_code, self.passkey)
        if sum(each is not None for each in given) != 1:
            raise ValueError("send a password, a code, a backup code or a passkey")
        return self

    @property
    def again(self) -> Again:
        """What was shown."""
        password = self.password.get_secret_value() if self.password else ""
        return Again(password, self.code or "", self.backup_code or "", self.passkey)
