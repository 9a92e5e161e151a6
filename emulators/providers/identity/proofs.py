"""How an application proves to a token endpoint who it is, and that it began the sign-in."""

from __future__ import annotations

import hmac
from base64 import b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from emulators.providers.identity.state import CLIENT_ID, CLIENT_SECRET, KEY_ID, TEAM_ID

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emulators.providers.identity.state import Grant, State

LONGEST_LIFE_SECONDS = 15_777_000
"""Six months, as Apple counts them."""


def is_client(form: Mapping[str, str], authorization: str) -> bool:
    """Tell whether a request names the client and its secret, in its form or its header."""
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    if authorization.lower().startswith("basic "):
        try:
            text = b64decode(authorization[6:], validate=True).decode()
        except (Base64Error, UnicodeDecodeError):
            return False
        client_id, _, secret = (unquote(part) for part in text.partition(":"))
    return client_id == CLIENT_ID and hmac.compare_digest(secret, CLIENT_SECRET)


def is_apple_client(form: Mapping[str, str], state: State, *, issuer: str, now: float) -> bool:
    """Tell whether the client secret is a JWT by the key that Apple knows."""
    if form.get("client_id") != CLIENT_ID or not state.apple_key:
        return False
    try:
        key = ECKey.import_key(state.apple_key)
        token = jwt.decode(form.get("client_secret", ""), key, algorithms=["ES256"])
    except (JoseError, ValueError):
        return False
    return token.header.get("kid") == KEY_ID and _is_ours(token.claims, issuer, now)


def _is_ours(claims: Mapping[str, Any], issuer: str, now: float) -> bool:
    named = (claims.get("iss"), claims.get("sub"), claims.get("aud"))
    begins, ends = claims.get("iat"), claims.get("exp")
    if named != (TEAM_ID, CLIENT_ID, issuer):
        return False
    if not isinstance(begins, int) or not isinstance(ends, int):
        return False
    return now < ends <= begins + LONGEST_LIFE_SECONDS


def began(grant: Grant, form: Mapping[str, str]) -> bool:
    """Tell whether who redeems a code began its sign-in (RFC 7636 §4.6)."""
    if form.get("redirect_uri") != grant.redirect_uri:
        return False
    if not grant.challenge:
        return "code_verifier" not in form
    digest = sha256(form.get("code_verifier", "").encode()).digest()
    made = urlsafe_b64encode(digest).rstrip(b"=").decode()
    return hmac.compare_digest(made, grant.challenge)
