"""Passkeys where somebody shows one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.identity.accounts import Told
from shared.identity.factors import FactorWrongError, Shown
from shared.identity.factors_challenges import LIFE, digest
from shared.identity.passkeys import WRONG
from shared.identity.proof import HARDWARE_KEY, MULTIPLE, PRESENCE, SOFTWARE_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.identity.accounts import Accounts, Act
    from shared.identity.factors_challenges import Challenges
    from shared.identity.passkeys import Assertion, Ceremonies, Passkey, Passkeys, Use
    from shared.kernel.clock import Clock

CHALLENGE_BYTES = 32
SHOW = "show"


@dataclass(frozen=True)
class PasskeyJudge:
    """Asks for passkeys and judges the answers; a challenge is answered once."""

    accounts: Accounts
    passkeys: Passkeys
    ceremonies: Ceremonies
    challenges: Challenges
    clock: Clock

    def begin(self, user_id: str = "") -> dict[str, Any]:
        """See `shared.identity.factors.Factors.begin_passkey`."""
        challenge = self.challenge(SHOW, user_id)
        known = self.passkeys.of(user_id) if user_id else ()
        return self.ceremonies.request_options(known, challenge, verified=not user_id)

    def finish(self, shown: Mapping[str, Any], act: Act, *, user_id: str = "") -> Shown:
        """See `shared.identity.factors.Factors.finish_passkey`."""
        try:
            passkey, use = self._judged(shown, user_id)
        except FactorWrongError:
            self._refused(act, "MFA_FAILED", user_id)
            raise
        if not self.passkeys.use(passkey, use, self.clock.now()):
            self._refused(act, "MFA_PASSKEY_CLONED", passkey.user_id)
            raise FactorWrongError("somebody else seems to have a copy of the passkey")
        key = SOFTWARE_KEY if use.backed_up else HARDWARE_KEY
        both = (MULTIPLE,) if use.verified else ()
        return Shown(passkey.user_id, (key, PRESENCE, *both))

    def challenge(self, purpose: str, user_id: str) -> bytes:
        """Return random bytes that can be answered once, for a purpose and a user."""
        made = secrets.token_bytes(CHALLENGE_BYTES)
        said = {"for": purpose, "user_id": user_id}
        self.challenges.keep(digest(made), said, self.clock.now() + LIFE)
        return made

    def answered(self, challenge: bytes, purpose: str, user_id: str) -> None:
        """Use a challenge up.

        Raises:
            FactorWrongError: It is over, was answered, or was for another purpose or user.
        """
        said = self.challenges.take(digest(challenge), self.clock.now())
        if said != {"for": purpose, "user_id": user_id}:
            raise FactorWrongError(WRONG)

    def _judged(self, shown: Mapping[str, Any], user_id: str) -> tuple[Passkey, Use]:
        said = self.ceremonies.read(shown)
        self.answered(said.challenge, SHOW, user_id)
        passkey = self.passkeys.by_credential(said.credential_id)
        if passkey is None or not _is_of(passkey, said, user_id):
            raise FactorWrongError(WRONG)
        alone = not user_id
        use = self.ceremonies.verify(shown, said.challenge, passkey.key, verified=alone)
        return passkey, use

    def _refused(self, act: Act, action: str, user_id: str) -> None:
        self.accounts.ask(Told(act(action, user_id, denied=True)))


def _is_of(passkey: Passkey, said: Assertion, user_id: str) -> bool:
    """Tell whether a key is of whom it is to be of (WebAuthn §7.2, step 6).

    Where nobody is known yet, the device has to say whose it is.
    """
    if user_id and passkey.user_id != user_id:
        return False
    if said.user_handle or not user_id:
        return said.user_handle == UUID(passkey.user_id).bytes
    return True
