"""Sign in with Apple: a signed client secret, an answer that is posted, a name told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters.federation.oidc import OpenIdProvider
from shared.adapters.federation.provider import name_of
from shared.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.identity.federation import Person

SECRET_LIFE = timedelta(minutes=5)
"""Apple takes up to six months; made anew for each call it need not live longer."""


class AppleProvider(OpenIdProvider):
    """`shared.adapters.federation.provider.Provider` of Apple.

    Apple answers with a form that its page sends ("response_mode=form_post", which it demands where
    a name or address is asked for), and tells the person's name in it the first time, and never
    again. That part is not signed: the name is taken from it, the address never.
    """

    posts = True

    def extra_parameters(self) -> dict[str, str]:
        """Return what Apple is asked beside the usual."""
        return {"response_mode": "form_post", "scope": "name email"}

    def described(self, claims: Mapping[str, Any], answer: Mapping[str, str]) -> Person:
        """Return the person of a good id token, with the name that came beside it."""
        found = super().described(claims, answer)
        verified = claims.get("email_verified") in (True, "true")  # Apple writes either
        return replace(found, email_verified=verified, name=_name(answer.get("user", "")))

    def secret(self) -> str:
        """Return a JWT that proves us (Apple, "Creating a client secret")."""
        from joserfc import jwt  # noqa: PLC0415 - 60 ms, only where tokens are signed
        from joserfc.jwk import ECKey  # noqa: PLC0415 - with it

        ours, now = self._settings, self._clock.now()
        claims = {
            "iss": ours.team_id,
            "sub": ours.client_id,
            "aud": ours.issuer,
            "iat": int(now.timestamp()),
            "exp": int((now + SECRET_LIFE).timestamp()),
        }
        try:
            key = ECKey.import_key(ours.private_key.get_secret_value())
        except ValueError:
            raise UnavailableError(f"the private key of {ours.id} cannot be read") from None
        return jwt.encode({"alg": "ES256", "kid": ours.key_id}, claims, key)


def _name(said: str) -> str:
    try:
        parts = orjson.loads(said)["name"]
        return name_of(f"{parts.get('firstName', '')} {parts.get('lastName', '')}")
    except (orjson.JSONDecodeError, LookupError, TypeError, AttributeError):
        return ""
