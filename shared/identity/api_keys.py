"""API keys: what a program of a user's shows instead of signing in (spec/auth §5.10).

    mg_live_ │ 43 symbols: 256 random bits │ 6 symbols: CRC-32 of all before them

The prefix lets scanners find keys that leaked, and the checksum tells at once, without a look at
any store, what cannot be a key. Of a key nothing is kept but its SHA-256.
"""

from __future__ import annotations

import re
import secrets
from binascii import crc32
from dataclasses import dataclass
from datetime import timedelta
from string import ascii_lowercase, ascii_uppercase, digits
from typing import TYPE_CHECKING, Protocol

from shared.kernel.errors import ConflictError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from shared.identity.limits import Limits
    from shared.identity.sessions import Subject
    from shared.kernel.audit import AuditEvent

LIVE, TEST = "mg_live_", "mg_test_"
"""Of production, and of everywhere else."""
RESOURCE = "api-key"
MOST = 25
"""Live keys of one user."""
OVERLAP = timedelta(days=30)
"""How long a replaced key is good at most (spec/auth §5.10)."""
TRADED_LIFE = timedelta(seconds=180)
"""Of the access token that a key is traded for; the gateway keeps it a minute."""
SHOWN = 14
"""Characters of a key that lists show: its prefix and six symbols, 36 of 256 bits."""

_SYMBOLS = digits + ascii_uppercase + ascii_lowercase
_SECRET, _CHECK = 43, 6
_FORM = re.compile(rf"(?:{LIVE}|{TEST})[0-9A-Za-z]{{{_SECRET + _CHECK}}}")
_INSIDE = re.compile(rf"(?:{LIVE}|{TEST})[0-9A-Za-z]{{{_SECRET}}}")


class ApiKeyLimitError(ConflictError):
    """The user has as many keys as one may have."""

    code = "api-key-limit"


class ApiKeyReplacedError(ConflictError):
    """Another key was made in this one's place already."""

    code = "api-key-replaced"


class ApiKeyUnknownError(NotFoundError):
    """There is no such key, or none any more."""

    code = "api-key-unknown"


@dataclass(frozen=True)
class KeyFacts:
    """A key as it is kept, all but its hash.

    Attributes:
        prefix: What is shown of it.
        replaced_by: The key that was made in its place, or None.
    """

    id: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    rate_limit_per_minute: int
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    replaced_by: str | None = None


@dataclass(frozen=True)
class Used:
    """A live key that somebody shows.

    Attributes:
        subject: Whose it is, as their account is now.
        limits: Of the account, as they are now.
    """

    id: str
    subject: Subject
    scopes: tuple[str, ...]
    rate_limit_per_minute: int
    created_at: datetime
    expires_at: datetime
    limits: Limits


class ApiKeys(Protocol):
    """Keys as they are kept; what a call writes, it writes whole or not at all."""

    def of(self, user_id: str, now: datetime) -> Sequence[KeyFacts]:
        """Return the live keys of a user, the newest first."""

    def add(self, user_id: str, key: KeyFacts, key_hash: bytes, act: AuditEvent) -> None:
        """Keep a new key.

        Raises:
            ApiKeyLimitError: The user has `MOST` already.
        """

    def replace(
        self, user_id: str, old: KeyFacts, new: tuple[KeyFacts, bytes], act: AuditEvent
    ) -> None:
        """Keep a new key in the place of another, whose new end `old` says.

        Raises:
            ApiKeyReplacedError: Somebody else was faster.
            ApiKeyLimitError: The old one goes on, and the user has `MOST` already.
        """

    def revoke(self, user_id: str, key_id: str, now: datetime, act: AuditEvent) -> None:
        """End a key for good.

        Raises:
            ApiKeyUnknownError: The user has no such live key.
        """

    def use(self, key_hash: bytes, now: datetime) -> Used | None:
        """Return a live key and note its use; None where there is none of a live account."""


def new_key(prefix: str = LIVE) -> str:
    """Return a new key: 256 random bits between its prefix and its checksum."""
    begun = prefix + _written(secrets.randbits(256), _SECRET)
    return begun + _checksum(begun)


def is_api_key(text: str) -> bool:
    """Tell whether a text has the form of a key, its checksum included."""
    return _FORM.fullmatch(text) is not None and text[-_CHECK:] == _checksum(text[:-_CHECK])


def has_api_key(text: str) -> bool:
    """Tell whether a key stands somewhere in a text, whole or without its checksum."""
    return "mg_" in text and _INSIDE.search(text) is not None


def _checksum(begun: str) -> str:
    return _written(crc32(begun.encode()), _CHECK)


def _written(number: int, length: int) -> str:
    """Return a number in base 62, zeros before it."""
    found = ""
    for _ in range(length):
        number, digit = divmod(number, len(_SYMBOLS))
        found = _SYMBOLS[digit] + found
    return found
