"""Signing in with a password."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.identity.accounts import (
    AccountSuspendedError,
    CredentialsError,
    EmailNotVerifiedError,
    Told,
)
from shared.identity.passwords import normalized
from shared.identity.scopes import roles_of
from shared.identity.sessions import Device, Subject
from shared.identity.throttle import ACCOUNT, NETWORK, Count, admit

if TYPE_CHECKING:
    from shared.identity.accounts import Account, Accounts, Act, Visitor
    from shared.identity.accounts_wishes import LogIn
    from shared.identity.passwords import Hasher
    from shared.identity.sessions import Sessions, TokenSet
    from shared.identity.throttle import Throttle
    from shared.kernel.clock import Clock

METHOD = "pwd"
"""RFC 8176 §2."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SignIn:
    """Opens sessions.

    Attributes:
        verified_mail_only: An address has to be verified before its account gets tokens.
    """

    accounts: Accounts
    hasher: Hasher
    throttle: Throttle
    sessions: Sessions
    clock: Clock
    verified_mail_only: bool = True

    def log_in(self, wish: LogIn, act: Act, visitor: Visitor) -> TokenSet:
        """Return the tokens of a new session.

        Exactly one hash is compared, whether or not the address has an account, and none while the
        account or the network has to wait.

        Raises:
            CredentialsError: Address and password do not belong together.
            TooManyTriesError: The next try has to wait.
            EmailNotVerifiedError: The address must be verified first.
            AccountSuspendedError: The account may not be used.
        """
        account, rehashed = self._proven(wish, act, visitor.network)
        self._judge(account)
        now = self.clock.now()
        self.accounts.signed_in(
            account, Told(act("AUTH_LOGIN", account.id)), at=now, rehashed=rehashed
        )
        device = Device(
            client_id=wish.client_id,
            device_id=wish.device_id or "",
            name=wish.device_name,
            user_agent=visitor.user_agent,
            network=visitor.kept_network,
        )
        return self.sessions.start(
            subject_of(account), device, scopes=(), methods=(METHOD,), authenticated_at=now
        )

    def _proven(self, wish: LogIn, act: Act, network: str) -> tuple[Account, str | None]:
        """Return whose password it is, and its new hash where the kept one is outdated."""
        own, shared = Count(ACCOUNT, wish.email), [Count(NETWORK, network)] if network else []
        admit(self.throttle, [own, *shared])
        password = normalized(wish.password.get_secret_value())
        account = self.accounts.by_email(wish.email)
        kept = account.password_hash if account else None
        if not self.hasher.verify(kept, password) or account is None or kept is None:
            self.accounts.ask(Told(act("AUTH_FAILED", denied=True)))
            raise CredentialsError
        self.throttle.good(shared, forget=[own])
        rehashed = self.hasher.hash(password) if self.hasher.is_outdated(kept) else None
        return account, rehashed

    def _judge(self, account: Account) -> None:
        """Refuse an account that may not sign in; only who knows its password hears so."""
        if not account.is_active:
            logger.info("sign_in.suspended", extra={"status": account.status})
            raise AccountSuspendedError("the account may not be used")
        if self.verified_mail_only and not account.email_verified:
            raise EmailNotVerifiedError("verify the mail address first")


def subject_of(account: Account) -> Subject:
    """Return an account as tokens say it."""
    return Subject(
        user_id=account.id,
        roles=roles_of(account.role),
        tier=account.tier,
        version=account.version,
        region=account.region,
    )
