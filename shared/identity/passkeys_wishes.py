"""What the endpoints of passkeys take and give."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, StringConstraints

from shared.identity.accounts_wishes import DeviceId, Label, Name
from shared.identity.factors_wishes import CODES, Credential, MfaToken, Wish, example
from shared.identity.passkeys import Passkey

_PASSKEY: dict[str, Any] = {
    "id": "0d6c7a0e-4444-4a52-9c0b-5b1f0a4c9f11",
    "name": "Kitchen laptop",
    "backed_up": True,
    "transports": ["hybrid", "internal"],
    "created_at": "2026-01-01T00:00:00Z",
    "last_used_at": "2026-01-02T00:00:00Z",
}


class NewPasskey(Wish):
    """A passkey that a device has made."""

    credential: Credential
    name: Name | None = None


class AskPasskey(Wish):
    """A wish to show a passkey; with the token of a first step, as the second."""

    mfa_token: MfaToken | None = None


class ShowPasskey(Wish):
    """A passkey that is shown, alone or as the second step of a sign-in.

    Attributes:
        mfa_token: Of the first step, which also said where the session is to be.
        client_id: The application that asks.
        device_id: As an earlier sign-in on this device told it.
        device_name: As the user calls it.
    """

    credential: Credential
    mfa_token: MfaToken | None = None
    client_id: Literal["mg-web", "mg-mobile"] = "mg-web"
    device_id: DeviceId | None = None
    device_name: Label = ""


class Options(BaseModel):
    """What ``navigator.credentials`` is asked with, as JSON (WebAuthn level 3 §5.1.8, §5.1.9)."""

    model_config = example(public_key={"challenge": "c2ln", "rpId": "api.example.com"})

    public_key: dict[str, Any]


class PasskeyView(BaseModel):
    """A passkey of the user's.

    Attributes:
        backed_up: The user's devices share it.
        last_used_at: Null where it was not used yet.
    """

    model_config = example(**_PASSKEY)

    id: str
    name: str
    backed_up: bool
    transports: list[str]
    created_at: datetime
    last_used_at: datetime | None

    @classmethod
    def of(cls, passkey: Passkey) -> Self:
        """Return what its user is shown of a passkey."""
        return cls(
            id=passkey.id,
            name=passkey.name,
            backed_up=passkey.key.backed_up,
            transports=list(passkey.key.transports),
            created_at=passkey.created_at,
            last_used_at=passkey.last_used_at,
        )


class Registered(BaseModel):
    """A new passkey.

    Attributes:
        backup_codes: Shown once, where the account had no second factor before; else none.
    """

    model_config = example(passkey=_PASSKEY, backup_codes=CODES)

    passkey: PasskeyView
    backup_codes: list[str]

    @classmethod
    def of(cls, passkey: Passkey, codes: Iterable[str]) -> Self:
        """Return what is told once of a new passkey."""
        return cls(passkey=PasskeyView.of(passkey), backup_codes=list(codes))


class PasskeyList(BaseModel):
    """The user's passkeys, the oldest first."""

    model_config = example(items=[_PASSKEY])

    items: list[PasskeyView]


class WhichPasskey(Wish):
    """Which passkey."""

    id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class PasskeyName(Wish):
    """Another name of a passkey."""

    name: Name
