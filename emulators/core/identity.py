"""Signed identity tokens and their public keys.

The key, and the libraries that sign with it, are loaded when the first token is wanted.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from emulators.core import errors

if TYPE_CHECKING:
    from pathlib import Path

    from emulators.core.clock import Clock
    from emulators.core.keys import Key

ISSUER = "https://accounts.google.com"
ACCESS = "https://www.googleapis.com/auth/cloud-platform"
"""Audience of our access tokens, so that they serve as no identity token."""
LIFETIME_SECONDS = 3600
# A token younger than this is handed out again: an RSA signature costs about a millisecond.
_REUSE_SECONDS = 300
EXPIRES_IN_SECONDS = LIFETIME_SECONDS - _REUSE_SECONDS
"""What is left at least of a token that is handed out."""


class Signer:
    """Signs and checks OIDC-shaped identity tokens (RS256).

    Args:
        clock: Gives ``iat`` and ``exp``.
        state_dir: Where the key is kept between runs; None makes a key for this run alone.
    """

    def __init__(self, clock: Clock, state_dir: Path | None = None) -> None:
        self._clock = clock
        self._state_dir = state_dir
        self._issued: dict[tuple[str, str], tuple[float, str]] = {}

    def token(self, audience: str, email: str) -> str:
        """Return a token for ``audience`` that names ``email``, valid for 55 minutes at least."""
        now = self._clock.now()
        issued_at, token = self._issued.get((audience, email), (0.0, ""))
        if not token or now - issued_at > _REUSE_SECONDS:
            issued_at, token = now, self._sign(audience, email, int(now))
            self._issued[audience, email] = issued_at, token
        return token

    def access_token(self, email: str) -> str:
        """Return an access token of an account, valid for `EXPIRES_IN_SECONDS` at least."""
        return self.token(ACCESS, email)

    def pem_certificates(self) -> dict[str, str]:
        """Return a certificate of each public key by its id, PEM, as older libraries want them."""
        return {self._key.id: self._key.certificate()}

    def jwks(self) -> dict[str, Any]:
        """Return the public keys as a JSON Web Key Set."""
        return {"keys": [self._key.public()]}

    def verify(self, token: str, audience: str) -> dict[str, Any]:
        """Return the claims of a token signed here, for ``audience``, that has not expired.

        Raises:
            EmulatorError: UNAUTHENTICATED, with what is wrong.
        """
        try:
            claims = self._key.claims(token)
        except ValueError as error:
            raise errors.unauthenticated(f"identity token is not valid: {error}") from error
        if claims.get("aud") != audience:
            raise errors.unauthenticated(
                f"identity token is for {claims.get('aud')!r}, not {audience!r}"
            )
        if claims.get("exp", 0) <= self._clock.now():
            raise errors.unauthenticated(f"identity token expired at {claims.get('exp')}")
        return claims

    @cached_property
    def _key(self) -> Key:
        from emulators.core.keys import Key  # noqa: PLC0415 - with it come the signing libraries

        return Key.kept(self._state_dir) if self._state_dir else Key()

    def _sign(self, audience: str, email: str, now: int) -> str:
        claims = {
            "iss": ISSUER,
            "aud": audience,
            "azp": email,
            "sub": email,
            "email": email,
            "email_verified": True,
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
        }
        return self._key.sign(claims)


def service_account(project: str, name: str = "local") -> str:
    """Return the e-mail address of a service account of the project."""
    return f"{name}@{project}.iam.gserviceaccount.com"
