"""The device grant: a code on a screen, approved on another device (RFC 8628, spec/auth §5.2).

pending ── approve ──▶ approved ── poll ──▶ used        tokens come of it once
   └─────── deny ────▶ denied
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from shared.identity.scopes import permitted
from shared.kernel.errors import ConflictError, GoneError, InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from shared.kernel.principal import Principal

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""32 symbols of which none is taken for another: 8 of them have 40 bits."""
LENGTH = 8
LIFE = timedelta(seconds=900)
INTERVAL = timedelta(seconds=5)
SLOWER = timedelta(seconds=5)
"""What a poll before its time adds to the interval, for good (RFC 8628 §3.5)."""
WRONG_CODES = 5
WRONG_CODES_WINDOW = timedelta(minutes=15)
"""So many wrong codes a user may enter in so long (RFC 8628 §5.1, spec/auth §5.9)."""


class CodeUnknownError(NotFoundError):
    """No device waits for this code."""

    code = "device-code-unknown"


class CodeExpiredError(GoneError):
    """The device's code has expired; it shows another one."""

    code = "device-code-expired"


class CodeDecidedError(ConflictError):
    """Somebody has approved or denied the code already."""

    code = "device-code-used"


class Stage(StrEnum):
    """What a poll finds."""

    PENDING = "pending"
    TOO_SOON = "too_soon"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Started:
    """What a device asks to be let in to.

    Attributes:
        device_name: As it calls itself, or empty.
        network: It asked from, or empty.
    """

    client_id: str
    scopes: tuple[str, ...]
    requested_at: datetime
    device_name: str = ""
    network: str = ""


@dataclass(frozen=True)
class Approval:
    """Who lets a device in, and to what.

    Attributes:
        profile_id: Of the household, as whom the session begins; empty for the user's own.
    """

    user_id: str
    scopes: tuple[str, ...]
    methods: tuple[str, ...]
    authenticated_at: datetime
    profile_id: str = ""


@dataclass(frozen=True)
class Polled:
    """What a poll found; `approval` is there once, where it was approved."""

    stage: Stage
    client_id: str = ""
    device_name: str = ""
    network: str = ""
    approval: Approval | None = None


class DeviceCodes(Protocol):
    """Codes of devices that wait; every call is atomic. The clock decides what has expired."""

    def start(self, device_hash: bytes, user_code: str, wish: Started) -> bool:
        """Keep a code for `LIFE`; False where the user code is taken."""

    def poll(self, device_hash: bytes, client_id: str, now: datetime) -> Polled:
        """Return how it stands; what was approved is used up by that, and found once."""

    def find(self, user_code: str, now: datetime) -> Started:
        """Return what waits for a decision.

        Raises:
            CodeUnknownError: Nothing does.
            CodeExpiredError: It did.
            CodeDecidedError: The decision was made.
        """

    def decide(self, user_code: str, approval: Approval | None, now: datetime) -> None:
        """Approve, or deny where there is no approval; raises as `find`."""

    def count_wrong(self, user_id: str) -> None:
        """Count a code that was wrong."""

    def check_tries(self, user_id: str) -> None:
        """Let a user enter a code.

        Raises:
            ExhaustedError: `WRONG_CODES` were wrong within `WRONG_CODES_WINDOW`.
        """


@dataclass(frozen=True)
class TriedCodes:
    """Codes as users enter them: a few wrong ones, and a user has to wait."""

    codes: DeviceCodes

    def find(self, user_id: str, typed: str, now: datetime) -> Started:
        """Return what waits for a decision; raises as `DeviceCodes.find`.

        Raises:
            ExhaustedError: The user has entered too many wrong codes.
        """
        self.codes.check_tries(user_id)
        try:
            return self.codes.find(normalized(typed), now)
        except CodeUnknownError:
            self.codes.count_wrong(user_id)
            raise

    def decide(self, typed: str, approval: Approval | None, now: datetime) -> None:
        """Approve, or deny where there is no approval; raises as `DeviceCodes.find`."""
        self.codes.decide(normalized(typed), approval, now)


def approval_of(
    who: Principal, waiting: Started, asked: Iterable[str] | None, now: datetime
) -> Approval:
    """Return a signed-in user's approval: no more than was requested and their roles may have.

    Raises:
        InvalidInputError: None is left, or one was not requested.
    """
    may = set(permitted(who.roles))
    granted = tuple(s for s in chosen(asked, waiting.scopes) if s in may)
    if not granted:
        raise InvalidInputError("scopes: none of them is yours to give")
    return Approval(
        user_id=who.sub,
        scopes=granted,
        methods=who.methods,
        authenticated_at=who.authenticated_at or now,
        profile_id="" if who.pid == who.sub else who.pid,
    )


def new_user_code() -> str:
    """Return a code as a user types it, without the dash."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def shown(user_code: str) -> str:
    """Return a code as a screen shows it, ``XXXX-XXXX``."""
    return f"{user_code[:4]}-{user_code[4:]}"


def normalized(typed: str) -> str:
    """Return a code as it is kept, whatever case, blanks and dashes it was typed with.

    Raises:
        CodeUnknownError: It can be no code.
    """
    found = "".join(c for c in typed.upper() if c not in " -\u2010\u2011\u2013")
    if len(found) != LENGTH or not set(found) <= set(ALPHABET):
        raise CodeUnknownError("no device waits for this code")
    return found


def chosen(asked: Iterable[str] | None, requested: tuple[str, ...]) -> tuple[str, ...]:
    """Return the scopes a user grants: all that were requested, or fewer.

    Raises:
        InvalidInputError: One was not requested, or none is left.
    """
    if asked is None:
        return requested
    wanted = set(asked)
    if not wanted or not wanted <= set(requested):
        raise InvalidInputError("scopes: one or more of those that the device asks for")
    return tuple(s for s in requested if s in wanted)
