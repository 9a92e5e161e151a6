"""Parental controls: the limits of a whole account, and the PIN that guards them (spec/auth §5.12).

Whoever holds the account's session may make limits stricter. To let more be seen, or to change the
PIN, is for those who know it: a child has the session too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from shared.identity.limits import NO_LIMITS, Limits, Window, is_higher
from shared.kernel.errors import DeniedError, FieldIssue, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable
    from datetime import time

    from shared.identity.accounts import Told
    from shared.identity.parental_wishes import ControlsChange

DEFAULT_ZONE = "Etc/UTC"
_HOUR = 60
_DAY = 24 * _HOUR


class PinNeededError(DeniedError):
    """More would be seen than now, and nobody has shown that they know the PIN."""

    code = "pin-needed"

    def __init__(self) -> None:
        super().__init__("verify the PIN, then repeat the request with X-Pin-Token")


@dataclass(frozen=True)
class Controls:
    """What an account's owner has set.

    Attributes:
        enabled: Whether it holds.
        start: When watching may begin, by the clocks of `timezone`; None for any time.
        end: When it has to end.
        pin_hash: A PHC string, sealed; None for no PIN.
    """

    enabled: bool = False
    max_rating: str = ""
    blocked_genres: tuple[str, ...] = ()
    start: time | None = None
    end: time | None = None
    timezone: str = DEFAULT_ZONE
    pin_hash: str | None = None

    @property
    def limits(self) -> Limits:
        """Whatever holds while they are enabled."""
        window = None
        if self.start is not None and self.end is not None:
            window = Window(self.start, self.end, self.timezone)
        return Limits(self.max_rating, self.blocked_genres, window)

    @property
    def in_force(self) -> Limits:
        """What holds now."""
        return self.limits if self.enabled else NO_LIMITS


NONE_SET = Controls()


class ParentalControls(Protocol):
    """Controls as they are kept."""

    def find(self, user_id: str) -> Controls:
        """Return an account's, `NONE_SET` where nobody has set any."""

    def change(self, user_id: str, decide: Callable[[Controls], Controls], told: Told) -> Controls:
        """Keep what is decided over what is kept; of two at once, the second sees the first's.

        Where less may be seen than before, access tokens that say otherwise are dead within
        seconds; sessions go on and are given others.

        Args:
            user_id: The account.
            decide: Returns what to keep, or raises; nobody changes it meanwhile.
            told: Written with it.

        Raises:
            NotFoundError: The account is gone.
        """

    def tell(self, told: Told) -> None:
        """Write what is to be told, and nothing else."""


def changed(kept: Controls, wish: ControlsChange, pin_hash: str | None) -> Controls:
    """Return controls with a change made to them.

    Args:
        kept: As they are.
        wish: What is named in it changes.
        pin_hash: Of the PIN in it, where there is one.

    Raises:
        InvalidInputError: One end of the window would be missing, or both would be the same.
    """
    made: Controls = replace(kept, **wish.values())
    made = replace(made, pin_hash=pin_hash) if wish.changes_pin else made
    if (made.start is None) != (made.end is None):
        raise _refused("set both ends of the window, or neither")
    if made.start is not None and made.start == made.end:
        raise _refused("a window that ends where it starts is none")
    return made


def must_be_proven(kept: Controls, wanted: Controls, proof: str) -> None:
    """Refuse a change that needs the PIN where nobody has shown it.

    Args:
        kept: As they are.
        wanted: As they would be.
        proof: What `fingerprint` says of the PIN that was verified, empty where none was.

    Raises:
        PinNeededError: It does.
    """
    if is_proven(kept, proof):
        return
    disabled = kept.enabled and not wanted.enabled
    if disabled or kept.pin_hash != wanted.pin_hash or opens(kept.limits, wanted.limits):
        raise PinNeededError


def is_proven(kept: Controls, proof: str) -> bool:
    """Tell whether nothing stands in the way of who shows this proof: no PIN, or the same."""
    return kept.pin_hash is None or fingerprint(kept.pin_hash) == proof


def fingerprint(pin_hash: str) -> str:
    """Return what tells a PIN from the one before it; from this nobody gets the hash back."""
    return sha256(pin_hash.encode()).hexdigest()[:32]


def opens(before: Limits, after: Limits) -> bool:
    """Tell whether something may be seen after a change that could not be seen before it.

    Another time zone moves a window, so it opens something and closes something else.
    """
    unblocked = set(before.blocked_genres) - set(after.blocked_genres)
    higher = is_higher(after.max_rating, before.max_rating)
    return higher or bool(unblocked) or _is_wider(before.window, after.window)


def closes(before: Limits, after: Limits) -> bool:
    """Tell whether something may no longer be seen after a change."""
    return opens(after, before)


def must_be_known(genres: Iterable[str], known: Container[str]) -> None:
    """Refuse genres that the catalog does not have.

    Raises:
        InvalidInputError: Naming the first.
    """
    unknown = next((genre for genre in genres if genre not in known), None)
    if unknown is not None:
        issue = FieldIssue("blocked_genres", "known-genre", f"there is no genre {unknown!r}")
        raise InvalidInputError("blocked_genres: one is unknown", issues=[issue])


def _is_wider(before: Window | None, after: Window | None) -> bool:
    if before is None or after is None:
        return before is not None
    return before.timezone != after.timezone or not _minutes(after) <= _minutes(before)


def _minutes(window: Window) -> frozenset[int]:
    """Return the minutes of a day in which a window is open, by the clock on the wall."""
    first, last = (at.hour * _HOUR + at.minute for at in (window.start, window.end))
    return frozenset(minute % _DAY for minute in range(first, last + _DAY * window.is_overnight))


def _refused(message: str) -> InvalidInputError:
    issue = FieldIssue("viewing_end", "window", message)
    return InvalidInputError(f"viewing window: {message}", issues=[issue])
