"""One-time passwords of RFC 4226, as pyotp makes them."""

from __future__ import annotations

import secrets
from base64 import b32encode

from shared.identity.totp import DIGITS, SECRET_BYTES


class PyotpCodes:
    """`shared.identity.totp.Codes`: HMAC-SHA-1, six digits."""

    def new_secret(self) -> str:
        """Return random bytes in base32, which has no padding for 20 of them."""
        return b32encode(secrets.token_bytes(SECRET_BYTES)).decode()

    def code(self, secret: str, step: int) -> str:
        """Return the code of a step."""
        from pyotp import HOTP  # noqa: PLC0415 - 25 ms, only where a code is judged

        return HOTP(secret, digits=DIGITS).at(step)
