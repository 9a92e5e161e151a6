"""A device that holds passkeys: real keys and signatures, and ways to answer as it should not.

It writes what a browser hands on from ``navigator.credentials`` as JSON (WebAuthn level 3 §5.8.1,
§6.1, §6.5.4).
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import cbor2
import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

if TYPE_CHECKING:
    from collections.abc import Mapping

PRESENT, VERIFIED, SYNCED, MADE = 0x01, 0x04, 0x08 | 0x10, 0x40
"""Bits of the flags: UP, UV, BE with BS, AT."""


@dataclass
class Authenticator:
    """One device with one passkey.

    Attributes:
        origin: Of the page that asks.
        host: Relying party id that it answers for; empty takes the one it is asked for.
        count: Of its uses; it rises by one each time. None counts nothing.
        verifies: It knows its user.
        synced: Its key is on other devices too.
        framed: A page within another origin's asks.
        attestation: Format and statement, which says where the device is from.
    """

    origin: str
    host: str = ""
    count: int | None = 0
    verifies: bool = True
    synced: bool = False
    framed: bool = False
    attestation: tuple[str, dict[str, Any]] = ("none", {})
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user_handle: bytes = b""

    def create(self, options: Mapping[str, Any], challenge: str = "") -> dict[str, Any]:
        """Make a passkey as it is asked to."""
        self.user_handle = _bytes(options["user"]["id"])
        client = self._client("webauthn.create", challenge or options["challenge"])
        told = self._told(options["rp"]["id"], MADE) + self._attested()
        kind, said = self.attestation
        made = cbor2.dumps({"fmt": kind, "attStmt": said, "authData": told})
        return self._answer(
            clientDataJSON=client, attestationObject=made, transports=["internal", "hybrid"]
        )

    def get(
        self, options: Mapping[str, Any], challenge: str = "", *, handle: bytes | None = None
    ) -> dict[str, Any]:
        """Sign what it is asked to."""
        if self.count is not None:
            self.count += 1
        client = self._client("webauthn.get", challenge or options["challenge"])
        told = self._told(options["rpId"])
        signature = self.key.sign(told + sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=client,
            authenticatorData=told,
            signature=signature,
            userHandle=self.user_handle if handle is None else handle,
        )

    def _client(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin}
        return orjson.dumps({**said, "crossOrigin": self.framed})

    def _told(self, host: str, more: int = 0) -> bytes:
        flags = PRESENT | more | (VERIFIED if self.verifies else 0) | (SYNCED if self.synced else 0)
        count = (self.count or 0).to_bytes(4, "big")
        return sha256((self.host or host).encode()).digest() + bytes([flags]) + count

    def _attested(self) -> bytes:
        """Return AAGUID, id and public key: ES256 on P-256 as COSE writes it (RFC 9053 §7.1)."""
        point = self.key.public_key().public_numbers()
        x, y = (each.to_bytes(32, "big") for each in (point.x, point.y))
        length = len(self.credential_id).to_bytes(2, "big")
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        return bytes(16) + length + self.credential_id + public

    def _answer(self, **response: bytes | list[str]) -> dict[str, Any]:
        said = {n: _text(v) if isinstance(v, bytes) else v for n, v in response.items()}
        return {
            "id": _text(self.credential_id),
            "rawId": _text(self.credential_id),
            "type": "public-key",
            "response": said,
            "clientExtensionResults": {},
        }


def _text(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _bytes(written: str) -> bytes:
    return urlsafe_b64decode(written + "=" * (-len(written) % 4))
