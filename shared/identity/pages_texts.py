"""What our pages say: of scopes, of times, of what went wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import timedelta

    from shared.kernel.errors import FieldIssue

_BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows"} | {
    "Mac OS": "macOS",
    "CrOS": "ChromeOS",
    "Web0S": "webOS",
    "Tizen": "Tizen",
    "Linux": "Linux",
}
"""What stands in a ``User-Agent``, the most telling first: most name several of these."""

TEMPLATES = Path(__file__).parent / "pages"

SCOPES: Mapping[str, str] = MappingProxyType(
    {
        "read:content": "look at titles",
        "read:watchlist": "see your watchlist",
        "read:preferences": "see your preferences",
        "read:recommendations": "see what is recommended to you",
        "read:devices": "see your devices",
        "read:history": "see what you have watched",
        "write:watchlist": "change your watchlist",
        "write:preferences": "change your preferences",
        "write:ratings": "rate titles for you",
        "write:devices": "change your devices",
        "write:progress": "keep how far you have watched",
        "playback:control": "start and stop playback on your devices",
        "admin:full": "run this platform, with all that an administrator may do",
    }
)
"""Each scope as the end of a sentence: “It asks to …”."""


PURPOSES: Mapping[str, str] = MappingProxyType(
    {
        "activity": "Keep what I do as mine: searches under a pseudonym that changes each week",
        "analytics": "Count what I search for, in statistics and in what trends",
        "personalization": "Let answers depend on my taste, and take part in experiments",
    }
)
"""What each purpose of what is kept and used means, as its user says it."""


@dataclass(frozen=True)
class Problem:
    """What a page says of what went wrong.

    Attributes:
        fields: What to do about each field that is not right, by name.
        onward: What is called what, by its address, of pages that help.
    """

    title: str
    text: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    onward: Mapping[str, str] = field(default_factory=dict)


UNKNOWN = Problem("Something went wrong", "This is our fault. Try again in a moment.")
PROBLEMS: Mapping[str, Problem] = MappingProxyType(
    {
        "account-suspended": Problem(
            "This account may not be used", "Ask those who run this platform why."
        ),
        "authorization-gone": Problem(
            "This took too long", "Go back to the application and start again."
        ),
        "authorization-refused": Problem(
            "This application is not known here",
            "Or it asks us to send you somewhere it is not known to be. Do not go on with it.",
        ),
        "credentials-wrong": Problem("The mail address or the password is wrong"),
        "device-code-expired": Problem(
            "This code has expired", "The device shows a new one when you ask it to."
        ),
        "device-code-unknown": Problem(
            "No device waits for this code",
            "Compare it with the screen.",
            {"user_code": "Enter the code as the screen shows it"},
        ),
        "device-code-used": Problem("This code was used", "The device needs a new one."),
        "email-not-verified": Problem(
            "Your mail address is not verified yet",
            "Open the link in the mail that we sent you, or have another one sent.",
            onward={"/account/resend-verification": "Have another mail sent"},
        ),
        "account-leaving": Problem(
            "Your account is closed",
            "It will be deleted at the end of its thirty days. Until then you can have it back.",
            onward={"/account/restore-account": "Have it back"},
        ),
        "factor-wrong": Problem(
            "That was not right",
            "A code works once, and only for a short time.",
            {"code": "Enter the code that is shown now"},
        ),
        "factor-active": Problem(
            "You have an app already",
            "To take another one, show a code of it.",
            {"code": "Enter the code that the app shows now"},
        ),
        "passkey-limit": Problem("You have as many passkeys as you may", "Remove one first."),
        "last-admin": Problem(
            "You are the only administrator", "Make somebody else one before you leave."
        ),
        "last-way-in": Problem(
            "Nothing else opens your account",
            "Choose a password or add a passkey before you remove this.",
        ),
        "export-limit": Problem(
            "You asked for a copy within a day", "Its mail tells how to get it."
        ),
        "export-missing": Problem(
            "There is no such copy any more", "Copies are kept for seven days. Ask for another one."
        ),
        "household-full": Problem(
            "Your household has as many profiles as your plan allows", "Remove one first."
        ),
        "profile-not-found": Problem("There is no such profile", "Somebody may have removed it."),
        "own-profile": Problem(
            "This is your own profile", "Change it under “Your profile” and “Parental controls”."
        ),
        "pin-needed": Problem(
            "This lets more be seen",
            "Enter the PIN of your household to do it.",
            {"pin": "Enter the PIN"},
        ),
        "pin-wrong": Problem("This is another PIN", fields={"pin": "Enter the PIN"}),
        "pin-unset": Problem("There is no PIN", "Leave its field empty."),
        "api-key-limit": Problem("You have as many keys as you may", "Revoke one first."),
        "api-key-unknown": Problem("There is no such key", "You may have revoked it already."),
        "mail-token-unknown": Problem(
            "This code is none of ours", fields={"token": "Enter the code as the mail has it"}
        ),
        "mail-token-spent": Problem(
            "This code was used, or its time is over",
            "If it was you who used it, there is nothing more to do. Else have another mail sent.",
        ),
        "form-sent": Problem(
            "This form was sent before, or was open for too long",
            "Look whether what you wanted is there. If it is not, send the form again.",
        ),
        "form-forged": Problem(
            "This page was open for too long",
            "Send the form again. If that does not help, allow cookies of this site.",
        ),
        "mfa-token-invalid": Problem("This took too long", "Sign in again."),
        "provider-unavailable": Problem(
            "This way to sign in does not work right now", "Try another one."
        ),
        "provider-unknown": Problem("There is no such way to sign in", "Try another one."),
        "provider-refused": Problem(
            "You were not signed in there", "Begin again, or sign in another way."
        ),
        "assertion-refused": Problem(
            "We cannot rely on what we were told of you",
            "Begin again. If that does not help, sign in another way.",
        ),
        "sign-in-unknown": Problem(
            "This took too long", "Begin again, in this browser, and allow cookies of this site."
        ),
        "return-refused": Problem("This address leads nowhere", "Go back and try again."),
        "mail-taken": Problem(
            "Your mail address has an account here already",
            "Sign in with its password, or have a new one sent to you. You can add the other"
            " account afterwards.",
        ),
        "mail-needed": Problem(
            "We were told no verified mail address of yours",
            "Verify one there and begin again, or register here with a password.",
        ),
        "identity-taken": Problem(
            "This cannot be added",
            "That account opens another account here, or yours has another one of that kind.",
        ),
        "session-refused": Problem("You have just been signed out everywhere", "Sign in again."),
        "unavailable": Problem("We cannot answer right now", "Try again in a moment."),
        "circuit-open": Problem("We cannot answer right now", "Try again in a moment."),
        "timeout": Problem("This took too long", "Try again in a moment."),
        "too-large": Problem("This is more than we take", "Write less, or choose a smaller file."),
        "method-not-allowed": Problem("There is no such page", "Go back and try again."),
        "invalid-input": Problem("The form is not complete"),
        "malformed": Problem("This address or form cannot be read", "Go back and try again."),
    }
)

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "address": "Write a path of these pages",
        "age_confirmed": "Say that you are old enough",
        "avatar": "Choose a picture",
        "code": "Enter the six digits that your app shows",
        "current_password": "Enter the password that you have now",
        "display_name": "Enter a name of 1 to 100 characters",
        "email": "Enter your mail address as name@example.com",
        "expires_in_days": "Enter a number of days from 1 to 365",
        "language": "Write a language as en, es or pt-BR",
        "new_pin": "Enter 4 to 8 digits",
        "name": "Enter a name of 1 to 100 characters",
        "new_password": "Enter a new password",
        "password": "Enter a password",
        "pin": "Enter 4 to 8 digits",
        "rate_limit_per_minute": "Enter a number of 1 or more",
        "region": "Write a country with two capital letters, like US or ES",
        "scopes": "Tick at least one",
        "timezone": "Write a time zone like Europe/Madrid",
        "token": "Enter the code of the mail",
        "viewing_end": "Write a time like 21:30",
        "viewing_start": "Write a time like 16:00",
    }
)
"""What to do about a field that is not right."""
WHOLE = "form"
"""What is named where no one field is wrong, but all of them together."""
JUDGED = frozenset(
    {"current_password", "new_password", "password", "rate_limit_per_minute", "scopes"}
    | {"viewing_end"}
)
"""Fields with rules beyond their form: whoever refuses one says which."""


def problem_of(code: str, message: str = "", *, wait_seconds: float | None = None) -> Problem:
    """Return what a page says of an error.

    Args:
        code: Of the error.
        message: Of the error, where it is none of ours; said where we have no better words.
        wait_seconds: Until the next try, where it has to wait.
    """
    if wait_seconds is not None and code not in PROBLEMS:
        return Problem("Too many tries", f"Wait {lasting(wait_seconds)} before the next one.")
    said = f"{message[:1].upper()}{message[1:]}."
    return PROBLEMS.get(code) or (Problem("This cannot be done", said) if message else UNKNOWN)


def field_texts(issues: Iterable[FieldIssue]) -> dict[str, str]:
    """Return what to do about each field that is not right, by name."""
    named = [issue for issue in issues if issue.field != WHOLE]
    return {issue.field.partition(".")[0]: _field_text(issue) for issue in named}


def _field_text(issue: FieldIssue) -> str:
    """Return our own words for a field; where there are none, those of whoever refused it."""
    name = issue.field.partition(".")[0]
    if name in FIELDS and (issue.rule == "missing" or name not in JUDGED):
        return FIELDS[name]
    said = issue.message.removeprefix("Value error, ")
    return f"{said[:1].upper()}{said[1:]}"


def missing(**fields: str) -> Problem:
    """Return what a page says of fields that have to be filled in, or filled in another way."""
    return Problem("The form is not complete", fields=fields)


def described(scopes: Iterable[str]) -> dict[str, str]:
    """Return what scopes allow, by scope, in the order given."""
    return {scope: SCOPES.get(scope, scope) for scope in scopes}


def ago(age: timedelta) -> str:
    """Return how long something is past, for a reader."""
    seconds = age.total_seconds()
    return "just now" if seconds < 10 else f"{lasting(seconds)} ago"  # noqa: PLR2004 - a moment


def lasting(seconds: float) -> str:
    """Return a time for a reader: seconds up to a minute and a half, minutes from then on."""
    whole = max(1, round(seconds))
    number, unit = (whole, "second") if whole < 90 else (round(whole / 60), "minute")  # noqa: PLR2004 - as said
    return f"{number} {unit}{'' if number == 1 else 's'}"


def browser_name(user_agent: str) -> str:
    """Return a browser as its user would call it, as far as its own words tell."""
    browser = next((name for sign, name in _BROWSERS.items() if f"{sign}/" in user_agent), "")
    system = next((name for sign, name in _SYSTEMS.items() if sign in user_agent), "")
    return " on ".join(part for part in (browser or "A browser", system) if part)
