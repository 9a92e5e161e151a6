"""Rules of signing in that are counted as they are used, by the API and by our pages alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.identity.accounts_sign_in import SignIn
from shared.identity.factors_waiting import SecondStep
from shared.runtime import auth_tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from shared.identity.accounts import Act, Visitor
    from shared.identity.factors_waiting import Passed
    from shared.identity.proof import Proof
    from shared.identity.sessions import Device, TokenSet


@dataclass(frozen=True)
class CountedSignIn(SignIn):
    """Counts passwords, and the tokens that come of proofs."""

    def prove(self, email: str, password: str, act: Act, visitor: Visitor) -> Proof:
        """Judge a password; see `SignIn.prove`."""
        with auth_tally.logins():
            return super().prove(email, password, act, visitor)

    def note(self, proof: Proof, act: Act, visitor: Visitor) -> Proof:
        """Write down a sign-in; see `SignIn.note`."""
        found = super().note(proof, act, visitor)
        if found is not proof:
            auth_tally.travelled()
        return found

    def open(self, proof: Proof, device: Device, *, scopes: Iterable[str] = ()) -> TokenSet:
        """Return the tokens of a new session; see `SignIn.open`."""
        found = super().open(proof, device, scopes=scopes)
        auth_tally.issued(auth_tally.SIGN_IN)
        return found


@dataclass(frozen=True)
class CountedSecondStep(SecondStep):
    """Counts second factors."""

    def by_code(self, token: str, code: str, act: Act) -> Passed:
        """Judge a code of an app; see `SecondStep.by_code`."""
        with auth_tally.challenges():
            return super().by_code(token, code, act)

    def by_backup(self, token: str, code: str, act: Act) -> Passed:
        """Judge a backup code; see `SecondStep.by_backup`."""
        with auth_tally.challenges():
            return super().by_backup(token, code, act)

    def by_passkey(self, token: str, shown: Mapping[str, Any], act: Act) -> Passed:
        """Judge a passkey; see `SecondStep.by_passkey`."""
        with auth_tally.challenges():
            return super().by_passkey(token, shown, act)
