"""Custom tokens of Firebase, signed with a service account's key from Secret Manager.

The secret ``firebase-signing-key`` holds the key file of a service account, as Google writes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters import connect
from shared.adapters.secrets import secret
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "firebase-signing-key"
LEAST_BITS = 2048


@dataclass(frozen=True)
class ServiceAccount:
    """Signs as a service account.

    Attributes:
        email: Of the account.
        key_id: Under which Google knows the key.
        key: Private, RSA.
    """

    email: str
    key_id: str
    key: Any

    def signed(self, claims: Mapping[str, Any]) -> str:
        """Return claims as a JWT by RS256, the one algorithm that Firebase takes."""
        from joserfc import jwt  # noqa: PLC0415 - 60 ms, only where tokens are signed

        header = {"alg": "RS256", "typ": "JWT", "kid": self.key_id}
        return jwt.encode(header, dict(claims), self.key)


def read_account(text: str) -> ServiceAccount:
    """Return the account of a key file.

    Raises:
        ValueError: It is none; the message never says what stands in it.
    """
    from joserfc.errors import JoseError  # noqa: PLC0415 - 60 ms, as above
    from joserfc.jwk import RSAKey  # noqa: PLC0415 - with it

    try:
        said = orjson.loads(text)
        key = RSAKey.import_key(said["private_key"])
        found = ServiceAccount(said["client_email"], said["private_key_id"], key)
    except (JoseError, LookupError, TypeError, ValueError):
        raise ValueError("it is no key file of a service account") from None
    if not key.is_private or key.private_key.key_size < LEAST_BITS:  # type: ignore[union-attr]
        raise ValueError("its key is not private, or too short")
    return found


@cache
def service_account() -> ServiceAccount:
    """Return who signs for Firebase in this process.

    Raises:
        UnavailableError: The key cannot be read, or is none.
    """
    reference = f"projects/{connect.addresses().project}/secrets/{NAME}/versions/latest"
    try:
        return read_account(secret(reference))
    except ValueError as error:
        raise UnavailableError(f"secret {NAME}: {error}") from None
