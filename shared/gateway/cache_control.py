"""What the fields of an answer say about keeping it (RFC 9111 §5, RFC 5861)."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_SECONDS = 1 << 31
"""What a greater number of seconds is taken for (RFC 9111 §1.2.2)."""
REVALIDATE_SECONDS = 30.0
"""How long a stale answer serves while it is fetched anew, where it says nothing of it."""
ERROR_SECONDS = 3600.0
"""How long a stale answer serves in place of an error, where it says nothing of it."""

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - RFC 9110 §5.6.2
_DIRECTIVE = re.compile(rf'({_TOKEN})(?:=(?:"((?:[^"\\]|\\.)*)"|({_TOKEN})))?')
_NEVER_STALE = frozenset({"must-revalidate", "no-cache"})
_NEVER_STALE_IF_SHARED = frozenset({"proxy-revalidate", "s-maxage"})


def directives(field: str) -> dict[str, str]:
    """Return the directives of a ``Cache-Control`` field, names in lower case.

    A directive without a value has an empty one; of one that is repeated the first counts
    (RFC 9111 §4.2.1). What is no directive is passed over, so what follows it still counts.
    """
    found: dict[str, str] = {}
    for name, quoted, plain in _DIRECTIVE.findall(field):
        found.setdefault(name.lower(), quoted or plain)
    return found


def seconds(value: str) -> float:
    """Return a number of seconds (RFC 9111 §1.2.2); 0, which is stale, where it is none."""
    if not (value.isascii() and value.isdigit()):
        return 0.0
    return float(LONGEST_SECONDS if len(value) > len(str(LONGEST_SECONDS)) else value)


def instant(value: str) -> float | None:
    """Return the Unix second of an HTTP date, None where it is none."""
    try:
        return parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError):
        return None


def lifetime(headers: Mapping[str, str], *, shared: bool, received: float) -> float | None:
    """Return how long an answer says it is fresh (RFC 9111 §4.2.1), None where it says nothing.

    Args:
        headers: Names in lower case.
        shared: ``s-maxage`` speaks to caches that serve many alone.
        received: Unix second that stands for a ``Date`` that is missing.
    """
    found = directives(headers.get("cache-control", ""))
    for name in ("s-maxage", "max-age") if shared else ("max-age",):
        if name in found:
            return seconds(found[name])
    if "expires" not in headers:
        return None
    expires, date = instant(headers["expires"]), instant(headers.get("date", ""))
    return 0.0 if expires is None else max(0.0, expires - (received if date is None else date))


def initial_age(headers: Mapping[str, str], *, asked: float, received: float) -> float:
    """Return how old an answer already is when it comes (RFC 9111 §4.2.3)."""
    date = instant(headers.get("date", ""))
    apparent = 0.0 if date is None else max(0.0, received - date)
    return max(apparent, seconds(headers.get("age", "")) + received - asked)


def stale_windows(headers: Mapping[str, str], *, shared: bool) -> tuple[float, float]:
    """Return for how long after its end an answer serves: while it is renewed, and on errors.

    What forbids it (RFC 9111 §4.2.4) goes before what allows it (RFC 5861 §3 and §4).
    """
    found = directives(headers.get("cache-control", ""))
    forbidden = _NEVER_STALE | (_NEVER_STALE_IF_SHARED if shared else frozenset())
    if found.keys() & forbidden:
        return 0.0, 0.0
    renewing = found.get("stale-while-revalidate")
    failing = found.get("stale-if-error")
    return (
        REVALIDATE_SECONDS if renewing is None else min(seconds(renewing), ERROR_SECONDS),
        ERROR_SECONDS if failing is None else min(seconds(failing), ERROR_SECONDS),
    )
