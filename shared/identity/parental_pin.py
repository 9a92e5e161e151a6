"""The PIN of a household: five wrong ones and nobody is believed for a quarter of an hour."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest
from typing import TYPE_CHECKING, Protocol

from shared.identity.accounts import Told
from shared.identity.mail import Asked, requested
from shared.identity.parental import changed, fingerprint, must_be_proven
from shared.identity.step_up import must_be_fresh
from shared.identity.throttle import Count, Pace, admit
from shared.identity.tokens import digest
from shared.kernel.errors import NotFoundError, UnauthenticatedError
from shared.kernel.principal import REALM

if TYPE_CHECKING:
    from datetime import datetime

    from shared.identity.accounts import Act
    from shared.identity.parental import Controls, ParentalControls
    from shared.identity.parental_wishes import ControlsChange
    from shared.identity.passwords import Hasher
    from shared.identity.refreshing import Sealer
    from shared.identity.throttle import Throttle
    from shared.kernel.audit import AuditEvent
    from shared.kernel.clock import Clock
    from shared.kernel.ids import Ids
    from shared.kernel.principal import Principal

LIFE = timedelta(seconds=300)
"""How long it is believed that somebody knows the PIN (spec/auth §4.2)."""
PAUSE_SECONDS = 900
WRONG = Pace("pin_fail", 5, PAUSE_SECONDS, PAUSE_SECONDS, PAUSE_SECONDS)
LETTER = Pace("pin_mail", 1, PAUSE_SECONDS, PAUSE_SECONDS, PAUSE_SECONDS)
"""One letter tells of each pause."""


class PinWrongError(UnauthenticatedError):
    """It is another PIN.

    Attributes:
        challenge: Value of ``WWW-Authenticate`` (RFC 9110 §11.6.1).
    """

    code = "pin-wrong"
    challenge = REALM


class PinUnsetError(NotFoundError):
    """The account has no PIN."""

    code = "pin-unset"


@dataclass(frozen=True)
class Grant:
    """That somebody has shown the PIN in a session.

    Attributes:
        token_hash: Of what they were given for it.
        proof: Which PIN it was, as `fingerprint` says.
        until: When it is over.
    """

    token_hash: bytes
    proof: str
    until: datetime


class Grants(Protocol):
    """Who has shown the PIN lately, one for each user and session."""

    def put(self, user_id: str, session: str, grant: Grant) -> None:
        """Keep one in the place of any other."""

    def find(self, user_id: str, session: str) -> Grant | None:
        """Return what is kept; the clock says whether it is over."""


@dataclass(frozen=True)
class PinDesk:
    """Believes those who know the PIN, and lets them change what it guards.

    Attributes:
        sealer: Seals the hash of a PIN: ten thousand PINs are soon tried, so the database alone
            must not be enough to try them (OWASP Password Storage Cheat Sheet, "Peppering").
    """

    controls: ParentalControls
    hasher: Hasher
    sealer: Sealer
    throttle: Throttle
    grants: Grants
    clock: Clock
    ids: Ids

    def verify(self, pin: str, act: Act, caller: Principal) -> str:
        """Return a token for `LIFE`, good in the caller's session alone.

        Raises:
            PinUnsetError: There is none to know.
            PinWrongError: It is another.
            TooManyTriesError: Too many were wrong.
        """
        kept = self.controls.find(caller.sub).pin_hash
        if kept is None:
            raise PinUnsetError("no PIN is set")
        own = Count(WRONG, caller.sub)
        admit(self.throttle, [own])
        if not self.hasher.verify(self.sealer.open(kept, place=_place(caller.sub)), pin):
            self._note_wrong(own, act, caller.sub)
            raise PinWrongError("it is another PIN")
        self.throttle.good([], forget=[own])
        token = secrets.token_urlsafe(32)
        until = self.clock.now() + LIFE
        self.grants.put(caller.sub, caller.session, Grant(digest(token), fingerprint(kept), until))
        return token

    def proof(self, token: str, caller: Principal) -> str:
        """Return which PIN the caller has shown, empty where it is none or too long ago.

        Args:
            token: What `verify` gave them, empty for nothing.
            caller: Whoever says so.
        """
        found = self.grants.find(caller.sub, caller.session) if token else None
        if found is None or self.clock.now() >= found.until:
            return ""
        return found.proof if compare_digest(found.token_hash, digest(token)) else ""

    def change(
        self, wish: ControlsChange, token: str, caller: Principal, noted: AuditEvent
    ) -> Controls:
        """Return the account's controls with a change made to them.

        Args:
            wish: The change.
            token: What `verify` gave, or empty.
            caller: Whose account it is.
            noted: Says so in the audit log.

        Raises:
            PinNeededError: More would be seen, and the PIN was not shown.
            StepUpError: There would be a first PIN, and the caller's proof of who they are is old:
                a child could lock everybody else out.
            InvalidInputError: The window would be none.
        """
        proof, now = self.proof(token, caller), self.clock.now()
        hashed = self._hashed(caller.sub, wish)

        def decided(kept: Controls) -> Controls:
            wanted = changed(kept, wish, hashed)
            if kept.pin_hash is None and wanted.pin_hash is not None:
                must_be_fresh(caller, now)
            must_be_proven(kept, wanted, proof)
            return wanted

        return self.controls.change(caller.sub, decided, Told(noted))

    def _hashed(self, user_id: str, wish: ControlsChange) -> str | None:
        if wish.pin is None:
            return None
        hashed = self.hasher.hash(wish.pin.get_secret_value())
        return self.sealer.seal(hashed, place=_place(user_id))

    def _note_wrong(self, own: Count, act: Act, user_id: str) -> None:
        """Write it down; the wrong one that begins a pause has a letter sent, once."""
        events = []
        if self.throttle.left([own]) and not self.throttle.begin([Count(LETTER, user_id)]):
            made = self.ids.new()
            events = [requested(Asked.PIN_PAUSED, made, self.clock.now(), user_id=user_id)]
        self.controls.tell(Told(act("AUTH_FAILED", user_id, denied=True), events))


def _place(user_id: str) -> str:
    return f"pin:{user_id}"
