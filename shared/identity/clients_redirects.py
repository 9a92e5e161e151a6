"""Where a browser may be sent with a code: exactly where the application is known to be."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 2000
_PLAIN = re.compile(r"[\x21\x23-\x5b\x5d\x5f\x61-\x7a\x7e]+")
"""Characters of an address as it is sent (RFC 3986 §2): no blank, quote, backslash or fence."""
_AUTHORITY = re.compile(r"(?:\[[0-9A-Fa-f:.]*\]|[^\[\]]*)(?::[0-9]*)?")
"""Behind an address in brackets stands a port (RFC 3986 §3.2.2); `urlsplit` drops anything else."""
_OWN_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+")


def _acceptable(uri: str) -> str:
    if not is_acceptable(uri):
        raise ValueError("use https, http on a loopback address, or a scheme of a domain's own")
    return uri


def is_acceptable(uri: str) -> bool:
    """Tell whether an application may be registered with an address.

    Good are https, http on a loopback address for programs on the user's machine (RFC 8252 §7.3),
    and schemes that are a domain turned around (§7.1); none with a fragment (RFC 6749 §3.1.2), with
    a name and password, or with dot segments.
    """
    parts = _parts(uri)
    if parts is None or "#" in uri or "@" in parts.netloc or _has_dots(parts.path):
        return False
    if parts.scheme == "https":
        return bool(parts.hostname)
    return _is_loopback(parts) or (_is_private_use(parts))


def is_registered(asked: str, registered: Iterable[str]) -> bool:
    """Tell whether an address is one of an application's, by simple comparison (RFC 9700 §4.1.3).

    On loopback the port is free, since a program takes the one it is given (RFC 8252 §7.3).
    """
    known = tuple(registered)
    if asked in known:
        return True
    parts = _parts(asked)
    if parts is None or "#" in asked or "@" in parts.netloc or not _is_loopback(parts):
        return False
    without = _without_port(parts)
    return any(
        _without_port(each) == without
        for each in map(_parts, known)
        if each is not None and _is_loopback(each)
    )


def _parts(uri: str) -> SplitResult | None:
    if len(uri) > LONGEST or not _PLAIN.fullmatch(uri):
        return None
    try:
        found = urlsplit(uri)
        _ = found.port
    except ValueError:
        return None
    return found if _AUTHORITY.fullmatch(found.netloc) else None


def _is_loopback(parts: SplitResult) -> bool:
    """Tell whether it is a loopback address; ``localhost`` is a name that may lead elsewhere."""
    if parts.scheme != "http":
        return False
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def _is_private_use(parts: SplitResult) -> bool:
    own = _OWN_SCHEME.fullmatch(parts.scheme) is not None
    return own and not parts.netloc and parts.path.startswith("/")


def _has_dots(path: str) -> bool:
    return any(segment in {".", ".."} for segment in path.split("/"))


def _without_port(parts: SplitResult) -> tuple[str | None, str, str]:
    return parts.hostname, parts.path, parts.query


RedirectUri = Annotated[str, AfterValidator(_acceptable)]
"""An address that an application may be registered with; see `is_acceptable`."""
