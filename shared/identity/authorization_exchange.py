"""A code for a session (RFC 6749 §4.1.3): once, and never after somebody showed it twice."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from shared.identity.authorization import OPENID
from shared.identity.authorization_code import Shown
from shared.identity.sessions import SessionRefusedError
from shared.identity.throttle import admit
from shared.identity.tokens import digest
from shared.kernel.errors import UnauthenticatedError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from shared.identity.authorization_code import CodeGrant, Codes
    from shared.identity.clients import Client
    from shared.identity.consents import Consents
    from shared.identity.families import Family
    from shared.identity.families import Shown as Kept
    from shared.identity.revocations import Revocations
    from shared.identity.sessions import Device, Sessions, Subject, TokenSet
    from shared.identity.throttle import Throttle
    from shared.kernel.audit import AuditEvent
    from shared.kernel.clock import Clock

REUSED = "code_reuse"
"""Why a session ended whose code was shown twice."""
logger = logging.getLogger(__name__)


class CodeSpentError(UnauthenticatedError):
    """A code gives nothing, or nothing any more: start again."""

    code = "code-spent"


class Owners(Protocol):
    """Refresh tokens, and whose they may be."""

    def subject(self, user_id: str) -> Subject | None:
        """Return an account as tokens speak of it, None where it may have no session."""

    def show(self, token_hash: bytes) -> Kept | None:
        """Return a refresh token, None where there is none."""

    def end(self, family_id: str, reason: str, now: datetime, event: AuditEvent) -> bool:
        """End a session and write why; False where it had ended before."""


@dataclass(frozen=True)
class Exchange:
    """Gives sessions for codes.

    Attributes:
        noted: Makes the audit entry of a session that ended because its code was shown twice.
        begun: Is told of every session that begins.
    """

    codes: Codes
    consents: Consents
    families: Owners
    sessions: Sessions
    revocations: Revocations
    throttle: Throttle
    clock: Clock
    noted: Callable[[str], AuditEvent]
    begun: Callable[[Family], None]

    def take(self, code: str, client: Client) -> CodeGrant:
        """Return what a code is good for, and use it up; shown again, its session ends.

        Raises:
            CodeSpentError: It is nothing to this application.
            UnavailableError: Redis or the database does not answer.
        """
        taking = self.codes.take(digest(code), self.clock.now())
        if taking.shown is Shown.AGAIN and taking.family_id:
            self._end(taking.family_id)
        grant = taking.grant
        if grant is None or grant.client_id != client.client_id:
            raise CodeSpentError("the code is unknown, used up or has expired")
        if not client.first_party and not self._stands(grant):
            raise CodeSpentError("the user does not allow this any more")
        return grant

    def count(self, grant: CodeGrant) -> None:
        """Count a verifier before it is judged.

        Raises:
            TooManyTriesError: Too many were wrong lately.
        """
        admit(self.throttle, [grant.tries])

    def was_right(self, grant: CodeGrant) -> None:
        """Forget the verifiers that were wrong before this one."""
        self.throttle.good([], forget=[grant.tries])

    def start(self, code: str, grant: CodeGrant, device: Device) -> tuple[TokenSet, Family]:
        """Return a new session and its tokens.

        Where somebody shows the code again meanwhile, the session has ended when this returns, as
        it would have a moment later.

        Raises:
            CodeSpentError: The account may have no session, or all of its sessions have ended since
                the user allowed this one.
            UnavailableError: Redis or the database does not answer; there is no session.
        """
        subject = self.families.subject(grant.user_id)
        if subject is None:
            raise CodeSpentError("the account may have no session")
        tokens = self._started(grant, replace(subject, version=grant.version), device)
        shown = self.families.show(digest(tokens.refresh_token))
        if shown is None:
            raise CodeSpentError("the session has just been ended")
        try:
            again = self.codes.began(digest(code), shown.family.id)
        except UnavailableError:
            self.sessions.end(shown.family.id, REUSED)  # a second showing would not find it
            raise
        self.begun(shown.family)
        if again:
            self._end(shown.family.id)
        return tokens, shown.family

    def _started(self, grant: CodeGrant, subject: Subject, device: Device) -> TokenSet:
        try:
            return self.sessions.start(
                subject,
                device,
                scopes=_api_scopes(grant),
                methods=grant.methods,
                authenticated_at=grant.authenticated_at,
                audience=grant.audience,
            )
        except SessionRefusedError as error:
            raise CodeSpentError(error.message) from None

    def _stands(self, grant: CodeGrant) -> bool:
        """Tell whether a user still allows what the code was made for."""
        return set(_api_scopes(grant)) <= set(self.consents.allowed(grant.user_id, grant.client_id))

    def _end(self, family_id: str) -> None:
        if self.families.end(family_id, REUSED, self.clock.now(), self.noted(family_id)):
            logger.warning("code.reused", extra={"session": family_id})
        self.revocations.sessions([family_id])


def _api_scopes(grant: CodeGrant) -> tuple[str, ...]:
    return tuple(scope for scope in grant.scopes if scope != OPENID)
