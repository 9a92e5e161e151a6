"""The RSA key that identity tokens are signed with."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

FILE = "signing-key.json"
_BITS = 2048
# Only the key of such a certificate is looked at.
_SERIAL, _FROM, _UNTIL = 1, datetime(2020, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC)


class Key:
    """One key, with which RS256 tokens are signed and checked.

    Args:
        key: It; a new one where none is given.

    Attributes:
        id: Its thumbprint (RFC 7638).
    """

    def __init__(self, key: RSAKey | None = None) -> None:
        self._key = key or RSAKey.generate_key(_BITS)
        self.id = self._key.thumbprint()

    @classmethod
    def kept(cls, folder: Path) -> Key:
        """Return the key that a folder keeps; whoever asks first makes it, for all processes."""
        path = folder / FILE
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f"{FILE}.{secrets.token_hex(4)}")
            fresh.touch(mode=0o600)
            fresh.write_text(json.dumps(RSAKey.generate_key(_BITS).as_dict(private=True)))
            try:
                path.hardlink_to(fresh)
            except FileExistsError:  # another process was first
                pass
            finally:
                fresh.unlink()
        return cls(RSAKey.import_key(json.loads(path.read_text())))

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return a token that says ``claims``."""
        return jwt.encode({"alg": "RS256", "kid": self.id, "typ": "JWT"}, dict(claims), self._key)

    def claims(self, token: str) -> dict[str, Any]:
        """Return what a token says, whomever it is for and however old it is.

        Raises:
            ValueError: This key did not sign it, or it is no token.
        """
        try:
            return dict(jwt.decode(token, self._key, algorithms=["RS256"]).claims)
        except JoseError as error:
            raise ValueError(str(error)) from error

    def public(self) -> dict[str, Any]:
        """Return the public part as a JSON Web Key."""
        return dict(self._key.as_dict(private=False, use="sig", alg="RS256", kid=self.id))

    def certificate(self) -> str:
        """Return a certificate of the public part, PEM."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Media Gateway local cloud")])
        made = x509.CertificateBuilder(name, name, self._key.public_key, _SERIAL, _FROM, _UNTIL)
        key = serialization.load_pem_private_key(self._key.as_pem(private=True), None)
        signed = made.sign(cast("RSAPrivateKey", key), hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.PEM).decode()
