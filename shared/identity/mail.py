"""Mail: what is asked for, which letter that comes to, and what the letter says.

A request that knows no more than an address asks for a letter; whether the address has an account
is looked up where the letter is written. The address travels sealed, and a token is made when its
letter is written: no event, queue or log ever held one (docs/decisions/0026).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import TYPE_CHECKING, Protocol

from shared.identity.accounts import Purpose
from shared.identity.deletion import LEAVING
from shared.kernel.errors import InvalidInputError
from shared.kernel.events import Event

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from shared.identity.accounts import Account

TOPIC = "mail.requested"


class MailRefusedError(InvalidInputError):
    """The mailbox does not take mail of ours, however often it is sent."""

    code = "mail-refused"


class Asked(StrEnum):
    """What a letter is asked for."""

    REGISTERED = "registered"
    VERIFICATION = "verification"
    RESET = "reset"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a name
    TOKEN_REUSED = "token_reused"  # noqa: S105 - a name
    PIN_PAUSED = "pin_paused"
    IDENTITY_ADDED = "identity_added"
    IDENTITY_REMOVED = "identity_removed"
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    BACKUP_CODES_MADE = "backup_codes_made"
    BACKUP_CODE_USED = "backup_code_used"
    DELETION = "deletion"
    EXPORTED = "exported"
    FAR = "far"


class Letter(StrEnum):
    """Which letter it is."""

    VERIFY = "verify"
    KNOWN = "known"
    RESET = "reset"
    CHANGED = "changed"
    REUSED = "reused"
    PIN = "pin"
    IDENTITY_ADDED = "identity_added"
    IDENTITY_REMOVED = "identity_removed"
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    BACKUP_CODES_MADE = "backup_codes_made"
    BACKUP_CODE_USED = "backup_code_used"
    DELETION = "deletion"
    EXPORTED = "exported"
    FAR = "far"

    @property
    def purpose(self) -> Purpose | None:
        """What the token in it is for, None where it has none."""
        return {
            Letter.VERIFY: Purpose.VERIFY,
            Letter.RESET: Purpose.RESET,
            Letter.DELETION: Purpose.RESTORE,
            Letter.EXPORTED: Purpose.DOWNLOAD,
        }.get(self)


@dataclass(frozen=True)
class Message:
    """A mail.

    Attributes:
        id: The same for every try to send it.
        to: One address.
    """

    id: str
    to: str
    subject: str
    text: str
    html: str


class Mailer(Protocol):
    """Sends mail."""

    def send(self, message: Message) -> None:
        """Return when the mail was taken.

        Raises:
            MailRefusedError: It will not be, however often it is tried.
            UnavailableError: Not now.
        """


def requested(
    asked: Asked, event_id: UUID, now: datetime, *, user_id: str = "", sealed: str = ""
) -> Event:
    """Return the event that asks for a letter.

    Args:
        asked: For what.
        event_id: New; the address is sealed for it.
        now: When.
        user_id: Whose letter it is, where that is known; for `Asked.REGISTERED` the id that the
            new account has, if it came about.
        sealed: The address, where nobody looked yet whose it is.
    """
    return Event(
        event_id=event_id,
        event_type=TOPIC,
        occurred_at=now,
        correlation_id=str(event_id),
        data={"asked": asked.value, "user_id": user_id, "sealed_email": sealed},
    )


def letter_for(asked: Asked, account: Account | None, user_id: str) -> Letter | None:
    """Return the letter that an account is sent, None for none.

    Who registers an address that has an unverified account gets a reset: the password of that
    account may be a stranger's who was here first, and must not be made good by a verification.

    Args:
        asked: For what.
        account: Of the address or the id.
        user_id: As `requested` was told it.
    """
    if account is not None and asked is Asked.DELETION:
        return Letter.DELETION if account.status == LEAVING else None
    if account is None or not account.is_active:
        return None
    if asked is Asked.REGISTERED and account.id != user_id:
        return Letter.KNOWN if account.email_verified else Letter.RESET
    if asked in {Asked.REGISTERED, Asked.VERIFICATION}:
        return None if account.email_verified else Letter.VERIFY
    return {
        Asked.RESET: Letter.RESET,
        Asked.PASSWORD_CHANGED: Letter.CHANGED,
        Asked.TOKEN_REUSED: Letter.REUSED,
        Asked.IDENTITY_ADDED: Letter.IDENTITY_ADDED,
        Asked.IDENTITY_REMOVED: Letter.IDENTITY_REMOVED,
        Asked.FACTOR_ADDED: Letter.FACTOR_ADDED,
        Asked.FACTOR_REMOVED: Letter.FACTOR_REMOVED,
        Asked.BACKUP_CODES_MADE: Letter.BACKUP_CODES_MADE,
        Asked.BACKUP_CODE_USED: Letter.BACKUP_CODE_USED,
        Asked.PIN_PAUSED: Letter.PIN,
        Asked.EXPORTED: Letter.EXPORTED,
        Asked.FAR: Letter.FAR,
    }[asked]


_SECURITY = ("security", "Account security")
_PAGES = {
    Letter.VERIFY: ("verify-email", "Verify the address"),
    Letter.KNOWN: ("forgot-password", "Choose a new password"),
    Letter.RESET: ("reset-password", "Choose a new password"),
    Letter.CHANGED: ("forgot-password", "Choose a new password"),
    Letter.REUSED: _SECURITY,
    Letter.FAR: _SECURITY,
    Letter.IDENTITY_ADDED: _SECURITY,
    Letter.IDENTITY_REMOVED: _SECURITY,
    Letter.FACTOR_ADDED: _SECURITY,
    Letter.FACTOR_REMOVED: _SECURITY,
    Letter.BACKUP_CODES_MADE: _SECURITY,
    Letter.BACKUP_CODE_USED: _SECURITY,
    Letter.PIN: ("parental-controls", "Parental controls"),
    Letter.DELETION: ("restore-account", "Have the account back"),
    Letter.EXPORTED: ("download-export", "Download the copy"),
}
"""Where a letter leads, and what its link is called."""
_SUBJECTS = {
    Letter.VERIFY: "Verify your mail address",
    Letter.KNOWN: "You have an account already",
    Letter.RESET: "Choose a new password",
    Letter.CHANGED: "Your password was changed",
    Letter.REUSED: "A session of yours was ended",
    Letter.IDENTITY_ADDED: "Another account opens yours now",
    Letter.IDENTITY_REMOVED: "Another account opens yours no more",
    Letter.FACTOR_ADDED: "A second factor was added to your account",
    Letter.FACTOR_REMOVED: "A second factor was removed from your account",
    Letter.BACKUP_CODES_MADE: "You have new backup codes",
    Letter.BACKUP_CODE_USED: "A backup code of yours was used",
    Letter.PIN: "Somebody guesses your PIN",
    Letter.DELETION: "Your account will be deleted",
    Letter.EXPORTED: "The copy of your data is ready",
    Letter.FAR: "Somebody signed in from far away",
}
_WORDS = {
    Letter.VERIFY: (
        "Somebody, most likely you, made an account with this address.",
        "This code verifies the address. It can be used once, within 24 hours.",
        "If it was not you, ignore this mail: nothing more comes of it.",
    ),
    Letter.KNOWN: (
        "Somebody, most likely you, wanted to make an account with this address.",
        "There is one already. Sign in, or ask for a new password where you forgot yours.",
        "If it was not you, there is nothing to do: nobody got in.",
    ),
    Letter.RESET: (
        "Somebody, most likely you, asked for a way into the account of this address.",
        "With this code you choose a new password. It can be used once, within an hour.",
        "If it was not you, ignore this mail: your account stays as it is.",
    ),
    Letter.CHANGED: (
        "The password of your account was changed, and other sessions were ended.",
        "If it was not you, ask for a new password at once.",
    ),
    Letter.REUSED: (
        "A key to one of your sessions was used twice, as happens when somebody copied it.",
        "The session was ended. Sign in again on that device.",
        "If you see sessions you do not know, end them and change your password.",
    ),
    Letter.DELETION: (
        "Your account is closed now, and will be deleted for good in 30 days, as was asked for.",
        "With this code you get it back until then. So does signing in, where you are asked.",
        "If it was not you who asked, get it back and change your password at once.",
    ),
    Letter.EXPORTED: (
        "The copy of what is kept of you, which you asked for, is ready.",
        "With this code it can be downloaded for seven days.",
        "Whoever has the code has your data: do not pass this mail on.",
    ),
    Letter.IDENTITY_ADDED: (
        "An account of yours at another provider can be used to sign in here from now on.",
        "If it was not you, remove it, end your sessions and change your password at once.",
    ),
    Letter.IDENTITY_REMOVED: (
        "An account at another provider can be used to sign in here no more.",
        "If it was not you, end your sessions and change your password at once.",
    ),
    Letter.FACTOR_ADDED: (
        "An authenticator app or a passkey was added to your account. It can be used to sign in.",
        "If it was not you, remove it, end your sessions and change your password at once.",
    ),
    Letter.FACTOR_REMOVED: (
        "An authenticator app or a passkey was removed from your account.",
        "If it was not you, end your sessions and change your password at once.",
    ),
    Letter.BACKUP_CODES_MADE: (
        "New backup codes were made for your account. Those you had before are no good any more.",
        "If it was not you, end your sessions and change your password at once.",
    ),
    Letter.BACKUP_CODE_USED: (
        "One of the backup codes of your account was used. It is used up by that.",
        "If it was not you, make new ones, end your sessions and change your password at once.",
    ),
    Letter.FAR: (
        "Somebody signed in to your account from too far away for who used it last to be there.",
        "Until they prove again who they are, nothing that guards the account can be changed.",
        "If it was not you, end your sessions and choose another password at once.",
    ),
    Letter.PIN: (
        "A wrong PIN was entered five times in your household. It is not taken for 15 minutes now.",
        "What may be watched stays as you have set it.",
    ),
}


def write(letter: Letter, account: Account, event_id: UUID, *, token: str, pages: str) -> Message:
    """Return a letter as it is sent, plain and as HTML.

    Args:
        letter: Which.
        account: Whose.
        event_id: Of the event that asked for it.
        token: For its purpose; empty where it has none.
        pages: Address of the pages of accounts, or empty: then a letter has no link.
    """
    greeting = f"Hello {account.display_name},"
    lines = [greeting, *_WORDS[letter]]
    plain, rich = list(lines), [escape(line) for line in lines]
    at = len(lines)
    if token:
        at = 4
        plain.insert(3, token)
        rich.insert(3, f"<code>{escape(token)}</code>")
    if pages:
        name, words = _PAGES[letter]
        link = f"{pages.rstrip('/')}/{name}" + (f"#token={token}" if token else "")
        plain.insert(at, link)
        rich.insert(at, f'<a href="{escape(link)}">{escape(words)}</a>')
    body = "".join(f"<p>{line}</p>" for line in rich)
    return Message(
        id=str(event_id),
        to=account.email,
        subject=_SUBJECTS[letter],
        text="\n\n".join(plain) + "\n",
        html=f'<!doctype html><html lang="en"><body>{body}</body></html>',
    )
