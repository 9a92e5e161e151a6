"""Backup codes: ten that work once each, for whoever lost the other factor (spec/auth §5.7).

Each has 50 random bits and is kept by a keyed digest: who reads the table and lacks the key has
nothing to try codes against.
"""

from __future__ import annotations

import secrets
from typing import Protocol

from shared.identity.device import ALPHABET

NUMBER = 10
LENGTH = 10


class Pepper(Protocol):
    """Digests with a key that the database does not hold."""

    def digests(self, text: str) -> tuple[bytes, ...]:
        """Return a digest for each key, the newest first; what is kept has the first."""


def new_codes() -> tuple[str, ...]:
    """Return codes of which no two are alike, as they are shown: ``ABCDE-FGHJK``."""
    found: set[str] = set()
    while len(found) < NUMBER:
        found.add("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))
    return tuple(f"{code[:5]}-{code[5:]}" for code in sorted(found))


def normalized(typed: str) -> str | None:
    """Return a code without the hyphens and blanks that people type, None where it is none."""
    found = typed.upper().replace("-", "").replace(" ", "")
    return found if len(found) == LENGTH and set(found) <= set(ALPHABET) else None
