"""Authenticator apps and backup codes, set up and taken off by their user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.identity import backup_codes
from shared.identity.accounts import Told
from shared.identity.factors import APP, FactorActiveError, FactorUnknownError
from shared.identity.factors_judge import Typed
from shared.identity.factors_kept import App
from shared.identity.mail import Asked
from shared.identity.own_applications import must_be_at_home
from shared.identity.totp import app_address

if TYPE_CHECKING:
    from shared.identity.accounts import Account, Act
    from shared.identity.factors_judge import FactorJudge
    from shared.identity.factors_kept import KeptFactors
    from shared.kernel.principal import Principal


@dataclass(frozen=True)
class Proposed:
    """An app that waits for its first code.

    Attributes:
        secret: In base32, for whoever cannot scan.
        address: ``otpauth://``, as apps scan it.
    """

    secret: str
    address: str


@dataclass(frozen=True)
class FactorDesk:
    """What users do with their own factors."""

    judge: FactorJudge
    kept: KeptFactors

    def enroll(self, caller: Principal, typed: Typed, act: Act) -> Proposed:
        """Return an app's secret, which counts from its first good code on.

        Raises:
            StepUpError: The caller must prove again who they are.
            FactorActiveError: They have an app, and showed no code of it.
            FactorWrongError: The code is wrong.
        """
        if typed == Typed() and APP in self.judge.needed(caller.sub):
            raise FactorActiveError("send a code of the authenticator app that is to be replaced")
        self.judge.must_prove(caller, typed, act)
        account, now = self._account(caller.sub), self.judge.tools.clock.now()
        secret = self.judge.tools.codes.new_secret()
        sealed = self.judge.tools.seals.seal(secret, place=caller.sub)
        app = App(str(self.judge.tools.ids.new()), caller.sub, sealed)
        self.kept.propose(app, Told(act("MFA_ENROLL", caller.sub)), now=now)
        return Proposed(secret, app_address(secret, account.email))

    def waiting(self, caller: Principal, act: Act) -> Proposed:
        """Return the app that waits for its first code, as it was proposed.

        Raises:
            StepUpError: The caller must prove again who they are.
            FactorUnknownError: None waits.
        """
        self.judge.must_prove(caller, Typed(), act)
        app, account = self.kept.app(caller.sub, pending=True), self._account(caller.sub)
        if app is None:
            raise FactorUnknownError("no authenticator app waits for its first code")
        secret = self.judge.tools.seals.open(app.sealed_secret, place=caller.sub)
        return Proposed(secret, app_address(secret, account.email))

    def activate(self, caller: Principal, code: str, act: Act) -> tuple[str, ...]:
        """Make the app that waits the caller's; returns their new backup codes, once.

        Raises:
            FactorUnknownError: None waits.
            FactorWrongError: The code is not of that app.
            TooManyTriesError: The next try has to wait.
        """
        must_be_at_home(caller)
        self.judge.admit(caller.sub)
        app = self.kept.app(caller.sub, pending=True)
        if app is None:
            raise FactorUnknownError("no authenticator app waits for its first code")
        step = self.judge.step(app, code)
        if step is None:
            raise self.judge.wrong(caller.sub, act)
        codes = backup_codes.new_codes()
        told = self._told(Asked.FACTOR_ADDED, act, "MFA_ACTIVATE", caller.sub)
        hashes, now = self.judge.tools.hashes(codes), self.judge.tools.clock.now()
        self.kept.activate(app, step, hashes, told, now=now)
        self.judge.good(caller.sub)
        return codes

    def remove(self, caller: Principal, typed: Typed, act: Act) -> None:
        """Take the caller's app off.

        Raises:
            StepUpError: The caller must prove again who they are.
            FactorWrongError: The code is wrong.
            FactorUnknownError: They have no app.
        """
        self.judge.must_prove(caller, typed, act)
        told = self._told(Asked.FACTOR_REMOVED, act, "MFA_REMOVE", caller.sub)
        self.kept.remove_app(caller.sub, told)

    def renew_backups(self, caller: Principal, typed: Typed, act: Act) -> tuple[str, ...]:
        """Return new backup codes, once; those there were are none any more.

        Raises:
            StepUpError: The caller must prove again who they are.
            FactorWrongError: The code is wrong.
            FactorUnknownError: They have no second factor.
        """
        self.judge.must_prove(caller, typed, act)
        codes, now = backup_codes.new_codes(), self.judge.tools.clock.now()
        told = self._told(Asked.BACKUP_CODES_MADE, act, "MFA_BACKUP_CODES_MAKE", caller.sub)
        self.kept.set_backups(caller.sub, self.judge.tools.hashes(codes), told, now=now)
        return codes

    def _account(self, user_id: str) -> Account:
        found = self.judge.accounts.by_id(user_id)
        if found is None:
            raise FactorUnknownError("there is no such account any more")
        return found

    def _told(self, asked: Asked, act: Act, action: str, user_id: str) -> Told:
        return self.judge.tools.by_mail(asked, act(action, user_id), user_id)
