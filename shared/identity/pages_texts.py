"""What our pages say: of scopes, of times, of what went wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import timedelta

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


@dataclass(frozen=True)
class Problem:
    """What a page says of what went wrong.

    Attributes:
        fields: What to do about each field that is not right, by name.
    """

    title: str
    text: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


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
            "Your mail address is not verified yet", "Open the link in the mail that we sent you."
        ),
        "factor-wrong": Problem(
            "That was not right",
            "A code works once, and only for a short time.",
            {"code": "Enter the code that is shown now"},
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
        "invalid-input": Problem("The form is not complete"),
        "malformed": Problem("This address or form cannot be read", "Go back and try again."),
    }
)


def problem_of(code: str, message: str = "", *, wait_seconds: float | None = None) -> Problem:
    """Return what a page says of an error.

    Args:
        code: Of the error.
        message: Of the error, where it is none of ours; said where we have no better words.
        wait_seconds: Until the next try, where it has to wait.
    """
    if wait_seconds is not None:
        return Problem("Too many tries", f"Wait {lasting(wait_seconds)} before the next one.")
    said = f"{message[:1].upper()}{message[1:]}."
    return PROBLEMS.get(code) or (Problem("This cannot be done", said) if message else UNKNOWN)


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
