"""Pauses for whoever guesses: some tries are free, then each costs twice the wait of the last.

A try is counted before it is judged and taken back when it was good, so that a thousand tries at
once are a thousand tries. Nothing is locked for good: an account that strangers could lock would be
theirs to take away (OWASP Authentication Cheat Sheet, "Account Lockout").
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from shared.kernel.errors import ExhaustedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.kernel.clock import Clock

LOCAL_MOST = 10_000
"""Most keys that one process counts by itself."""


class TooManyTriesError(ExhaustedError):
    """So many tries were made lately that the next has to wait."""

    code = "too-many-tries"


@dataclass(frozen=True)
class Pace:
    """How many tries are free, and how long the pauses behind them are.

    Attributes:
        name: First part of the keys it counts.
        free: Tries before the first pause.
        first_seconds: The first pause; each further one is twice as long.
        longest_seconds: No pause is longer.
        window_seconds: After so long without a try all is forgotten, pauses not counted.
    """

    name: str
    free: int
    first_seconds: float
    longest_seconds: float
    window_seconds: float

    def pause(self, tries: int) -> float:
        """Return the seconds to wait after a number of tries."""
        if tries < self.free:
            return 0.0
        doublings = min(tries - self.free, 30)
        return min(self.longest_seconds, self.first_seconds * 2.0**doublings)

    def strict(self) -> Pace:
        """Return what one process counts alone while the shared count is gone: half is free."""
        return replace(self, free=max(1, self.free // 2))


ACCOUNT = Pace("login_fail", 5, 1, 900, 900)
NETWORK = Pace("login_fail_ip", 5, 1, 60, 300)
"""Many people share a network, so its pauses stay short."""
LETTERS = Pace("mail_ask", 3, 3600, 3600, 3600)
AGAIN = Pace("mail_again", 1, 60, 60, 60)


@dataclass(frozen=True)
class Count:
    """One thing whose tries are counted: an account, a network, a mail address."""

    pace: Pace
    of: str

    @property
    def key(self) -> str:
        """Where the count is kept; it names nobody."""
        return f"auth:{self.pace.name}:{sha256(self.of.encode()).hexdigest()[:32]}"


class Throttle(Protocol):
    """Counts tries, in one step that nobody can come between."""

    def begin(self, counts: Sequence[Count]) -> float:
        """Count one try of each and return 0, or count nothing and return the seconds to wait."""

    def left(self, counts: Sequence[Count]) -> float:
        """Return the seconds that the next try of them has to wait; counts nothing."""

    def good(self, counts: Sequence[Count], *, forget: Sequence[Count] = ()) -> None:
        """Take back a try that was good.

        Args:
            counts: Lose this one try.
            forget: Lose every try.
        """


def admit(throttle: Throttle, counts: Sequence[Count]) -> None:
    """Count one try.

    Raises:
        TooManyTriesError: It has to wait.
    """
    wait = throttle.begin(counts)
    if wait > 0:
        raise TooManyTriesError(
            "too many tries; wait before the next", retry_after_seconds=round(wait, 3)
        )


@dataclass
class _Tries:
    number: int = 0
    last: float = 0.0
    until: float = 0.0


class LocalThrottle:
    """`Throttle` in the memory of one process, with half of the tries free.

    Args:
        clock: The time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tries: dict[str, _Tries] = {}
        self._lock = Lock()

    def begin(self, counts: Sequence[Count]) -> float:
        """See `Throttle.begin`."""
        now = self._clock.now().timestamp()
        with self._lock:
            found = [(each.pace.strict(), self._of(each)) for each in counts]
            wait = max((tries.until - now for _, tries in found), default=0.0)
            if wait > 0:
                return wait
            for pace, tries in found:
                over = now - max(tries.last, tries.until) > pace.window_seconds
                tries.number = 1 if over else tries.number + 1
                tries.last, tries.until = now, now + pace.pause(tries.number)
        return 0.0

    def left(self, counts: Sequence[Count]) -> float:
        """See `Throttle.left`."""
        now = self._clock.now().timestamp()
        with self._lock:
            return max([0.0, *(self._of(each).until - now for each in counts)])

    def good(self, counts: Sequence[Count], *, forget: Sequence[Count] = ()) -> None:
        """See `Throttle.good`."""
        with self._lock:
            for each in counts:
                tries = self._of(each)
                tries.number, tries.until = max(0, tries.number - 1), 0.0
            for each in forget:
                self._tries.pop(each.key, None)

    def _of(self, count: Count) -> _Tries:
        if len(self._tries) >= LOCAL_MOST and count.key not in self._tries:
            del self._tries[next(iter(self._tries))]
        return self._tries.setdefault(count.key, _Tries())
