"""Ids that are the same where the same is done at the same time, so that a run can be repeated."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from uuid import UUID

_ID_BYTES = 15


def stable_id(*parts: object) -> str:
    """Return an id of 20 letters and digits."""
    return b64encode(_digest(parts)[:_ID_BYTES], altchars=b"ab").decode()


def stable_uuid(*parts: object) -> str:
    """Return an id in the form of a random UUID (RFC 9562 section 5.4)."""
    return str(UUID(bytes=_digest(parts)[:16], version=4))


def _digest(parts: tuple[object, ...]) -> bytes:
    return sha256("\0".join(map(str, parts)).encode()).digest()
