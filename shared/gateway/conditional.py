"""Entity tags, and requests that want an answer only where theirs is no longer good."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING

from shared.gateway.cache_control import instant
from shared.gateway.ports import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

REPEATED = frozenset(
    {"cache-control", "content-location", "date", "etag", "expires", "vary", "age", "x-cache"}
)
"""What a 304 repeats (RFC 9110 §15.4.5), and what the door says of its cache."""

_ETAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def etag_of(body: bytes) -> str:
    """Return the strong entity tag of a body: 16 bytes of its SHA-256, base64url, in quotes."""
    digest = urlsafe_b64encode(sha256(body).digest()[:16]).rstrip(b"=")
    return f'"{digest.decode()}"'


def is_known(if_none_match: str, etag: str | None) -> bool:
    """Tell whether the caller has what `etag` marks, by the weak comparison (RFC 9110 §13.1.2).

    Args:
        if_none_match: ``*``, or a list of entity tags; what is neither matches nothing.
        etag: Of what would be answered, None where it has none.
    """
    if if_none_match.strip() == "*":
        return True
    mine = _ETAG.fullmatch(etag or "")
    between = _ETAG.sub("", if_none_match)
    if mine is None or between.strip(", \t"):
        return False
    return mine[1] in _ETAG.findall(if_none_match)


def conditioned(answer: Answer, headers: Mapping[str, str]) -> Answer:
    """Return 304 where the caller has this answer already, else the answer.

    ``If-Modified-Since`` counts only without ``If-None-Match`` (RFC 9110 §13.2.2). ``If-Match`` is
    no business of a cache (RFC 9111 §4.3.2).

    Args:
        answer: With the fields it goes out with.
        headers: The caller's, names in lower case.
    """
    if answer.status != HTTPStatus.OK or not _is_current(answer.headers, headers):
        return answer
    kept = {name: value for name, value in answer.headers.items() if name in REPEATED}
    return Answer(HTTPStatus.NOT_MODIFIED, kept, b"")


def _is_current(answered: Mapping[str, str], headers: Mapping[str, str]) -> bool:
    if (given := headers.get("if-none-match")) is not None:
        return is_known(given, answered.get("etag"))
    since = instant(headers.get("if-modified-since", ""))
    modified = instant(answered.get("last-modified", ""))
    return since is not None and modified is not None and modified <= since
