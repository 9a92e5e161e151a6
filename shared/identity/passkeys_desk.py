"""Passkeys, registered and taken off by their user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.identity import backup_codes
from shared.identity.factors import FactorUnknownError
from shared.identity.factors_judge import Typed
from shared.identity.mail import Asked
from shared.identity.own_applications import must_be_at_home
from shared.identity.passkeys import MOST, UNNAMED, Passkey, PasskeyLimitError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.identity.accounts import Account, Act
    from shared.identity.factors_judge import FactorJudge
    from shared.kernel.principal import Principal

REGISTER = "register"


@dataclass(frozen=True)
class PasskeyDesk:
    """What users do with their own passkeys."""

    judge: FactorJudge

    def begin(self, caller: Principal, act: Act) -> dict[str, Any]:
        """Return the options of ``navigator.credentials.create``.

        Raises:
            StepUpError: The caller must prove again who they are.
            PasskeyLimitError: They have as many as one may have.
        """
        self.judge.must_prove(caller, Typed(), act)
        account, judge = self._account(caller.sub), self.judge.passkeys
        known = judge.passkeys.of(caller.sub)
        if len(known) >= MOST:
            raise PasskeyLimitError(f"an account has {MOST} passkeys at most; remove one first")
        challenge = judge.challenge(REGISTER, caller.sub)
        return judge.ceremonies.creation_options(account, known, challenge)

    def finish(
        self, caller: Principal, shown: Mapping[str, Any], name: str, act: Act
    ) -> tuple[Passkey, tuple[str, ...]]:
        """Keep a new passkey; returns it, and backup codes where it is the first second factor.

        Raises:
            FactorWrongError: It answers no challenge of the caller's, or does not fit.
            PasskeyLimitError: They have as many as one may have.
            PasskeyKnownError: It is registered already.
        """
        must_be_at_home(caller)
        judge, tools = self.judge.passkeys, self.judge.tools
        challenge = judge.ceremonies.challenge_of(shown)
        judge.answered(challenge, REGISTER, caller.sub)
        key = judge.ceremonies.register(shown, challenge)
        made = Passkey(
            str(tools.ids.new()), caller.sub, key, name or UNNAMED, created_at=tools.clock.now()
        )
        codes = backup_codes.new_codes()
        told = tools.by_mail(Asked.FACTOR_ADDED, act("MFA_PASSKEY_ADD", caller.sub), caller.sub)
        first = judge.passkeys.add(made, tools.hashes(codes), told)
        return made, codes if first else ()

    def of(self, caller: Principal) -> tuple[Passkey, ...]:
        """Return the caller's passkeys, the oldest first."""
        must_be_at_home(caller)
        return self.judge.passkeys.passkeys.of(caller.sub)

    def rename(self, caller: Principal, passkey_id: str, name: str) -> Passkey:
        """Give one of the caller's passkeys another name.

        Raises:
            PasskeyUnknownError: They have no such passkey.
        """
        must_be_at_home(caller)
        return self.judge.passkeys.passkeys.rename(passkey_id, caller.sub, name)

    def remove(self, caller: Principal, passkey_id: str, act: Act) -> None:
        """Forget one of the caller's passkeys.

        Raises:
            StepUpError: The caller must prove again who they are.
            PasskeyUnknownError: They have no such passkey.
        """
        self.judge.must_prove(caller, Typed(), act)
        event = act("MFA_PASSKEY_REMOVE", caller.sub)
        told = self.judge.tools.by_mail(Asked.FACTOR_REMOVED, event, caller.sub)
        self.judge.passkeys.passkeys.remove(passkey_id, caller.sub, told)

    def _account(self, user_id: str) -> Account:
        found = self.judge.accounts.by_id(user_id)
        if found is None:
            raise FactorUnknownError("there is no such account any more")
        return found
