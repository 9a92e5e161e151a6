"""What an id token says, once it is known to be the provider's, for us, and of this sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from shared.identity.federation import AssertionRefusedError, ProviderDownError
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from datetime import datetime

    from shared.adapters.jwks import KeySource, PublicKey

LEEWAY_SECONDS = 60
LONGEST_SUBJECT = 255
"""OpenID Connect Core §2."""


@dataclass(frozen=True)
class Expected:
    """What an id token has to say."""

    issuer: str
    client_id: str
    nonce: str


async def read(token: str, keys: KeySource, expected: Expected, now: datetime) -> dict[str, Any]:
    """Return the claims of an id token (OpenID Connect Core §3.1.3.7).

    The algorithm is that of the key, never the header's choice, and keys are the provider's own:
    what the header carries or points to is not looked at.

    Raises:
        AssertionRefusedError: It is not good; the message says why and never quotes it.
        ProviderDownError: There is no key to check it with.
    """
    from joserfc import jws  # noqa: PLC0415 - 60 ms, only where tokens are checked
    from joserfc.errors import JoseError  # noqa: PLC0415 - with it

    try:
        found = jws.extract_compact(token.encode())
        key = await _key(found.headers(), keys)
        signature = found.segments["signature"]
        if not key.verify(token.rpartition(".")[0].encode(), _decoded(signature)):
            raise AssertionRefusedError("the id token's signature is not good")
        claims = orjson.loads(found.payload)
        _judge(claims, expected, now)
    except (JoseError, ValueError) as error:
        told = f"the id token is not acceptable: {type(error).__name__}"
        raise AssertionRefusedError(told) from error
    return dict(claims)


async def _key(header: dict[str, Any], keys: KeySource) -> PublicKey:
    kid = header.get("kid")
    if "crit" in header or not isinstance(kid, str):
        raise AssertionRefusedError("the id token's header is not acceptable")
    try:
        await keys.renew()
        key = await keys.find(kid)
    except UnavailableError as error:
        raise ProviderDownError(error.message) from error
    if key is None or header.get("alg") != key.alg:
        raise AssertionRefusedError("the id token's key is not the provider's")
    return key


def _judge(claims: Any, expected: Expected, now: datetime) -> None:  # noqa: ANN401 - any JSON
    """Refuse claims that are not about this sign-in; a missing one is a wrong one."""
    from joserfc.jwt import JWTClaimsRegistry  # noqa: PLC0415 - see above

    if not isinstance(claims, dict):
        raise AssertionRefusedError("the id token says nothing")
    JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client_id},
        nonce={"essential": True, "value": expected.nonce},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
    ).validate(claims)
    # Of several audiences the one that asked is named (§3.1.3.7, steps 3 to 5).
    usual = None if claims["aud"] in (expected.client_id, [expected.client_id]) else ""
    if claims.get("azp", usual) not in (None, expected.client_id):
        raise AssertionRefusedError("the id token was made for another application")
    if not isinstance(claims["nonce"], str) or len(claims["sub"]) > LONGEST_SUBJECT:
        raise AssertionRefusedError("the id token says something that it may not")


def _decoded(segment: bytes) -> bytes:
    from joserfc.util import urlsafe_b64decode  # noqa: PLC0415 - see above

    return urlsafe_b64decode(segment)
