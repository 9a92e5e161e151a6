"""Tokens that are dead before their time: what tells every service (spec/auth §4.2, §5.3).

A session, a single token, or all tokens of an earlier version of an account. SQL is the truth; this
is a copy for those who check tokens, and it lasts as long as such a token could still be good.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from shared.identity.tokens import ACCESS_LIFE

if TYPE_CHECKING:
    from collections.abc import Sequence

LEEWAY = timedelta(seconds=60)
"""How far clocks may be apart, spec/auth §5.3."""
KEPT = ACCESS_LIFE + LEEWAY
"""How long a dead session is told of."""
VERSION_KEPT = timedelta(hours=24)


class Revocations(Protocol):
    """Tells every service within seconds; what cannot be told now is told by the next sweep."""

    def sessions(self, family_ids: Sequence[str]) -> bool:
        """Say that sessions have ended; False where nobody could be told."""

    def token(self, token_id: str, life: timedelta) -> bool:
        """Say that one access token is dead, for as long as it would be good."""

    def version(self, user_id: str, version: int) -> bool:
        """Say that access tokens of an earlier version than this are dead."""
