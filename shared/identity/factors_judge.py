"""Second factors where somebody shows one: codes of apps, backup codes, passkeys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from shared.identity import backup_codes
from shared.identity.accounts import Told
from shared.identity.factors import TRIES, FactorWrongError
from shared.identity.mail import Asked, requested
from shared.identity.own_applications import must_be_at_home
from shared.identity.proof import OTP
from shared.identity.step_up import must_be_fresh, must_have_factor
from shared.identity.throttle import Count, admit
from shared.identity.totp import matching_step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shared.identity.accounts import Accounts, Act
    from shared.identity.backup_codes import Pepper
    from shared.identity.factors import Needs, Shown
    from shared.identity.factors_kept import App, KeptFactors
    from shared.identity.passkeys_judge import PasskeyJudge
    from shared.identity.throttle import Throttle
    from shared.identity.totp import Codes
    from shared.kernel.audit import AuditEvent
    from shared.kernel.clock import Clock
    from shared.kernel.ids import Ids
    from shared.kernel.principal import Principal


class Seals(Protocol):
    """Seals secrets, each for one user."""

    def seal(self, text: str, *, place: str) -> str:
        """Return what only `open` reads, with the same place."""

    def open(self, sealed: str, *, place: str) -> str:
        """Return what was sealed.

        Raises:
            UnavailableError: Its key cannot be had.
        """


@dataclass(frozen=True)
class Tools:
    """What factors are made and judged with.

    Attributes:
        seals: Of the secrets of apps.
        pepper: Of backup codes.
    """

    codes: Codes
    seals: Seals
    pepper: Pepper
    throttle: Throttle
    clock: Clock
    ids: Ids

    def by_mail(self, asked: Asked, event: AuditEvent, user_id: str) -> Told:
        """Return an act with the letter that tells its user of it."""
        letter = requested(asked, self.ids.new(), self.clock.now(), user_id=user_id)
        return Told(event, [letter])

    def hashes(self, codes: Iterable[str]) -> list[bytes]:
        """Return what is kept of backup codes."""
        typed = (backup_codes.normalized(code) or "" for code in codes)
        return [self.pepper.digests(code)[0] for code in typed]


@dataclass(frozen=True)
class Typed:
    """What somebody typed: a code of their app, or a backup code, or neither."""

    code: str = ""
    backup_code: str = ""


@dataclass(frozen=True)
class FactorJudge:
    """`shared.identity.factors.Factors`."""

    accounts: Accounts
    needs: Needs
    kept: KeptFactors
    passkeys: PasskeyJudge
    tools: Tools

    def needed(self, user_id: str) -> tuple[str, ...]:
        """See `Needs.needed`."""
        return self.needs.needed(user_id)

    def check_otp(self, user_id: str, code: str, act: Act) -> tuple[str, ...]:
        """See `Factors.check_otp`."""
        self.admit(user_id)
        app = self.kept.app(user_id)
        step = self.step(app, code)
        if app is None or step is None or not self.kept.use(app, step):
            raise self.wrong(user_id, act)
        self.good(user_id)
        return (OTP,)

    def check_backup(self, user_id: str, code: str, act: Act) -> tuple[str, ...]:
        """See `Factors.check_backup`."""
        self.admit(user_id)
        found = backup_codes.normalized(code)
        hashes = self.tools.pepper.digests(found) if found else ()
        event = act("MFA_BACKUP_CODE_USE", user_id)
        told = self.tools.by_mail(Asked.BACKUP_CODE_USED, event, user_id)
        if not hashes or not self.kept.use_backup(user_id, hashes, told):
            raise self.wrong(user_id, act)
        self.good(user_id)
        return (OTP,)

    def begin_passkey(self, user_id: str = "") -> dict[str, Any]:
        """See `Factors.begin_passkey`."""
        return self.passkeys.begin(user_id)

    def finish_passkey(self, shown: Mapping[str, Any], act: Act, *, user_id: str = "") -> Shown:
        """See `Factors.finish_passkey`."""
        return self.passkeys.finish(shown, act, user_id=user_id)

    def must_prove(self, caller: Principal, typed: Typed, act: Act) -> None:
        """Refuse whoever did not prove lately, by all they have, who they are.

        A code that is sent along stands for the second factor; without one the token must.

        Raises:
            ActedForError: Somebody acts for the user.
            ApplicationDeniedError: The token is of an application of others, or of a device.
            StepUpError: The proof is too old, or none of the second factor.
            FactorWrongError: The code is wrong.
        """
        must_be_at_home(caller)
        now = self.tools.clock.now()
        must_be_fresh(caller, now)
        if typed.code:
            self.check_otp(caller.sub, typed.code, act)
        elif typed.backup_code:
            self.check_backup(caller.sub, typed.backup_code, act)
        elif self.needed(caller.sub):
            must_have_factor(caller, now)

    def admit(self, user_id: str) -> None:
        """Count a try of a user's to type a code.

        Raises:
            TooManyTriesError: It has to wait.
        """
        admit(self.tools.throttle, [Count(TRIES, user_id)])

    def good(self, user_id: str) -> None:
        """Forget a user's tries."""
        self.tools.throttle.good([], forget=[Count(TRIES, user_id)])

    def step(self, app: App | None, code: str) -> int | None:
        """Return the step of a code that was not used, None where it is none of the app's.

        Raises:
            UnavailableError: The key that opens the app's secret cannot be had.
        """
        if app is None:
            return None
        secret = self.tools.seals.open(app.sealed_secret, place=app.user_id)
        step = matching_step(self.tools.codes, secret, code, self.tools.clock.now())
        used = app.last_used_step
        return None if step is None or (used is not None and step <= used) else step

    def wrong(self, user_id: str, act: Act) -> FactorWrongError:
        """Write down that a code was wrong, and return what is said of it."""
        self.accounts.ask(Told(act("MFA_FAILED", user_id, denied=True)))
        return FactorWrongError("the code is wrong, or it was used before")
