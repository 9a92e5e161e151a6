"""Id tokens: who signed in, for the application that asked (OpenID Connect Core §2).

Authlib's own extension makes no ``at_hash`` for EdDSA and takes 76 ms to load, so what it would
write is written here. No mail address and no name: those are asked for with the access token.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256, sha512
from typing import TYPE_CHECKING, Any

import orjson

from shared.identity.tokens import ACCESS_LIFE

if TYPE_CHECKING:
    from shared.identity.families import Family
    from shared.identity.tokens import Issuer

TYPE = "JWT"
"""Never that of an access token, so that none passes for the other (RFC 8725 §3.11)."""
_HASHES = {"EdDSA": sha512, "RS256": sha256}
"""Of the algorithm's own signature (§3.1.3.6; RFC 8032 §5.1 for Ed25519)."""


def id_token(issuer: Issuer, family: Family, access_token: str, nonce: str) -> str:
    """Return the id token of a new session, good for as long as the access token beside it.

    Args:
        issuer: Signs it.
        family: The session.
        access_token: Given beside it.
        nonce: As the application sent it, or empty.
    """
    now = int(issuer.clock.now().timestamp())
    claims: dict[str, Any] = {
        "iss": issuer.name,
        "sub": family.subject.user_id,
        "aud": family.client_id,
        "exp": now + int(ACCESS_LIFE.total_seconds()),
        "iat": now,
        "auth_time": int(family.authenticated_at.timestamp()),
        "amr": list(family.methods),
        "at_hash": at_hash(access_token, issuer.signer.algorithm),
        "sid": family.id,
    }
    return issuer.signer.compact(orjson.dumps(claims | ({"nonce": nonce} if nonce else {})), TYPE)


def at_hash(access_token: str, algorithm: str) -> str:
    """Return the left half of an access token's hash, base64url (§3.1.3.6)."""
    made = _HASHES[algorithm](access_token.encode()).digest()
    return urlsafe_b64encode(made[: len(made) // 2]).rstrip(b"=").decode()
