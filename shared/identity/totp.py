"""Codes of authenticator apps: one of six digits each 30 seconds (RFC 6238, spec/auth §5.7)."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote, urlencode

from shared.identity.factors import LABEL

if TYPE_CHECKING:
    from datetime import datetime

PERIOD_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
"""As many as SHA-1 gives (RFC 4226 §4, R6)."""
DRIFT = (0, -1, 1)
"""Steps around now that are taken: clocks differ, and codes are typed slowly (RFC 6238 §5.2)."""


class Codes(Protocol):
    """HMAC-based one-time passwords (RFC 4226)."""

    def new_secret(self) -> str:
        """Return `SECRET_BYTES` random bytes in base32."""

    def code(self, secret: str, step: int) -> str:
        """Return the code of a step."""


def step_of(moment: datetime) -> int:
    """Return T of RFC 6238 §4.2: periods since 1970."""
    return int(moment.timestamp()) // PERIOD_SECONDS


def matching_step(codes: Codes, secret: str, given: str, now: datetime) -> int | None:
    """Return the step whose code was given, None for none; the time taken tells nothing."""
    current, typed = step_of(now), given.encode()
    steps = [current + drift for drift in DRIFT]
    found = [s for s in steps if compare_digest(codes.code(secret, s).encode(), typed)]
    return found[0] if found else None


def app_address(secret: str, email: str) -> str:
    """Return what an app reads, often as a QR code (Key URI Format of Google Authenticator)."""
    said = {"secret": secret, "issuer": LABEL, "period": PERIOD_SECONDS, "digits": DIGITS}
    return f"otpauth://totp/{LABEL}:{quote(email)}?{urlencode(said)}"
