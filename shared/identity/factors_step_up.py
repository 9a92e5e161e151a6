"""Step-up: who has a session proves again who they are, and the session says so from then on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from shared.identity.accounts import CredentialsError, Told
from shared.identity.own_applications import must_be_at_home
from shared.identity.proof import joined
from shared.identity.step_up import StepUpError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from shared.identity.accounts import Act, Visitor
    from shared.identity.accounts_sign_in import SignIn
    from shared.identity.factors import Factors
    from shared.identity.families import Family
    from shared.identity.tokens import Issuer
    from shared.kernel.principal import Principal


class Renewals(Protocol):
    """Sessions whose users proved again who they are."""

    def renew(
        self, principal: Principal, methods: tuple[str, ...], at: datetime, told: Told
    ) -> Family:
        """Write how and when they did; returns the session.

        Raises:
            SessionRefusedError: It has ended, or the token is of none.
        """


@dataclass(frozen=True)
class Again:
    """What somebody shows to prove once more who they are: one of these.

    Attributes:
        passkey: As the browser gave it.
    """

    password: str = ""
    code: str = ""
    backup_code: str = ""
    passkey: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class ProvingAgain:
    """Judges what somebody shows who proves once more who they are."""

    signing_in: SignIn
    factors: Factors

    def proven(
        self, caller: Principal, again: Again, act: Act, visitor: Visitor
    ) -> tuple[str, ...]:
        """Return how the session's user has proven to be it, all in all.

        Who has a second factor proves it: by a password alone, a proof of that factor would seem
        fresh that is long past.

        Raises:
            ActedForError: Somebody acts for the user.
            ApplicationDeniedError: The token is of an application of others, or of a device.
            CredentialsError: The password is wrong.
            StepUpError: There is a second factor, and the password alone was shown.
            FactorWrongError: Code or passkey is wrong.
            TooManyTriesError: The next try has to wait.
        """
        must_be_at_home(caller)
        if again.password:
            return self._by_password(caller, again.password, act, visitor)
        if again.passkey is not None:
            shown = self.factors.finish_passkey(again.passkey, act, user_id=caller.sub)
            return joined(caller.methods, shown.methods)
        if again.code:
            return joined(caller.methods, self.factors.check_otp(caller.sub, again.code, act))
        found = self.factors.check_backup(caller.sub, again.backup_code, act)
        return joined(caller.methods, found)

    def _by_password(
        self, caller: Principal, password: str, act: Act, visitor: Visitor
    ) -> tuple[str, ...]:
        if self.factors.needed(caller.sub):
            raise StepUpError("prove who you are by a second factor, then repeat the request")
        account = self.signing_in.accounts.by_id(caller.sub)
        if account is None:
            raise CredentialsError
        return self.signing_in.prove(account.email, password, act, visitor).methods


@dataclass(frozen=True)
class StepUp(ProvingAgain):
    """Makes tokens of a session that say how its user proved just now who they are."""

    renewals: Renewals
    issuer: Issuer

    def prove(self, caller: Principal, again: Again, act: Act, visitor: Visitor) -> str:
        """Return a new access token of the caller's session, with no more scopes than the old one.

        Raises:
            SessionRefusedError: The session has ended, or the token is of none.
            AppError: As `ProvingAgain.proven`.
        """
        methods = self.proven(caller, again, act, visitor)
        now, told = self.signing_in.clock.now(), Told(act("USER_STEP_UP", caller.sub))
        family = self.renewals.renew(caller, methods, now, told)
        scopes = [scope for scope in family.scopes if scope in caller.scopes]
        return self.issuer.access_token(family, scopes)
