"""What the account endpoints take and give."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    SecretStr,
    StringConstraints,
)

from shared.identity.accounts import normalized_email
from shared.identity.own_applications import OwnApplication
from shared.identity.passwords import RAW_MOST
from shared.kernel.text import clean

_DEVICE = "0d6c7a0e-3333-4a52-9c0b-5b1f0a4c9f11"


def _address(given: str) -> str:
    found = normalized_email(given)
    if found is None:
        raise ValueError("write it as name@example.com")
    return found


def _name(given: str) -> str:
    found = clean(given)
    if not found:
        raise ValueError("write at least one character")
    return found


Email = Annotated[str, Field(max_length=320), AfterValidator(_address)]
Typed = Annotated[SecretStr, Field(min_length=1, max_length=RAW_MOST)]
"""A password, or a token of a mail: never shown, whatever prints the model."""
Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_name)]
RegionCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Label = Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]

DeviceId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class _Wish(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _example(**fields: Any) -> ConfigDict:  # noqa: ANN401 - JSON
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [fields]})


class Register(_Wish):
    """A wish for an account.

    Attributes:
        age_confirmed: The person says that they are old enough; without it there is no account.
    """

    email: Email
    password: Typed
    display_name: Name
    region: RegionCode | None = None
    age_confirmed: Literal[True]


class LogIn(_Wish):
    """A sign-in with a password.

    Attributes:
        client_id: The application that asks.
        device_id: As an earlier sign-in on this device told it; without one it is a new device.
        device_name: As the user calls it.
    """

    email: Email
    password: Typed
    client_id: OwnApplication = "mg-web"
    device_id: DeviceId | None = None
    device_name: Label = ""


class MailToken(_Wish):
    """A token that came by mail."""

    token: Typed


class Address(_Wish):
    """A mail address."""

    email: Email


class Reset(_Wish):
    """A new password, with the token that came by mail.

    Attributes:
        keep_current: Go on with the session that asks, where it is the same user's.
    """

    token: Typed
    new_password: Typed
    keep_current: bool = False


class Change(_Wish):
    """A new password, with the one it replaces.

    Attributes:
        keep_current: Go on with the session that asks.
    """

    current_password: Typed
    new_password: Typed
    keep_current: bool = True


class Message(BaseModel):
    """The same, whether or not the address has an account."""

    model_config = _example(message="if the address can be used, a mail is on its way to it")

    message: str

    @classmethod
    def on_its_way(cls) -> Self:
        """Return what is answered wherever only the mailbox may learn more."""
        return cls(message="if the address can be used, a mail is on its way to it")


class Tokens(BaseModel):
    """What a session begins with (RFC 6749 §5.1)."""

    model_config = _example(
        access_token="eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln",  # noqa: S106 - an example
        refresh_token="mgr_0uQ5p2Yc1l7m3n9R8s6t4v2x0z1A3C5E7G9I1K3M5O7",  # noqa: S106 - likewise
        token_type="Bearer",  # noqa: S106 - likewise
        expires_in=900,
        scope="read:content write:watchlist",
    )

    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int
    scope: str


class FactorNeeded(BaseModel):
    """The password was right, and a second factor is asked for.

    Attributes:
        mfa_token: For the next request, good for 300 s.
        methods: Any of them will do: ``otp``, ``passkey``.
    """

    model_config = _example(
        mfa_required=True,
        mfa_token="mgm_0uQ5p2Yc1l7m3n9R8s6t4v2x0z1A3C5E7G9I1K3M5O7",  # noqa: S106 - an example
        methods=["otp", "passkey"],
    )

    mfa_required: Literal[True]
    mfa_token: str
    methods: list[Literal["otp", "passkey"]]


class LoggedIn(RootModel[Tokens | FactorNeeded]):
    """Tokens, or what is asked for before there are any."""


class Ended(BaseModel):
    """How many sessions ended with the old password."""

    model_config = _example(sessions_revoked=2)

    sessions_revoked: int


class LogOut(_Wish):
    """An end to the session that asks.

    Attributes:
        all_devices: To every other session of the user too.
    """

    all_devices: bool = False


class WhichSession(_Wish):
    """Which session."""

    id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]


_SESSION: dict[str, Any] = {
    "id": "0d6c7a0e-2222-4a52-9c0b-5b1f0a4c9f11",
    "client_id": "mg-web",
    "client_name": "Media Gateway in a browser",
    "device_id": _DEVICE,
    "device_name": "Kitchen laptop",
    "user_agent": "Mozilla/5.0",
    "network": "203.0.113.0/24",
    "created_at": "2026-01-01T00:00:00Z",
    "last_used_at": "2026-01-02T00:00:00Z",
    "current": True,
}


class Session(BaseModel):
    """A session of the user's.

    Attributes:
        network: It began in, as far as that is kept; empty where nobody knows.
        current: The request came with it.
    """

    model_config = _example(**_SESSION)

    id: str
    client_id: str
    client_name: str
    device_id: str
    device_name: str
    user_agent: str
    network: str
    created_at: datetime
    last_used_at: datetime
    current: bool


class SessionList(BaseModel):
    """The user's sessions, the one used last first."""

    model_config = _example(items=[_SESSION])

    items: list[Session]
