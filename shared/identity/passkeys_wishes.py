"""What the endpoints of passkeys take."""

from typing import Annotated

from pydantic import StringConstraints

from shared.identity.accounts_wishes import DeviceId, Label, Name
from shared.identity.factors_wishes import Credential, MfaToken, Wish
from shared.identity.own_applications import OwnApplication


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
    client_id: OwnApplication = "mg-web"
    device_id: DeviceId | None = None
    device_name: Label = ""


class WhichPasskey(Wish):
    """Which passkey."""

    id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class PasskeyName(Wish):
    """Another name of a passkey."""

    name: Name
