"""Browsers at the edge: the one cookie they are known by, and forms that are truly theirs."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared.adapters.sql.identity.browser import SqlBrowserSessions
from shared.identity.browser import FormForgedError, is_cookie, must_be_from
from shared.kernel.clock import SystemClock
from shared.runtime.forms import form
from shared.runtime.settings import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.identity.browser import BrowserSession, BrowserSessions
    from shared.runtime.messages import Request

COOKIE = "__Host-mg_session"
"""Taken over TLS or from loopback, and from this very host alone (RFC 6265bis §4.1.3.2)."""
FORM_TOKEN = "csrf"  # noqa: S105 - the name of a field
_KEPT = "; Path=/; Secure; HttpOnly; SameSite=Lax"
_OURS = frozenset({"same-origin", "none"})
"""``Sec-Fetch-Site`` of what we, or nobody but the user, have sent (Fetch Metadata §2.2)."""


@cache
def sessions() -> BrowserSessions:
    """Return the sessions of browsers."""
    return SqlBrowserSessions(SystemClock())


def cookie_of(request: Request) -> str:
    """Return our cookie as a browser sends it, empty where it sends none that could be ours."""
    pairs = (pair.strip().partition("=") for pair in request.headers.get("cookie", "").split(";"))
    found = [value for name, _, value in pairs if name == COOKIE]
    return found[0] if len(found) == 1 and is_cookie(found[0]) else ""


def current(request: Request) -> BrowserSession | None:
    """Return the session of a browser, None where it is not signed in."""
    cookie = cookie_of(request)
    return sessions().find(cookie) if cookie else None


def keep(cookie: str) -> dict[str, str]:
    """Return the header that lets a browser keep a cookie until it is closed."""
    return {"set-cookie": f"{COOKIE}={cookie}{_KEPT}"}


def drop() -> dict[str, str]:
    """Return the header that lets a browser forget its cookie."""
    return {"set-cookie": f"{COOKIE}={_KEPT}; Max-Age=0"}


def own_form(request: Request) -> dict[str, str]:
    """Return the fields of a form that was sent from a page which this browser was given.

    Raises:
        FormForgedError: It was sent from elsewhere, or the browser keeps no cookies.
        MalformedError: It is no form.
    """
    sent = form(request)
    must_be_own(request, sent)
    return sent


def must_be_own(request: Request, sent: Mapping[str, str]) -> None:
    """Refuse a form that was not sent from a page which this browser was given.

    Browsers that say how their page stands to ours are believed: they know under which name of ours
    it was opened. Of others, the page has to be one of the issuer's.

    Raises:
        FormForgedError: It was sent from elsewhere, or the browser keeps no cookies.
    """
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    ours = origin in {None, _origin()} if site is None else site in _OURS
    if not ours:
        raise FormForgedError("the form was sent from a page of somebody else")
    must_be_from(cookie_of(request), sent.get(FORM_TOKEN, ""))


@cache
def _origin_of(address: str) -> str:
    found = urlsplit(address)
    return f"{found.scheme}://{found.netloc}".lower()


def _origin() -> str:
    return _origin_of(settings().issuer)
