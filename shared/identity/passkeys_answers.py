"""What the endpoints of passkeys give."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel

from shared.identity.factors_answers import CODES, example
from shared.identity.passkeys import Passkey

_PASSKEY: dict[str, Any] = {
    "id": "0d6c7a0e-4444-4a52-9c0b-5b1f0a4c9f11",
    "name": "Kitchen laptop",
    "backed_up": True,
    "transports": ["hybrid", "internal"],
    "created_at": "2026-01-01T00:00:00Z",
    "last_used_at": "2026-01-02T00:00:00Z",
}


class PasskeyOptions(BaseModel):
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


class PasskeyMade(BaseModel):
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

    @classmethod
    def of(cls, passkeys: Iterable[Passkey]) -> Self:
        """Return what their user is shown of passkeys."""
        return cls(items=[PasskeyView.of(each) for each in passkeys])
