"""Whose account a provider's word opens, and how both come together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.identity.accounts import Told
from shared.identity.federation import (
    IdentityTakenError,
    MailNeededError,
    MailTakenError,
    NewUser,
)
from shared.identity.mail import Asked, requested
from shared.kernel.errors import ConflictError

if TYPE_CHECKING:
    from shared.identity.accounts import Account, Act
    from shared.identity.federation import Identities, Person
    from shared.kernel.audit import AuditEvent
    from shared.kernel.clock import Clock
    from shared.kernel.ids import Ids

TRIES = 3
"""Somebody may make the account, or the link, between our look and our write."""
LONGEST_NAME = 100


@dataclass(frozen=True)
class Recognition:
    """Finds, makes and links accounts."""

    identities: Identities
    clock: Clock
    ids: Ids

    def account_of(self, person: Person, act: Act) -> Account:
        """Return the account that a person's sign-in elsewhere opens, made where there is none.

        An account with the same address is theirs only where the provider says that the mailbox is
        the person's and we know it of the account too; else whoever registered first with somebody
        else's address would share an account with its owner.

        Raises:
            MailNeededError: The provider vouches for no address, and the person is new.
            MailTakenError: The address has an account that its password must open first.
        """
        for _ in range(TRIES):
            found = self.identities.owner(person.provider, person.subject)
            if found is not None:
                return found
            self._join(person, act)
        raise ConflictError(f"{person.provider}: somebody else wrote at the same time")

    def add(self, person: Person, user_id: str, act: Act) -> None:
        """Let a person's account elsewhere open the account that they proved to be theirs.

        Raises:
            IdentityTakenError: It opens another account, or this one has another there.
        """
        if not self._link(person, user_id, act):
            message = f"{person.provider}: one account there opens one account here, and no other"
            raise IdentityTakenError(message)

    def remove(self, provider: str, user_id: str, act: Act) -> None:
        """Let a provider open an account no more.

        Raises:
            ProviderUnknownError: It does not open it.
            LastWayInError: Nothing else would.
        """
        event = act("USER_IDENTITY_REMOVED", user_id)
        told = self._told(event, Asked.IDENTITY_REMOVED, user_id)
        self.identities.unlink(provider, user_id, told)

    def _join(self, person: Person, act: Act) -> None:
        """Make or link an account, unless somebody else was faster."""
        if not person.email or not person.email_verified:
            raise MailNeededError(
                f"{person.provider} vouches for no mail address of this account: verify one there,"
                " or register here and add the account afterwards"
            )
        account = self.identities.by_email(person.email)
        if account is None:
            self._register(person, act)
        elif not account.email_verified or not self._link(person, account.id, act):
            raise MailTakenError(
                "the mail address has an account already: sign in with its password, or have a new"
                f" one sent, and add {person.provider} there"
            )

    def _register(self, person: Person, act: Act) -> None:
        user_id = str(self.ids.new())
        user = NewUser(user_id, _shown(person), self.clock.now())
        self.identities.register(person, user, Told(act("USER_REGISTER", user_id)))

    def _link(self, person: Person, user_id: str, act: Act) -> bool:
        told = self._told(act("USER_IDENTITY_ADDED", user_id), Asked.IDENTITY_ADDED, user_id)
        return self.identities.link(person, user_id, told, now=self.clock.now())

    def _told(self, event: AuditEvent, asked: Asked, user_id: str) -> Told:
        """Return an act with the letter that tells the user of it (OWASP ASVS 4.0.3 §2.2.3)."""
        now = self.clock.now()
        return Told(event, [requested(asked, self.ids.new(), now, user_id=user_id)])


def _shown(person: Person) -> str:
    """Return what to call somebody: their name, or what stands before the @."""
    return (person.name or person.email.partition("@")[0])[:LONGEST_NAME]
