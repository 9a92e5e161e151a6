"""Browsers that are signed in on our own pages: sessions of theirs, and forms that are.

    first page ── new cookie ──▶ signs in ── another cookie ──▶ session
                                    └── second factor ── its token ──▶ session

A cookie is 256 random bits and is made anew with every step, so that nobody can hand somebody a
cookie and be signed in with them (session fixation); of a session, only its SHA-256 is kept. A form
carries what follows from its browser's cookie and from nothing else (`form_token`), which no other
site can know.
"""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from shared.kernel.errors import ConflictError, DeniedError, UnauthenticatedError
from shared.kernel.principal import REALM

if TYPE_CHECKING:
    from datetime import datetime

    from shared.identity.proof import Proof

IDLE = timedelta(minutes=30)
LIFE = timedelta(hours=12)
"""OWASP ASVS 4.0.3 §3.3.2, level 2. Applications stay signed in by their own tokens; this session
only lets them in, and shows the account."""
VISITOR_PREFIX = "mgp_"
SESSION_PREFIX = "mgb_"
_COOKIE = re.compile(r"mg[a-z]_[A-Za-z0-9_-]{43}")
_FORM = b"form"


class FormForgedError(DeniedError):
    """The form was not sent from a page that this browser was given."""

    code = "form-forged"


class FormSentError(ConflictError):
    """The form was sent before, or its page was open for too long."""

    code = "form-sent"


class SignInNeededError(UnauthenticatedError):
    """Nobody is signed in in this browser.

    Attributes:
        challenge: Value of ``WWW-Authenticate`` (RFC 9110 §11.6.1).
    """

    code = "sign-in-needed"
    challenge = REALM


@dataclass(frozen=True)
class BrowserSession:
    """A browser whose user has proven who they are.

    Attributes:
        methods: How (RFC 8176).
        authenticated_at: When.
        csrf: What forms of its pages carry.
        version: Of the account's tokens when it began, and now.
    """

    id: str
    user_id: str
    methods: tuple[str, ...]
    authenticated_at: datetime
    csrf: str
    version: int


@dataclass(frozen=True)
class BrowserLine:
    """A session of a browser as its user sees it.

    Attributes:
        network: Where it began.
    """

    id: str
    user_agent: str
    network: str
    created_at: datetime
    last_used_at: datetime


class BrowserSessions(Protocol):
    """Sessions of browsers; what is answered is written, and the clock decides what is over."""

    def start(self, proof: Proof, network: str = "", *, user_agent: str = "") -> str:
        """Return the cookie of a new session.

        Raises:
            SessionRefusedError: The account may have none, or its sessions have just been ended.
        """

    def find(self, cookie: str) -> BrowserSession | None:
        """Return the session of a cookie, None where there is none or it is over."""

    def end(self, cookie: str) -> None:
        """End the session of a cookie; where there is none, nothing happens."""

    def of(self, user_id: str) -> tuple[BrowserLine, ...]:
        """Return the live sessions of a user, the one used last first."""

    def end_one(self, user_id: str, session_id: str) -> bool:
        """End a session of a user's; False where they have no such session."""


def new_cookie(prefix: str) -> str:
    """Return 256 random bits with the prefix of their kind."""
    return prefix + secrets.token_urlsafe(32)


def is_cookie(value: str) -> bool:
    """Tell whether a text has the form of a cookie of ours."""
    return _COOKIE.fullmatch(value) is not None


def form_token(cookie: str) -> str:
    """Return what the forms of a browser carry: it follows from the cookie, and not the reverse."""
    made = hmac.digest(cookie.encode(), _FORM, "sha256")
    return urlsafe_b64encode(made).rstrip(b"=").decode()


def must_be_from(cookie: str, token: str) -> None:
    """Refuse a form that was not sent from a page of the browser with this cookie.

    Raises:
        FormForgedError: It was not, or the browser keeps no cookies.
    """
    if not cookie or not hmac.compare_digest(form_token(cookie).encode(), token.encode()):
        raise FormForgedError("the form is not from a page that this browser was given")
