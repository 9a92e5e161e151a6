"""Applications: who may ask for tokens, how, and for what (RFC 6749 §2)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from shared.identity.clients_redirects import is_registered
from shared.identity.tokens import digest
from shared.kernel.errors import ConflictError

if TYPE_CHECKING:
    from datetime import datetime, timedelta

CODE_GRANT = "authorization_code"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
REFRESH_GRANT = "refresh_token"
PUBLIC_METHODS = frozenset({"none"})
CONFIDENTIAL_METHODS = frozenset({"client_secret_basic", "client_secret_post"})
INTROSPECTION = "introspection"


class ApplicationTypeError(ConflictError):
    """An application is registered as one that can, or cannot, keep a secret."""

    code = "application-type"


@dataclass(frozen=True)
class Client:
    """One application.

    Attributes:
        name: As users are shown it.
        secret_hash: SHA-256 of a confidential one's secret; None makes it public.
        grant_types: Those it may use.
        scopes: Those it may ask for.
        idle: How long a refresh token of its lives unused.
        absolute: How long a session lives at most.
        rotation_limit: Rotations after which a new sign-in is needed, None for no limit.
        disabled: It may have nothing.
        redirect_uris: Where a browser may bring it a code.
        first_party: It is ours, and users are not asked what it may have.
    """

    client_id: str
    name: str
    grant_types: tuple[str, ...]
    scopes: tuple[str, ...]
    idle: timedelta
    absolute: timedelta
    secret_hash: bytes | None = None
    rotation_limit: int | None = None
    disabled: bool = False
    redirect_uris: tuple[str, ...] = ()
    first_party: bool = False

    @property
    def is_confidential(self) -> bool:
        """Whether it can keep a secret (RFC 6749 §2.1)."""
        return self.secret_hash is not None

    def knows(self, secret: str) -> bool:
        """Tell whether a secret is its own, in a time that does not tell how much of it is."""
        return self.secret_hash is not None and hmac.compare_digest(
            digest(secret), self.secret_hash
        )

    def may_prove_itself_by(self, method: str, endpoint: str) -> bool:
        """Tell whether it may show who it is in this way (RFC 7591 §2) at an endpoint.

        What a token says is told to confidential applications alone (RFC 7662 §2.1).
        """
        methods = CONFIDENTIAL_METHODS if self.is_confidential else PUBLIC_METHODS
        return method in methods and (endpoint != INTROSPECTION or self.is_confidential)

    def is_at(self, redirect_uri: str) -> bool:
        """Tell whether a browser may bring it a code at an address."""
        return is_registered(redirect_uri, self.redirect_uris)

    def token_ends(self, now: datetime, session_ends: datetime) -> datetime:
        """Return until when a refresh token that is made now can be used."""
        return min(now + self.idle, session_ends)


class Clients(Protocol):
    """The applications that are registered."""

    def find(self, client_id: str) -> Client | None:
        """Return an application, None where there is none or it is disabled."""
