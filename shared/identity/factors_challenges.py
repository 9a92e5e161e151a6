"""What is kept for a few minutes and used up once, for every instance."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

LIFE = timedelta(seconds=300)
"""Of a sign-in that waits for its second factor, and of a passkey's challenge (spec/auth §5.4)."""


class Challenges(Protocol):
    """Keeps what was said under the digest of a random text; nobody else has that text.

    Every call raises `UnavailableError` where nobody can tell now.
    """

    def keep(self, name: bytes, said: Mapping[str, Any], until: datetime) -> None:
        """Keep what was said until a moment, which the clock decides."""

    def look(self, name: bytes, now: datetime, *, most: int) -> dict[str, Any] | None:
        """Count one look and return what was said.

        Returns None where there is nothing, its time is over, or it was looked at `most` times.
        """

    def take(self, name: bytes, now: datetime) -> dict[str, Any] | None:
        """Return what was said and forget it: of several at once, one gets it."""


def digest(text: str | bytes) -> bytes:
    """Return the name under which a random text is kept."""
    return sha256(text.encode() if isinstance(text, str) else text).digest()
