"""Id tokens as the fakes sign them, and as they must not be believed."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from emulators.providers.identity.state import CLIENT_ID

if TYPE_CHECKING:
    from emulators.providers.identity.state import Fake, Grant

LIFE_SECONDS = 3600


def id_token(fake: Fake, grant: Grant, *, issuer: str, now: float) -> str:
    """Return a token for a grant, as wrong as the fake is told to be."""
    claims = _claims(grant, issuer, int(now)) | _wrong(fake.fault, int(now))
    key = fake.key()
    header = {"alg": "RS256", "kid": key.thumbprint(), "typ": "JWT"}
    if fake.fault == "alg_none":
        return _joined({**header, "alg": "none"}, claims, b"")
    if fake.fault == "alg_confusion":
        return _confused({**header, "alg": "HS256"}, claims, key)
    if fake.fault == "unknown_kid":
        stranger = RSAKey.generate_key(2048)
        return jwt.encode({**header, "kid": stranger.thumbprint()}, claims, stranger)
    return jwt.encode(header, claims, key)


def key_set(fake: Fake) -> dict[str, Any]:
    """Return the public keys of a fake."""
    fake.key()
    return {
        "keys": [
            key.as_dict(private=False, use="sig", alg="RS256", kid=key.thumbprint())
            for key in fake.keys
        ]
    }


def _claims(grant: Grant, issuer: str, now: int) -> dict[str, Any]:
    person = grant.person
    # Apple writes the flag as a text (its "Authenticating users", table of claims).
    verified: object = person.email_verified
    if grant.provider == "apple":
        verified = str(person.email_verified).lower()
    said = {"email": person.email, "email_verified": verified} if person.email else {}
    named = {"name": person.name} if grant.provider != "apple" and person.name else {}
    return {
        "iss": issuer,
        "sub": str(person.subject),
        "aud": CLIENT_ID,
        "iat": now,
        "exp": now + LIFE_SECONDS,
        **({"nonce": grant.nonce} if grant.nonce else {}),
        **said,
        **named,
    }


def _wrong(fault: str, now: int) -> dict[str, Any]:
    """Return the claims that a fault changes."""
    wrong: dict[str, dict[str, Any]] = {
        "wrong_nonce": {"nonce": "of-another-sign-in"},
        "wrong_aud": {"aud": "another-application"},
        "wrong_iss": {"iss": "https://another.example"},
        "expired": {"iat": now - 2 * LIFE_SECONDS, "exp": now - LIFE_SECONDS},
    }
    return wrong.get(fault, {})


def _confused(header: dict[str, Any], claims: dict[str, Any], key: RSAKey) -> str:
    """Return a token "signed" with the public key as if it were a secret (RFC 8725 §2.1)."""
    signed = _joined(header, claims, b"").rstrip(".")
    secret = key.as_pem(private=False)
    return f"{signed}.{_segment(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def _joined(header: dict[str, Any], claims: dict[str, Any], signature: bytes) -> str:
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(_segment(part) for part in parts)


def _segment(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
