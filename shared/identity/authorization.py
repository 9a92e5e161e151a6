"""Applications that ask a user for access by way of the user's browser (RFC 6749 §4.1, RFC 7636).

    GET /auth/authorize ── not signed in ──▶ /auth/sign-in?request=ID ──┐
       │        ▲                                                       │
       │        └── /auth/authorize/continue?request=ID ◀── signed in ──┘
       ├── third party, nothing allowed yet ──▶ /auth/consent?request=ID ── approve, refuse ──┐
       ▼                                                                                     ▼
    redirect_uri?code&state&iss                                                redirect_uri?…

A request waits `LIFE` for its user, kept for all instances; whoever decides takes it away, so that
it is decided once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from shared.kernel.errors import GoneError

if TYPE_CHECKING:
    from datetime import datetime

    from shared.identity.browser import BrowserSession

LIFE = timedelta(seconds=600)
OPENID = "openid"
"""Scope that asks for an id token (OpenID Connect Core §3.1.2.1); no token covers it."""
SIGN_IN_PAGE = "/auth/sign-in"
CONSENT_PAGE = "/auth/consent"


class RequestGoneError(GoneError):
    """Nobody waits for this decision any more: it was made, or took too long."""

    code = "authorization-gone"


class Prompt(StrEnum):
    """What an application wants its user to be asked (OpenID Connect Core §3.1.2.1)."""

    NONE = "none"
    LOGIN = "login"
    CONSENT = "consent"


class Step(StrEnum):
    """What a request needs next."""

    SIGN_IN = "login_required"
    CONSENT = "consent_required"
    GRANT = "grant"


@dataclass(frozen=True)
class AuthorizationRequest:
    """One request, found good.

    Attributes:
        client_name: As the user is shown it.
        first_party: The application is ours, and its users are not asked.
        redirect_uri: Exactly as it was asked for.
        scopes: Asked for, `OPENID` among them where an id token is.
        challenge: SHA-256 of the verifier, base64url (RFC 7636 §4.2).
        asked_at: When it came.
        resource: Audience of the tokens (RFC 8707); empty is our own.
        prompt: What the user is to be asked.
        max_age: Seconds that the user's proof may be old, None for any.
    """

    id: str
    client_id: str
    client_name: str
    first_party: bool
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    challenge: str
    asked_at: datetime
    nonce: str = ""
    resource: str = ""
    prompt: tuple[str, ...] = ()
    max_age: int | None = None

    @property
    def client_host(self) -> str:
        """Host that vouches for an application that describes itself, empty for others."""
        return urlsplit(self.client_id).hostname or ""

    @property
    def redirect_host(self) -> str:
        """Where the user is sent, empty where that is no host but an application."""
        return urlsplit(self.redirect_uri).hostname or ""

    @property
    def api_scopes(self) -> tuple[str, ...]:
        """Those that tokens cover."""
        return tuple(scope for scope in self.scopes if scope != OPENID)

    def next_step(
        self, session: BrowserSession | None, allowed: tuple[str, ...], now: datetime
    ) -> Step:
        """Return what is needed before the application gets a code.

        Args:
            session: Of the browser.
            allowed: Scopes that the user lets this application have, by an earlier consent.
            now: The time.
        """
        if session is None or not self._is_fresh(session.authenticated_at, now):
            return Step.SIGN_IN
        asks = Prompt.CONSENT in self.prompt
        covered = self.first_party or set(self.api_scopes) <= set(allowed)
        return Step.GRANT if covered and not asks else Step.CONSENT

    def _is_fresh(self, proven: datetime, now: datetime) -> bool:
        """Tell whether a user's proof will do; one given since the request was made always does."""
        if proven >= self.asked_at:
            return True
        young = self.max_age is None or now - proven <= timedelta(seconds=self.max_age)
        return young and Prompt.LOGIN not in self.prompt


class Requests(Protocol):
    """Requests that wait for their users, for every instance."""

    def keep(self, request: AuthorizationRequest) -> None:
        """Keep a request for `LIFE`."""

    def find(self, request_id: str, now: datetime) -> AuthorizationRequest | None:
        """Return a request, None where it was decided or its time is over."""

    def take(self, request_id: str, now: datetime) -> AuthorizationRequest | None:
        """Return a request and forget it: of several who take it, one is given it."""
