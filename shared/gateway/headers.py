"""What passes the door, both ways: lists of what may, so that anything new stays out."""

import re
from collections.abc import Mapping

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
        "x-webhook-signature",
        "x-webhook-timestamp",
    }
)
"""Spec/gateway §5.1, and what platforms sign their notices with (spec/ingestion §5.10); identity
headers of any kind are not among them."""

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

_NONCE = re.compile(r"[A-Za-z0-9+/_-]{22,}={0,2}")
_FEATURES = (
    "accelerometer",
    "autoplay",
    "bluetooth",
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
    "publickey-credentials-get",
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
"""Spec/gateway §5.9, on every answer; no feature of a browser is granted to anybody."""

CLIENT_NETWORK = "x-client-network"
"""Header by which a service learns where its caller is; what callers put there goes no further."""
HOP_MILLISECONDS = 5
"""What one hop takes off the deadline it passes on."""


def forwarded(
    given: Mapping[str, str], *, request_id: str, budget_ms: int, network: str = ""
) -> dict[str, str]:
    """Return the headers that go to the service.

    Args:
        given: The caller's, names in lower case.
        request_id: Already validated.
        budget_ms: What is left of the request's time.
        network: Where the caller is; empty where the answer is for others too.
    """
    where = {CLIENT_NETWORK: network} if network else {}
    kept = {name: value for name, value in given.items() if name in REQUEST_HEADERS}
    remaining = str(max(1, budget_ms - HOP_MILLISECONDS))
    return kept | where | {"x-request-id": request_id, "x-request-deadline-ms": remaining}


def returned(given: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that go to the caller."""
    kept = {n.lower(): v for n, v in given.items() if n.lower() in RESPONSE_HEADERS}
    return kept | SECURITY_HEADERS


def page_headers(nonce: str) -> dict[str, str]:
    """Return the security headers of an HTML page of ours.

    Its scripts and styles stand in the page and carry the nonce (CSP Level 3 §2.3.1); it asks
    nobody but us, and no form of it goes anywhere.

    Args:
        nonce: At least 128 random bits in base64 or base64url, new for every answer.

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
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    return {**SECURITY_HEADERS, "content-security-policy": "; ".join(policy)}
