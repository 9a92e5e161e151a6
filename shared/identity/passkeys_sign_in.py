"""Signing in with a passkey: alone, or after a password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.identity.factors import FactorWrongError
from shared.identity.own_applications import must_be_at_home
from shared.identity.passkeys import WRONG
from shared.identity.proof import Proof
from shared.identity.sessions import Device
from shared.kernel.principal import ANONYMOUS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.identity.accounts import Act, Visitor
    from shared.identity.accounts_sign_in import SignIn
    from shared.identity.factors_waiting import SecondStep
    from shared.identity.passkeys_wishes import ShowPasskey
    from shared.identity.sessions import TokenSet
    from shared.kernel.principal import Principal


@dataclass(frozen=True)
class PasskeySignIn:
    """Opens sessions to whoever shows a passkey."""

    signing_in: SignIn
    second_step: SecondStep

    def begin(self, mfa_token: str = "", caller: Principal = ANONYMOUS) -> dict[str, Any]:
        """Return the options of ``navigator.credentials.get``.

        Args:
            mfa_token: Of a sign-in whose second step it is, else empty.
            caller: Who proves again who they are, else nobody; with neither, any passkey will do.

        Raises:
            FactorPendingError: Nobody waits with the token.
            FactorUnknownError: Whoever waits has no passkey.
            ApplicationDeniedError: The caller's token is another application's.
        """
        if mfa_token:
            return self.second_step.begin_passkey(mfa_token)
        must_be_at_home(caller)
        return self.second_step.factors.begin_passkey(caller.sub)

    def finish(self, wish: ShowPasskey, act: Act, visitor: Visitor) -> TokenSet:
        """Return the tokens of a new session.

        Raises:
            FactorPendingError: Nobody waits with the token.
            FactorWrongError: The passkey does not fit.
            EmailNotVerifiedError: The address must be verified first.
            AccountSuspendedError: The account may not be used.
        """
        if wish.mfa_token:
            passed = self.second_step.by_passkey(wish.mfa_token, wish.credential, act)
            return self.signing_in.finish(passed, act, visitor)
        proof = self.prove(wish.credential, act)
        device = Device(
            client_id=wish.client_id,
            device_id=wish.device_id or "",
            name=wish.device_name,
            user_agent=visitor.user_agent,
            network=visitor.kept_network,
        )
        return self.signing_in.open(self.signing_in.note(proof, act, visitor), device)

    def prove(self, shown: Mapping[str, Any], act: Act) -> Proof:
        """Return that somebody has a passkey of an account that may sign in, and nothing besides.

        Raises:
            FactorWrongError: The passkey does not fit.
            EmailNotVerifiedError: The address must be verified first.
            AccountSuspendedError: The account may not be used.
        """
        found = self.second_step.factors.finish_passkey(shown, act)
        account = self.signing_in.accounts.by_id(found.user_id)
        if account is None:
            raise FactorWrongError(WRONG)
        self.signing_in.judge(account)
        return Proof(account, found.methods, self.signing_in.clock.now())
