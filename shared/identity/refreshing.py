"""Going on with a session: one refresh token for the next (RFC 6749 §6, spec/auth §5.5)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from shared.identity.families import WARN_AT, Shown, Successor, Verdict, judge
from shared.identity.tokens import digest, new_refresh_token
from shared.kernel.errors import ExhaustedError, UnauthenticatedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from shared.identity.clients import Client
    from shared.identity.families import Families, Family
    from shared.identity.revocations import Revocations
    from shared.identity.tokens import Issuer
    from shared.kernel.audit import AuditEvent

logger = logging.getLogger(__name__)
REUSED = "reuse"
"""Why a session ended of which a token was shown twice."""


class Sealer(Protocol):
    """Seals texts, each for one place."""

    def seal(self, text: str, *, place: str) -> str:
        """Return a text that only `open` can read, with the same place."""

    def open(self, sealed: str, *, place: str) -> str:
        """Return what was sealed for a place."""


class TokenSpentError(UnauthenticatedError):
    """A refresh token gives nothing any more: sign in again."""

    code = "token-spent"


@dataclass(frozen=True)
class Refresher:
    """Rotates refresh tokens.

    Attributes:
        noted: Makes the audit entry of a session that ended because a token was shown twice.
    """

    families: Families
    revocations: Revocations
    issuer: Issuer
    sealer: Sealer
    noted: Callable[[Family], AuditEvent]

    def refresh(self, token: str, shown: Shown, client: Client) -> str:
        """Return the successor of a token, the same for all who show it within the grace.

        Args:
            token: As it was shown.
            shown: What `families` says of it.
            client: Whose it is, proven.

        Raises:
            TokenSpentError: It has none, or no more; shown too late, its session has ended too.
            ExhaustedError: The session makes tokens too fast.
            UnavailableError: The database does not answer, or the successor cannot be unsealed.
        """
        now, key = self.issuer.clock.now(), digest(token)
        if shown.is_usable(now):
            made = self._rotated(key, shown, client, now)
            if made is not None:
                return made
            found = self.families.show(key)
            shown = found if found is not None else shown
        verdict = judge(shown, now)
        if verdict is Verdict.REPEAT and shown.sealed_successor is not None:
            return self.sealer.open(shown.sealed_successor, place=_place(key))
        if verdict is Verdict.REUSE:
            self._end(shown.family, now)
        raise TokenSpentError("the refresh token is used up, has expired or was revoked")

    def _rotated(self, key: bytes, shown: Shown, client: Client, now: datetime) -> str | None:
        rest = shown.wait(now)
        if rest:
            raise ExhaustedError(
                "the session refreshes too often", retry_after_seconds=rest.total_seconds()
            )
        made = new_refresh_token()
        successor = Successor(
            token_hash=digest(made),
            sealed=self.sealer.seal(made, place=_place(key)),
            expires_at=client.token_ends(now, shown.ends_at),
        )
        if not self.families.rotate(key, successor, now):
            return None
        if shown.rotation_limit is not None and shown.rotations + 1 >= WARN_AT:
            said = {"session": shown.family.id, "rotations": shown.rotations + 1}
            logger.warning("session.nearly_spent", extra=said)
        return made

    def _end(self, family: Family, now: datetime) -> None:
        if self.families.end(family.id, REUSED, now, self.noted(family)):
            logger.warning("refresh_token.reused", extra={"session": family.id})
        self.revocations.sessions([family.id])


def scopes_of(shown: Shown, asked: Sequence[str]) -> tuple[str, ...]:
    """Return the scopes of a refreshed token: those asked for, by default the session's."""
    return tuple(s for s in shown.family.scopes if not asked or s in asked)


def _place(key: bytes) -> str:
    return f"refresh:{key.hex()}"
