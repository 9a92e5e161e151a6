"""Sign-ins that wait for a second factor.

    password ── Proof ──▶ token, 300 s ── code, backup code or passkey ──▶ Proof of both

The token opens nothing: it is no JWT and no service takes it. It names the first proof, which is
void once the account's password, status or version has changed, allows five tries, survives those
that were wrong and is used up by the one that was right.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.identity.factors import FactorPendingError, FactorUnknownError
from shared.identity.factors_challenges import LIFE, digest
from shared.identity.proof import Proof, mark
from shared.identity.sessions import Device

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shared.identity.accounts import Accounts, Act
    from shared.identity.factors import Factors
    from shared.identity.factors_challenges import Challenges
    from shared.identity.factors_judge import Typed
    from shared.kernel.clock import Clock

PREFIX = "mgm_"
"""By which a scanner knows such a token that leaked."""
LOOKS = 10
"""How often a token is shown, to begin with a passkey and to try a code; codes have a pace besides
(`shared.identity.factors.TRIES`)."""


@dataclass(frozen=True)
class FactorNeeded:
    """The first proof was good, and a second is needed.

    Attributes:
        mfa_token: Names the first one, for 300 s.
        methods: Of `shared.identity.factors.Needs.needed`.
    """

    mfa_token: str
    methods: tuple[str, ...]
    mfa_required: bool = True


@dataclass(frozen=True)
class Passed:
    """Both proofs, joined.

    Attributes:
        device: Where the sign-in began, None where that was not said.
    """

    proof: Proof
    device: Device | None


def wait(
    waiting: Challenges, proof: Proof, device: Device | None, methods: Sequence[str]
) -> FactorNeeded:
    """Keep a proof until a second one joins it.

    Raises:
        UnavailableError: It cannot be kept now.
    """
    token = PREFIX + secrets.token_urlsafe(32)
    said = {
        "user_id": proof.account.id,
        "mark": mark(proof.account),
        "methods": list(proof.methods),
        "at": proof.at.isoformat(),
        "device": asdict(device) if device else None,
    }
    waiting.keep(digest(token), said, proof.at + LIFE)
    return FactorNeeded(token, tuple(methods))


@dataclass(frozen=True)
class SecondStep:
    """Joins second proofs to first ones."""

    accounts: Accounts
    factors: Factors
    waiting: Challenges
    clock: Clock

    def by_code(self, token: str, code: str, act: Act) -> Passed:
        """Return both proofs, the second one a code of an authenticator app.

        Raises:
            FactorPendingError: Nobody waits with this token, or it was tried too often.
            FactorWrongError: The code is wrong, or it was used.
            TooManyTriesError: The next try has to wait.
            UnavailableError: Nobody can tell now.
        """
        return self._passed(token, lambda user: self.factors.check_otp(user, code, act))

    def by_backup(self, token: str, code: str, act: Act) -> Passed:
        """Return both proofs, the second one a backup code; raises as `by_code`."""
        return self._passed(token, lambda user: self.factors.check_backup(user, code, act))

    def by_typed(self, token: str, typed: Typed, act: Act) -> Passed:
        """Return both proofs, the second one what was typed; raises as `by_code`."""
        if typed.code:
            return self.by_code(token, typed.code, act)
        return self.by_backup(token, typed.backup_code, act)

    def begin_passkey(self, token: str) -> dict[str, Any]:
        """Return what the browser needs to ask for a passkey of whoever waits.

        Raises:
            FactorPendingError: Nobody waits with this token.
            FactorUnknownError: They have no passkey.
        """
        proof, _ = self._first(token)
        if "passkey" not in self.factors.needed(proof.account.id):
            raise FactorUnknownError("the account has no passkey")
        return self.factors.begin_passkey(proof.account.id)

    def by_passkey(self, token: str, shown: Mapping[str, Any], act: Act) -> Passed:
        """Return both proofs, the second one a passkey; raises as `by_code`."""

        def check(user_id: str) -> tuple[str, ...]:
            return self.factors.finish_passkey(shown, act, user_id=user_id).methods

        return self._passed(token, check)

    def _passed(self, token: str, check: Callable[[str], tuple[str, ...]]) -> Passed:
        proof, device = self._first(token)
        methods, now = check(proof.account.id), self.clock.now()
        if self.waiting.take(digest(token), now) is None:
            raise _pending()
        return Passed(proof.joined(methods, now), device)

    def _first(self, token: str) -> tuple[Proof, Device | None]:
        """Return the proof that a token names, counting a look at it."""
        said = self.waiting.look(digest(token), self.clock.now(), most=LOOKS)
        account = self.accounts.by_id(said["user_id"]) if said else None
        if said is None or account is None or mark(account) != said["mark"]:
            raise _pending()
        at = datetime.fromisoformat(said["at"])
        device = Device(**said["device"]) if said["device"] else None
        return Proof(account, tuple(said["methods"]), at), device


def _pending() -> FactorPendingError:
    return FactorPendingError("begin the sign-in again")
