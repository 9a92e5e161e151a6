"""Accounts: who may sign in, and what their rules need of the outside.

Whether an address has an account is told to nobody but its mailbox (spec/auth §5.6): every answer,
status and amount of work here is the same with and without one. What only the mailbox may learn
travels as an event, and is decided where the mail is written (`shared.identity.mail`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from shared.kernel.errors import DeniedError, GoneError, MalformedError, UnauthenticatedError
from shared.kernel.principal import REALM

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from shared.identity.places import Place
    from shared.kernel.audit import AuditEvent
    from shared.kernel.events import Event

LONGEST_EMAIL = 254
"""RFC 5321 §4.5.3.1.3, less the angle brackets."""
LONGEST_LOCAL = 64
RESOURCE = "account"
"""Type of an account where an act is about it."""
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")


class CredentialsError(UnauthenticatedError):
    """Address and password do not belong together, whichever of them is wrong.

    Attributes:
        challenge: Value of ``WWW-Authenticate`` (RFC 9110 §11.6.1).
    """

    code = "credentials-wrong"
    challenge = REALM

    def __init__(self) -> None:
        super().__init__("the mail address or the password is wrong")


class EmailNotVerifiedError(DeniedError):
    """The password is right, and the mail address has yet to be verified."""

    code = "email-not-verified"


class AccountSuspendedError(DeniedError):
    """The password is right, and the account may not be used."""

    code = "account-suspended"


class MailTokenUnknownError(MalformedError):
    """No mail of ours carried this token."""

    code = "mail-token-unknown"


class MailTokenSpentError(GoneError):
    """The token was used, or its time is over."""

    code = "mail-token-spent"


class Purpose(StrEnum):
    """What a token of a mail is for."""

    VERIFY = "verify_email"
    RESET = "reset_password"
    RESTORE = "restore_account"
    DOWNLOAD = "download_export"

    @property
    def life(self) -> timedelta:
        """How long a token can be used: an hour where it opens the account."""
        return {
            Purpose.VERIFY: timedelta(hours=24),
            Purpose.RESET: timedelta(hours=1),
            Purpose.RESTORE: timedelta(days=30),
            Purpose.DOWNLOAD: timedelta(days=7),
        }[self]


@dataclass(frozen=True)
class Account:
    """One person's account.

    Attributes:
        email: Normalized.
        password_hash: PHC string, None where no password opens it.
        version: Of its access tokens; earlier ones are dead.
    """

    id: str
    email: str
    email_verified: bool
    password_hash: str | None
    display_name: str
    region: str
    role: str
    tier: str
    status: str
    version: int

    @property
    def is_active(self) -> bool:
        """Whether it may be used."""
        return self.status == "active"


@dataclass(frozen=True)
class NewAccount:
    """An account that somebody wants."""

    id: str
    email: str
    password_hash: str
    display_name: str
    region: str
    created_at: datetime


@dataclass(frozen=True)
class Visitor:
    """Where a request is from.

    Attributes:
        network: Tries are counted by: an address, /64 of version 6; empty where nobody knows.
        kept_network: As much of it as is kept.
        place: Where that is, None where nobody says.
    """

    network: str = ""
    kept_network: str = ""
    user_agent: str = ""
    place: Place | None = None


class Act(Protocol):
    """Says for the audit log what a request did."""

    def __call__(self, action: str, user_id: str = "", *, denied: bool = False) -> AuditEvent:
        """Return the act of a user, or of nobody known."""


@dataclass(frozen=True)
class Told:
    """What is written in the transaction that does something.

    Attributes:
        act: For the audit log.
        events: For the outbox.
    """

    act: AuditEvent
    events: Sequence[Event] = ()


class Accounts(Protocol):
    """Accounts as they are kept; what a call writes, it writes whole or not at all."""

    def by_email(self, email: str) -> Account | None:
        """Return the account of a normalized address."""

    def by_id(self, user_id: str) -> Account | None:
        """Return an account."""

    def add(self, account: NewAccount, told: Told) -> None:
        """Keep a new account; where its address has one already, only `told` is written."""

    def ask(self, told: Told) -> None:
        """Write what is to be told, and nothing else."""

    def signed_in(self, account: Account, told: Told, *, at: datetime) -> None:
        """Note a sign-in."""

    def rehash(self, kept: Account, rehashed: Account) -> None:
        """Keep a new hash of the same password, unless the password was changed meanwhile."""

    def owner_of(self, token: str, purpose: Purpose, now: datetime) -> Account:
        """Return whose a mail's token is, without using it up.

        Raises:
            MailTokenUnknownError: Nobody's.
            MailTokenSpentError: It was used, or its time is over.
        """

    def verify(self, token: str, told: Told, *, now: datetime) -> None:
        """Use a token up: its account's address is verified.

        Raises:
            MailTokenSpentError: Somebody else was faster.
        """

    def reset(self, token: str, password_hash: str, told: Told, change: PasswordChange) -> int:
        """Use a token up: its account has a new password; returns how many sessions ended.

        Raises:
            MailTokenSpentError: Somebody else was faster.
        """

    def change(self, password_hash: str, told: Told, change: PasswordChange) -> int:
        """Give an account a new password; returns how many sessions ended."""


@dataclass(frozen=True)
class PasswordChange:
    """A password that changes.

    Attributes:
        kept_session: The one that goes on; empty ends all, and every access token with them.
        reason: Why the sessions end.
    """

    user_id: str
    now: datetime
    kept_session: str = ""
    reason: str = "password_changed"


def normalized_email(given: str) -> str | None:
    """Return the one form of a mail address, None where it is none.

    Lower case as a whole: no mailbox of note tells cases apart, and two accounts that differ by
    case would be one person's to the eye. Quoted local parts and other scripts are not taken.
    """
    email = given.strip().lower()
    fits = len(email) <= LONGEST_EMAIL and email.find("@") <= LONGEST_LOCAL
    return email if fits and _EMAIL.fullmatch(email) else None
