"""What passes the door, both ways: lists of what may, so that anything new stays out."""

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
    }
)
"""Spec/gateway §5.1; identity headers of any kind are not among them."""

RESPONSE_HEADERS = frozenset(
    {
        "cache-control",
        "content-encoding",
        "content-language",
        "content-type",
        "deprecation",
        "etag",
        "last-modified",
        "link",
        "location",
        "retry-after",
        "server-timing",
        "sunset",
        "vary",
        "www-authenticate",
    }
)

SECURITY_HEADERS = {
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-resource-policy": "same-site",
}
"""Spec/gateway §5.9, on every answer."""

HOP_MILLISECONDS = 5
"""What one hop takes off the deadline it passes on."""


def forwarded(given: Mapping[str, str], *, request_id: str, budget_ms: int) -> dict[str, str]:
    """Return the headers that go to the service.

    Args:
        given: The caller's, names in lower case.
        request_id: Already validated.
        budget_ms: What is left of the request's time.
    """
    kept = {name: value for name, value in given.items() if name in REQUEST_HEADERS}
    remaining = str(max(1, budget_ms - HOP_MILLISECONDS))
    return kept | {"x-request-id": request_id, "x-request-deadline-ms": remaining}


def returned(given: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that go to the caller."""
    kept = {n.lower(): v for n, v in given.items() if n.lower() in RESPONSE_HEADERS}
    return kept | SECURITY_HEADERS
