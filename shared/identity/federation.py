"""Signing in with an account somewhere else (spec/auth §5.11): what is known of it, and refusals.

    browser ── authorize ──▶ us ── state, nonce, challenge ──▶ provider
    browser ◀── our session ── us ◀── code, state ── provider    us ── code, verifier ──▶ provider

Who it is is told by provider and subject alone: a mail address changes its owner.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from shared.kernel.errors import (
    ConflictError,
    DeniedError,
    MalformedError,
    NotFoundError,
    UnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from shared.identity.accounts import Account, Told

LIFE = timedelta(seconds=600)
"""How long somebody may take at the provider."""
TICKET_LIFE = timedelta(seconds=300)
"""How long a wish to add a way to sign in is good."""
METHOD = "fed"
"""Somebody else vouched for the user; RFC 8176 has no value for it."""


class ProviderUnknownError(NotFoundError):
    """Nobody signs in by a provider of this name."""

    code = "provider-unknown"


class ProviderDownError(UnavailableError):
    """The provider does not answer, or not as it should.

    Attributes:
        retry_after_seconds: When to come again.
    """

    code = "provider-unavailable"

    def __init__(self, message: str, *, retry_after_seconds: float = 30.0) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class FlowUnknownError(MalformedError):
    """The answer belongs to no sign-in that this browser began, or to one that is over."""

    code = "sign-in-unknown"


class ReturnRefusedError(MalformedError):
    """Where the browser is to go afterwards is no page of ours."""

    code = "return-refused"


class ProviderRefusedError(DeniedError):
    """The provider, or its user there, let nobody in."""

    code = "provider-refused"


class AssertionRefusedError(DeniedError):
    """What the provider says of its user cannot be believed."""

    code = "assertion-refused"


class MailTakenError(ConflictError):
    """The address has an account, and nobody has shown that both are one person's."""

    code = "mail-taken"


class MailNeededError(ConflictError):
    """The provider vouches for no mail address, and none is made up."""

    code = "mail-needed"


class IdentityTakenError(ConflictError):
    """The account there opens another one here, or this one has another account there."""

    code = "identity-taken"


class LastWayInError(ConflictError):
    """Without it nobody could sign in any more."""

    code = "last-way-in"


@dataclass(frozen=True)
class Offered:
    """A provider as a page shows it."""

    id: str
    name: str


@dataclass(frozen=True)
class Person:
    """What a provider says of who signed in there.

    Attributes:
        provider: Its name here.
        subject: Its own id of the account, which never changes.
        email: Normalized; empty where it gave none.
        email_verified: Whether it says that the mailbox is the person's.
        name: To be shown, or empty.
    """

    provider: str
    subject: str
    email: str = ""
    email_verified: bool = False
    name: str = ""


@dataclass(frozen=True)
class Flow:
    """A sign-in that began.

    Attributes:
        provider: Where; an answer of another is none to it (RFC 9700 §4.4).
        browser: SHA-256, in hexadecimal, of the cookie of the browser that began it.
        nonce: To be said by the id token (OpenID Connect Core §3.1.2.1).
        verifier: Proves that who began it redeems the code (RFC 7636), or empty.
        return_to: Path of ours.
        user_id: Whose account gets another way to sign in, or empty.
    """

    provider: str
    browser: str
    nonce: str
    verifier: str
    return_to: str
    expires_at: datetime
    user_id: str = ""


@dataclass(frozen=True)
class Ticket:
    """A user's wish to add a provider's account to their own."""

    provider: str
    user_id: str
    expires_at: datetime


class Flows(Protocol):
    """What is under way; each is found once, whoever asks first."""

    def keep(self, state: str, flow: Flow) -> None:
        """Keep a flow under its state."""

    def take(self, state: str, now: datetime) -> Flow | None:
        """Return a flow and forget it; None where there is none, or its time is over."""

    def keep_ticket(self, ticket: str, wish: Ticket) -> None:
        """Keep a wish under its ticket."""

    def take_ticket(self, ticket: str, now: datetime) -> Ticket | None:
        """Return a wish and forget it; None as for `take`."""


@dataclass(frozen=True)
class Linked:
    """An account elsewhere that opens one here."""

    provider: str
    email: str
    linked_at: datetime


@dataclass(frozen=True)
class NewUser:
    """An account that a provider's word makes: verified, and without a password."""

    id: str
    display_name: str
    created_at: datetime


class Identities(Protocol):
    """Accounts elsewhere, as they are kept; what a call writes, it writes whole or not at all."""

    def owner(self, provider: str, subject: str) -> Account | None:
        """Return the account that one elsewhere opens."""

    def by_email(self, email: str) -> Account | None:
        """Return the account of a normalized address."""

    def register(self, person: Person, user: NewUser, told: Told) -> bool:
        """Make an account and link it; False where address or identity has one by now."""

    def link(self, person: Person, user_id: str, told: Told, *, now: datetime) -> bool:
        """Link an account; False where either of both is linked to another.

        True also where they were linked to each other before; then nothing is written.
        """

    def of(self, user_id: str) -> Sequence[Linked]:
        """Return the providers that open an account, by name."""

    def unlink(self, provider: str, user_id: str, told: Told) -> None:
        """Forget a provider's account.

        Raises:
            ProviderUnknownError: None of it opens this account.
            LastWayInError: Neither a password, nor a passkey, nor another provider opens it.
        """
