"""Which web pages may call us (Fetch Standard, "CORS protocol"): an exact list, nothing else."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_AGE_SECONDS = 3600
ALLOWED_HEADERS = (
    "Accept-Language",
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "X-Pin-Token",
    "X-Request-ID",
    "traceparent",
    "tracestate",
)
EXPOSED_HEADERS = (
    "Deprecation",
    "ETag",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Sunset",
    "WWW-Authenticate",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Request-ID",
)
"""Spec/gateway §5.9, and what a page needs to follow a route that ends."""

_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")


class Cors:
    """Answers browsers that ask on a page's behalf.

    Args:
        origins: As browsers send them: scheme, host in lower case, and port where it is not the
            scheme's own.

    Raises:
        ValueError: One is no origin; ``*`` is none, as it would share what credentials open.
    """

    def __init__(self, origins: Iterable[str]) -> None:
        self._origins = frozenset(origins)
        for origin in sorted(self._origins):
            if not _ORIGIN.fullmatch(origin) or origin.endswith((":80", ":443")):
                raise ValueError(f"{origin!r} is no origin, like https://tv.example")

    def marked(self, origin: str | None, headers: Mapping[str, str]) -> dict[str, str]:
        """Return an answer's headers with those for the page at `origin`.

        ``Vary`` stands on every answer, also where nobody is allowed: a cache must not hand what
        was answered to one page to another.

        Args:
            origin: As it was sent; None where it was not.
            headers: Names in lower case.
        """
        found = {**headers, "vary": varied(headers.get("vary", ""), "Origin")}
        if origin is not None and origin in self._origins:
            found["access-control-allow-origin"] = origin
            found["access-control-allow-credentials"] = "true"
            found["access-control-expose-headers"] = ", ".join(EXPOSED_HEADERS)
        return found

    def preflight(self, origin: str, methods: Iterable[str]) -> dict[str, str]:
        """Return the headers of a 204 that says what a page may ask of a path.

        Args:
            origin: As it was sent; one that is not on the list learns nothing.
            methods: Those the path takes.
        """
        vary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"
        if origin not in self._origins:
            return {"vary": vary}
        return {
            "vary": vary,
            "access-control-allow-origin": origin,
            "access-control-allow-credentials": "true",
            "access-control-allow-methods": ", ".join(sorted(methods)),
            "access-control-allow-headers": ", ".join(ALLOWED_HEADERS),
            "access-control-max-age": str(MAX_AGE_SECONDS),
        }


def is_preflight(method: str, headers: Mapping[str, str]) -> bool:
    """Tell whether a browser asks what a page may do."""
    return (
        method == "OPTIONS" and "origin" in headers and "access-control-request-method" in headers
    )


@lru_cache(256)
def varied(vary: str, name: str) -> str:
    """Return a value of ``Vary`` that names `name` too, once."""
    names = [each.strip() for each in vary.split(",") if each.strip()]
    if "*" in names or name.lower() in (each.lower() for each in names):
        return ", ".join(names)
    return ", ".join((*names, name))
