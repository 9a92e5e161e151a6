"""Tokens: opaque ones to refresh with, signed ones to show (spec/auth §5.3, §5.4)."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from shared.identity.claims import access_claims

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shared.identity.families import Family
    from shared.kernel.clock import Clock
    from shared.kernel.ids import Ids

ACCESS_LIFE = timedelta(seconds=900)
REFRESH_PREFIX = "mgr_"
"""By which a scanner knows a refresh token that leaked."""
TYPE = "at+jwt"

_REFRESH = re.compile(rf"{REFRESH_PREFIX}[A-Za-z0-9_-]{{43}}")


class Signer(Protocol):
    """Signs with the newest key."""

    @property
    def kid(self) -> str:
        """The key's name: its thumbprint (RFC 7638)."""

    @property
    def algorithm(self) -> str:
        """``EdDSA`` or ``RS256``."""

    def compact(self, claims: bytes, kind: str) -> str:
        """Return claims as a JWS in its compact form (RFC 7515 §7.1).

        Args:
            claims: JSON.
            kind: Value of the header's ``typ``.
        """


@dataclass(frozen=True)
class Issuer:
    """Makes access tokens.

    Attributes:
        name: Value of ``iss``.
        audience: Value of ``aud`` where the session names no other.
        signer: Its key.
        clock: Says when a token is issued.
        ids: Make the ids of tokens.
    """

    name: str
    audience: str
    signer: Signer
    clock: Clock
    ids: Ids

    def access_token(self, family: Family, scopes: Iterable[str]) -> str:
        """Return a token of a session, good from now on for `ACCESS_LIFE`."""
        said = access_claims(
            family,
            scopes,
            token_id=str(self.ids.new()),
            now=self.clock.now(),
            life=ACCESS_LIFE,
        )
        return self.signed({"iss": self.name, "aud": family.audience or self.audience, **said})

    def signed(self, claims: Mapping[str, Any]) -> str:
        """Return claims as an access token (RFC 9068 §2)."""
        return self.signer.compact(orjson.dumps(dict(claims)), TYPE)


def new_refresh_token() -> str:
    """Return 256 random bits with the prefix of their kind."""
    return REFRESH_PREFIX + secrets.token_urlsafe(32)


def is_refresh_token(token: str) -> bool:
    """Tell whether a text has the form of a refresh token."""
    return _REFRESH.fullmatch(token) is not None


def digest(token: str) -> bytes:
    """Return what is kept of a random token: its SHA-256, from which nobody gets it back."""
    return hashlib.sha256(token.encode()).digest()
