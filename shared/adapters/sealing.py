"""Secrets of others, sealed before they are stored: JWE with a key of Secret Manager (RFC 7516).

A secret, ``webhook-key`` unless another is named, holds one key a line, the newest first: it seals,
every one opens.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import cache
from typing import TYPE_CHECKING, Any

from shared.adapters import connect
from shared.adapters.secrets import secret
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = "webhook-key"
IDENTITY = "identity-key"
LEAST = 32
"""Characters of a key."""


class Sealer:
    """Seals texts, each for one place: moved elsewhere it cannot be opened.

    Args:
        keys: The first one seals, every one opens.

    Raises:
        ValueError: There is no key, or one is shorter than `LEAST`.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or any(len(key) < LEAST for key in keys):
            raise ValueError(f"sealing needs keys of at least {LEAST} characters")
        self._keys = {_name(key): _key(key) for key in keys}

    def seal(self, text: str, *, place: str) -> str:
        """Return a text that only `open` can read, with the same place."""
        from joserfc import jwe  # noqa: PLC0415 - 60 ms, only where something is sealed

        name, key = next(iter(self._keys.items()))
        header = {"alg": "dir", "enc": "A256GCM", "kid": name, "cty": place}
        return jwe.encrypt_compact(header, text.encode(), key)

    def open(self, sealed: str, *, place: str) -> str:
        """Return what was sealed for a place.

        Raises:
            UnavailableError: Its key is gone, or it was sealed for another place or changed.
        """
        from joserfc import jwe  # noqa: PLC0415 - see above
        from joserfc.errors import JoseError  # noqa: PLC0415 - see above

        try:
            found = jwe.decrypt_compact(sealed, lambda one: self._keys[one.headers()["kid"]])
        except (JoseError, KeyError, ValueError) as error:
            raise UnavailableError(f"what was sealed for {place} cannot be opened") from error
        if found.protected.get("cty") != place or found.plaintext is None:
            raise UnavailableError(f"what is kept at {place} was sealed for another place")
        return found.plaintext.decode()


class Pepper:
    """Digests of texts that nobody makes without a key: HMAC-SHA-256 (RFC 2104).

    Its keys are drawn from those that seal, apart for each purpose (HKDF, RFC 5869), so one secret
    is enough and changes as one.

    Args:
        keys: Of a secret, the newest first.
        purpose: What is digested.
    """

    def __init__(self, keys: Sequence[str], purpose: str) -> None:
        self._keys = [_drawn(key, purpose) for key in keys]

    def digests(self, text: str) -> tuple[bytes, ...]:
        """Return a digest for each key, the newest first."""
        return tuple(hmac.digest(key, text.encode(), "sha256") for key in self._keys)


@cache
def sealer(name: str = NAME) -> Sealer:
    """Return this process's sealer with the keys of a secret.

    Raises:
        UnavailableError: The key cannot be read, or is none.
    """
    try:
        return Sealer(_lines(name))
    except ValueError as error:
        raise UnavailableError(f"secret {name}: {error}") from None


def pepper(purpose: str, name: str = IDENTITY) -> Pepper:
    """Return what digests for a purpose with the keys of a secret.

    Raises:
        UnavailableError: The key cannot be read, or is none.
    """
    sealer(name)  # judges the keys
    return Pepper(_lines(name), purpose)


def _lines(name: str) -> list[str]:
    return secret(f"projects/{connect.addresses().project}/secrets/{name}/versions/latest").split()


def _drawn(key: str, purpose: str) -> bytes:
    """Return 32 bytes for one purpose (RFC 5869 §2.2 and §2.3, a single block)."""
    drawn = hmac.digest(b"media-gateway", key.encode(), "sha256")
    return hmac.digest(drawn, purpose.encode() + b"\x01", "sha256")


def _name(key: str) -> str:
    """Return what tells keys apart and says nothing of them."""
    return hashlib.sha256(b"name\x1f" + key.encode()).hexdigest()[:16]


def _key(key: str) -> Any:  # noqa: ANN401 - a key of joserfc, imported when there is one
    from joserfc.jwk import OctKey  # noqa: PLC0415 - 60 ms, only where something is sealed

    return OctKey.import_key(hashlib.sha256(b"key\x1f" + key.encode()).digest())
