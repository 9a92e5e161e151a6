"""What passes the door, both ways: lists of what may, so that anything new stays out."""

import re
from collections.abc import Mapping, Sequence

REQUEST_HEADERS = frozenset(
    {
        "accept",
        "accept-language",
        "authorization",
        "content-encoding",
        "content-type",
        "idempotency-key",
        "if-match",
        "if-none-match",
        "traceparent",
        "tracestate",
        "user-agent",
        "x-hub-signature",
        "x-idempotency-key",
        "x-pin-token",
        "x-webhook-signature",
        "x-webhook-timestamp",
    }
)
"""Spec/gateway §5.1, what platforms sign their notices with (spec/ingestion §5.10), and that a
household's PIN was shown (spec/auth §5.12); identity headers of any kind are not among them."""

RESPONSE_HEADERS = frozenset(
    {
        "age",
        "allow",
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-type",
        "deprecation",
        "etag",
        "expires",
        "idempotency-replayed",
        "last-modified",
        "link",
        "location",
        "pragma",  # beside answers with tokens (RFC 6749 §5.1)
        "retry-after",
        "server-timing",
        "sunset",
        "vary",
        "www-authenticate",
        "x-accel-buffering",
        "x-cache",
    }
)

PAGE_REQUEST_HEADERS = frozenset({"origin", "sec-fetch-site"})
"""Of a browser that shows a page of ours: who made it ask."""
POLICY = "content-security-policy"
_OWN_COOKIE = re.compile(r"__Host-[A-Za-z0-9_-]+=")
"""Only this very host can have set it (RFC 6265bis §4.1.3.2)."""

_NONCE = re.compile(r"[A-Za-z0-9+/_-]{22,}={0,2}")
_FEATURES = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)

SECURITY_HEADERS = {
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": ", ".join(f"{feature}=()" for feature in _FEATURES),
    "cross-origin-resource-policy": "same-site",
}
"""Spec/gateway §5.9, on every answer; no feature is granted to anybody. Passkeys, which
our own pages ask for, are not named: browsers keep them to the page's own origin."""

_NOWHERE = "'none'"

PROBLEM = "application/problem+json"
"""What errors are answered with (RFC 9457 §3)."""

CLIENT_NETWORK = "x-client-network"
"""Header by which a service learns where its caller is; what callers put there goes no further."""
CLIENT_PLACE = "x-client-place"
"""Likewise where on Earth that is, as the edge guesses: latitude and longitude."""
HOP_MILLISECONDS = 5
"""What one hop takes off the deadline it passes on."""


def forwarded(
    given: Mapping[str, str],
    *,
    request_id: str,
    budget_ms: int,
    network: str = "",
    place: str = "",
    page: bool = False,
) -> dict[str, str]:
    """Return the headers that go to the service.

    Args:
        given: The caller's, names in lower case.
        request_id: Already validated.
        budget_ms: What is left of the request's time.
        network: Where the caller is; empty where the answer is for others too.
        place: Where on Earth; empty likewise, and where nobody who is believed says it.
        page: The route is for browsers, whose cookies of ours pass.
    """
    where = {CLIENT_NETWORK: network} if network else {}
    if place:
        where[CLIENT_PLACE] = place
    passing = REQUEST_HEADERS | PAGE_REQUEST_HEADERS if page else REQUEST_HEADERS
    kept = {name: value for name, value in given.items() if name in passing}
    if page and (cookies := _own_cookies(given.get("cookie", ""))):
        kept["cookie"] = cookies
    remaining = str(max(1, budget_ms - HOP_MILLISECONDS))
    return kept | where | {"x-request-id": request_id, "x-request-deadline-ms": remaining}


def _own_cookies(cookies: str) -> str:
    """Return those of a browser's cookies that this host set itself."""
    kept = [pair.strip() for pair in cookies.split(";") if _OWN_COOKIE.match(pair.strip())]
    return "; ".join(kept)


def returned(given: Mapping[str, str], *, page: bool = False) -> dict[str, str]:
    """Return the headers that go to the caller.

    Args:
        given: The service's.
        page: The route is for browsers: the service's own policy for its page passes, which like
            ours begins by forbidding everything, and a cookie for this host alone.
    """
    said = {n.lower(): v for n, v in given.items()}
    kept = {n: v for n, v in said.items() if n in RESPONSE_HEADERS} | SECURITY_HEADERS
    if page and said.get(POLICY, "").startswith("default-src 'none';"):
        kept[POLICY] = said[POLICY]
    if page and _OWN_COOKIE.match(said.get("set-cookie", "")):
        kept["set-cookie"] = said["set-cookie"]
    return kept


def is_problem(given: Mapping[str, str]) -> bool:
    """Tell by its headers, names in lower case, whether an answer is a problem (RFC 9457)."""
    return given.get("content-type", "").startswith(PROBLEM)


def takes_pages(given: Mapping[str, str]) -> bool:
    """Tell by its headers, names in lower case, whether a request is a browser's.

    Browsers name HTML where a person will read the answer; programs that take anything do not.
    """
    return "text/html" in given.get("accept", "").lower()


def page_headers(nonce: str, *, forms: Sequence[str] = ()) -> dict[str, str]:
    """Return the security headers of an HTML page of ours.

    Its scripts and styles stand in the page and carry the nonce (CSP Level 3 §2.3.1); it asks
    nobody but us.

    Args:
        nonce: At least 128 random bits in base64 or base64url, new for every answer.
        forms: Where its forms may go, and be sent on to (CSP Level 3 §6.4.1); nowhere by default.

    Raises:
        ValueError: It is too short, or has other characters.
    """
    if not _NONCE.fullmatch(nonce):
        raise ValueError("a nonce has 128 bits or more, in base64")
    policy = (
        "default-src 'none'",
        f"script-src 'nonce-{nonce}'",
        f"style-src 'nonce-{nonce}'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        f"form-action {' '.join(forms) or _NOWHERE}",
        "frame-ancestors 'none'",
    )
    return {**SECURITY_HEADERS, "content-security-policy": "; ".join(policy)}
