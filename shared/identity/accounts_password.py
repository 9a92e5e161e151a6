"""Passwords that are forgotten, or changed: the sessions that the old one opened end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.identity.accounts import CredentialsError, PasswordChange, Purpose, Told
from shared.identity.mail import Asked, requested
from shared.identity.passwords import acceptable, normalized
from shared.identity.throttle import ACCOUNT, Count, admit

if TYPE_CHECKING:
    from shared.identity.accounts import Account, Accounts, Act
    from shared.identity.accounts_register import Letters
    from shared.identity.accounts_wishes import Change, Reset
    from shared.identity.passwords import Hasher
    from shared.kernel.events import Event
    from shared.kernel.principal import Principal

FIELD = "new_password"


@dataclass(frozen=True)
class PasswordDesk:
    """Gives accounts new passwords."""

    accounts: Accounts
    hasher: Hasher
    letters: Letters

    def forget(self, email: str, act: Act) -> None:
        """Ask for a mail by which a new password can be chosen.

        Raises:
            TooManyTriesError: The address was sent enough lately.
        """
        event = self.letters.ask(Asked.RESET, email)
        self.accounts.ask(Told(act("PASSWORD_RESET_ASK"), [event]))

    def reset(self, wish: Reset, act: Act, caller: Principal) -> int:
        """Choose a new password with a mailed token; returns how many sessions ended.

        The mailbox was read, so its address is verified with it.

        Raises:
            MailTokenUnknownError: No mail carried the token.
            MailTokenSpentError: It was used, or its time is over.
            InvalidInputError: The password is not acceptable; the token is still good.
        """
        token, now = wish.token.get_secret_value(), self.letters.clock.now()
        owner = self.accounts.owner_of(token, Purpose.RESET, now)
        password = acceptable(wish.new_password.get_secret_value(), email=owner.email, field=FIELD)
        own = wish.keep_current and caller.sub == owner.id
        change = PasswordChange(owner.id, now, caller.session if own else "", "password_reset")
        told = Told(act("PASSWORD_RESET", owner.id), [self._notice(owner)])
        ended = self.accounts.reset(token, self.hasher.hash(password), told, change)
        self.letters.throttle.good([], forget=[Count(ACCOUNT, owner.email)])
        return ended

    def change(self, wish: Change, act: Act, caller: Principal) -> int:
        """Replace a password by one who knows it; returns how many sessions ended.

        Raises:
            CredentialsError: The current password is wrong.
            TooManyTriesError: It was wrong too often.
            InvalidInputError: The new one is not acceptable.
        """
        owner = self._proven(wish.current_password.get_secret_value(), act, caller)
        password = acceptable(wish.new_password.get_secret_value(), email=owner.email, field=FIELD)
        kept = caller.session if wish.keep_current else ""
        change = PasswordChange(owner.id, self.letters.clock.now(), kept)
        told = Told(act("PASSWORD_CHANGE", owner.id), [self._notice(owner)])
        return self.accounts.change(self.hasher.hash(password), told, change)

    def _proven(self, password: str, act: Act, caller: Principal) -> Account:
        owner = self.accounts.by_id(caller.sub)
        own = Count(ACCOUNT, owner.email if owner else caller.sub)
        admit(self.letters.throttle, [own])
        kept = owner.password_hash if owner else None
        if not self.hasher.verify(kept, normalized(password)) or owner is None:
            self.accounts.ask(Told(act("AUTH_FAILED", caller.sub, denied=True)))
            raise CredentialsError
        self.letters.throttle.good([], forget=[own])
        return owner

    def _notice(self, owner: Account) -> Event:
        made = self.letters.ids.new()
        return requested(Asked.PASSWORD_CHANGED, made, self.letters.clock.now(), user_id=owner.id)
