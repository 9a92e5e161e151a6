"""Becoming known: an account is asked for, and its mail address verified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.identity.accounts import NewAccount, Purpose, Told
from shared.identity.mail import Asked, requested
from shared.identity.passwords import acceptable
from shared.identity.throttle import AGAIN, LETTERS, Count, admit

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.identity.accounts import Accounts, Act
    from shared.identity.accounts_wishes import Register
    from shared.identity.passwords import Hasher
    from shared.identity.throttle import Throttle
    from shared.kernel.clock import Clock
    from shared.kernel.events import Event
    from shared.kernel.ids import Ids


@dataclass(frozen=True)
class Letters:
    """Asks for letters to addresses, a few an hour for each.

    Attributes:
        seal: Returns an address sealed for the event of an id.
    """

    throttle: Throttle
    seal: Callable[[str, str], str]
    ids: Ids
    clock: Clock

    def ask(self, asked: Asked, email: str, user_id: str = "") -> Event:
        """Return the event that asks for a letter to an address, whosever it is.

        Raises:
            TooManyTriesError: The address was sent enough; so it is told without an account too.
        """
        counts = [Count(LETTERS, f"{asked}:{email}")]
        if asked is Asked.VERIFICATION:
            counts = [Count(AGAIN, email)]
        admit(self.throttle, counts)
        made = self.ids.new()
        sealed = self.seal(email, str(made))
        return requested(asked, made, self.clock.now(), user_id=user_id, sealed=sealed)


@dataclass(frozen=True)
class Registration:
    """Makes accounts."""

    accounts: Accounts
    hasher: Hasher
    letters: Letters

    def register(self, wish: Register, act: Act) -> None:
        """Make an account, or where the address has one let its mailbox know.

        Raises:
            InvalidInputError: The password is not acceptable.
            TooManyTriesError: The address was registered too often lately.
        """
        password = acceptable(wish.password.get_secret_value(), email=wish.email)
        user_id = str(self.letters.ids.new())
        event = self.letters.ask(Asked.REGISTERED, wish.email, user_id)
        account = NewAccount(
            id=user_id,
            email=wish.email,
            password_hash=self.hasher.hash(password),
            display_name=wish.display_name,
            region=wish.region or "",
            created_at=event.occurred_at,
        )
        self.accounts.add(account, Told(act("USER_REGISTER"), [event]))

    def ask_again(self, email: str, act: Act) -> None:
        """Ask for another mail that verifies an address.

        Raises:
            TooManyTriesError: One is on its way.
        """
        event = self.letters.ask(Asked.VERIFICATION, email)
        self.accounts.ask(Told(act("USER_VERIFICATION_ASK"), [event]))

    def verify(self, token: str, act: Act) -> None:
        """Verify an address by the token that was mailed to it.

        Raises:
            MailTokenUnknownError: No mail carried it.
            MailTokenSpentError: It was used, or its time is over.
        """
        now = self.letters.clock.now()
        owner = self.accounts.owner_of(token, Purpose.VERIFY, now)
        self.accounts.verify(token, Told(act("USER_EMAIL_VERIFIED", owner.id)), now=now)
