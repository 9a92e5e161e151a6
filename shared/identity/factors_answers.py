"""What the endpoints of second factors give."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from shared.identity.tokens import ACCESS_LIFE

CODES = ["23456-789AB", "CDEFG-HJKLM"]


def example(**fields: Any) -> ConfigDict:  # noqa: ANN401 - JSON
    """Return the configuration of an answer with an example."""
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [fields]})


class Enrollment(BaseModel):
    """An authenticator app's secret, shown once; it counts from its first good code on.

    Attributes:
        otpauth_uri: What apps scan.
        secret: The same for whoever types it, base32.
        qr_png: The same as a picture, a ``data:`` URI.
        qr_png: The same as a picture, a ``data:`` URI.
    """

    model_config = example(
        otpauth_uri="otpauth://totp/MediaGateway:nora%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=MediaGateway&period=30&digits=6",
        secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",  # noqa: S106 - an example
        qr_png="data:image/png;base64,iVBORw0KGgo=",
    )

    otpauth_uri: str
    secret: str
    qr_png: str


class BackupCodes(BaseModel):
    """Codes that work once each, shown once."""

    model_config = example(backup_codes=CODES)

    backup_codes: list[str]


class SteppedUp(BaseModel):
    """A new access token of the same session (RFC 6749 §5.1); its refresh token stays good."""

    model_config = example(
        access_token="eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln",  # noqa: S106 - an example
        token_type="Bearer",  # noqa: S106 - likewise
        expires_in=900,
    )

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a kind of token
    expires_in: int = int(ACCESS_LIFE.total_seconds())
