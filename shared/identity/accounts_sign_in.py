"""Signing in with a password, and with a second factor where the account has one."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from shared.identity.accounts import (
    AccountSuspendedError,
    CredentialsError,
    EmailNotVerifiedError,
    Told,
)
from shared.identity.deletion import LEAVING, AccountLeavingError
from shared.identity.factors_waiting import FactorNeeded, wait
from shared.identity.mail import Asked, requested
from shared.identity.passwords import normalized
from shared.identity.proof import PASSWORD, Proof
from shared.identity.scopes import roles_of
from shared.identity.sessions import Device, SessionRefusedError, Subject
from shared.identity.throttle import ACCOUNT, NETWORK, Count, admit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.identity.accounts import Account, Accounts, Act, Visitor
    from shared.identity.accounts_wishes import LogIn
    from shared.identity.factors import Needs
    from shared.identity.factors_challenges import Challenges
    from shared.identity.factors_waiting import Passed
    from shared.identity.passwords import Hasher
    from shared.identity.places import Journeys
    from shared.identity.sessions import Sessions, TokenSet
    from shared.identity.throttle import Throttle
    from shared.kernel.clock import Clock

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Doors:
    """What a proof opens, and what it may have to wait for.

    Attributes:
        needs: Knows who has a second factor.
        waiting: Keeps first proofs until a second one joins them.
    """

    sessions: Sessions
    needs: Needs
    waiting: Challenges


@dataclass(frozen=True)
class SignIn:
    """Opens sessions, step by step.

    Attributes:
        verified_mail_only: An address has to be verified before its account gets tokens.
    """

    accounts: Accounts
    hasher: Hasher
    throttle: Throttle
    doors: Doors
    clock: Clock
    journeys: Journeys
    verified_mail_only: bool = True

    def log_in(self, wish: LogIn, act: Act, visitor: Visitor) -> TokenSet | FactorNeeded:
        """Return the tokens of a new session, or what is asked for before there are any.

        Raises:
            CredentialsError: Address and password do not belong together.
            TooManyTriesError: The next try has to wait.
            EmailNotVerifiedError: The address must be verified first.
            AccountSuspendedError: The account may not be used.
            UnavailableError: Nobody can tell now whether the account has a second factor.
        """
        proof = self.prove(wish.email, wish.password.get_secret_value(), act, visitor)
        device = Device(
            client_id=wish.client_id,
            device_id=wish.device_id or "",
            name=wish.device_name,
            user_agent=visitor.user_agent,
            network=visitor.kept_network,
        )
        more = self.more_needed(proof, device)
        if more is None:
            return self.open(self.note(proof, act, visitor), device)
        return more

    def prove(self, email: str, password: str, act: Act, visitor: Visitor) -> Proof:
        """Return that somebody knows the password of an account that may sign in.

        Exactly one hash is compared, whether or not the address has an account, and none while the
        account or the network has to wait.

        Args:
            email: Normalized.
            password: As it was typed.
            act: For the audit log.
            visitor: Whose tries are counted.

        Raises:
            CredentialsError: Address and password do not belong together.
            TooManyTriesError: The next try has to wait.
            EmailNotVerifiedError: The address must be verified first.
            AccountSuspendedError: The account may not be used.
        """
        own = Count(ACCOUNT, email)
        shared = [Count(NETWORK, visitor.network)] if visitor.network else []
        admit(self.throttle, [own, *shared])
        typed = normalized(password)
        account = self.accounts.by_email(email)
        kept = account.password_hash if account else None
        if not self.hasher.verify(kept, typed) or account is None or kept is None:
            self.accounts.ask(Told(act("AUTH_FAILED", denied=True)))
            raise CredentialsError
        self.throttle.good(shared, forget=[own])
        self.judge(account)
        return Proof(self._up_to_date(account, kept, typed), (PASSWORD,), self.clock.now())

    def more_needed(self, proof: Proof, device: Device | None = None) -> FactorNeeded | None:
        """Return what a second proof is to be shown with, None where the first one is enough.

        Args:
            proof: The first.
            device: Where the session is to be; told again once the second proof is there.
        """
        methods = self.doors.needs.needed(proof.account.id)
        return wait(self.doors.waiting, proof, device, methods) if methods else None

    def note(self, proof: Proof, act: Act, visitor: Visitor) -> Proof:
        """Write down a sign-in that was proven whole; returns what it is worth.

        From where nobody can have got to since the last one, it is worth no fresh proof: whatever
        guards the account asks for a step-up, and its mailbox is told.
        """
        user = proof.account.id
        self.accounts.signed_in(proof.account, Told(act("AUTH_LOGIN", user)), at=proof.at)
        if not self.journeys.is_far(proof, visitor.place):
            return proof
        letter = requested(Asked.FAR, self.journeys.ids.new(), proof.at, user_id=user)
        self.accounts.ask(Told(act("USER_FAR_SIGN_IN", user), (letter,)))
        return proof.aged()

    def finish(self, passed: Passed, act: Act, visitor: Visitor) -> TokenSet:
        """Return the tokens of a session whose second proof was asked for by `log_in`.

        Raises:
            SessionRefusedError: It was asked for elsewhere, and a page goes on with it.
        """
        if passed.device is None:
            raise SessionRefusedError("this sign-in began on a page, which goes on with it")
        return self.open(self.note(passed.proof, act, visitor), passed.device)

    def open(self, proof: Proof, device: Device, *, scopes: Iterable[str] = ()) -> TokenSet:
        """Return the tokens of a new session.

        Raises:
            SessionRefusedError: The application, or since a moment ago the account, may have none.
        """
        return self.doors.sessions.start(
            subject_of(proof.account),
            device,
            scopes=scopes,
            methods=proof.methods,
            authenticated_at=proof.at,
        )

    def judge(self, account: Account) -> None:
        """Refuse an account that may not sign in; only who has proven to be it hears so.

        Raises:
            EmailNotVerifiedError: The address must be verified first.
            AccountLeavingError: The account is to be deleted.
            AccountSuspendedError: The account may not be used.
        """
        if account.status == LEAVING:
            raise AccountLeavingError(account.id)
        if not account.is_active:
            logger.info("sign_in.suspended", extra={"status": account.status})
            raise AccountSuspendedError("the account may not be used")
        if self.verified_mail_only and not account.email_verified:
            raise EmailNotVerifiedError("verify the mail address first")

    def _up_to_date(self, account: Account, kept: str, password: str) -> Account:
        """Return the account with a hash of today's parameters, made anew where it was not."""
        if not self.hasher.is_outdated(kept):
            return account
        found = replace(account, password_hash=self.hasher.hash(password))
        self.accounts.rehash(account, found)
        return found


def subject_of(account: Account) -> Subject:
    """Return an account as tokens say it."""
    return Subject(
        user_id=account.id,
        roles=roles_of(account.role),
        tier=account.tier,
        version=account.version,
        region=account.region,
    )
