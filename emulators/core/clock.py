"""The time every emulated deadline is measured with."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock(Protocol):
    """Says what time it is and waits for time to pass."""

    def now(self) -> float:
        """Return the time as seconds since 1970 UTC."""

    async def sleep(self, seconds: float) -> None:
        """Return when ``seconds`` of this clock's time have passed."""


class VirtualClock:
    """`Clock` that follows real time at an offset, and can be advanced or frozen.

    Sleepers wake by themselves while time runs, and at once when it is advanced past them.
    """

    # This is where real time enters; everything else is handed a Clock.
    def __init__(self, real: Callable[[], float] = time.time) -> None:  # noqa: TID251
        self._real = real
        self._offset = 0.0
        self._frozen_at: float | None = None
        self._sleepers: dict[asyncio.Future[None], float] = {}
        self._timers: dict[asyncio.Future[None], asyncio.TimerHandle] = {}

    @property
    def frozen(self) -> bool:
        """Whether time stands still until it is advanced or resumed."""
        return self._frozen_at is not None

    def now(self) -> float:
        """Return the time as seconds since 1970 UTC."""
        if self._frozen_at is not None:
            return self._frozen_at
        return self._real() + self._offset

    async def sleep(self, seconds: float) -> None:
        """Return when ``seconds`` of virtual time have passed; at 0 or less, after one yield."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers[future] = self.now() + seconds
        self._arm(future)
        try:
            await future
        finally:
            self._forget(future)

    def advance(self, seconds: float) -> None:
        """Move time forward and wake every sleeper whose moment has come.

        Raises:
            ValueError: ``seconds`` is negative.
        """
        if seconds < 0:
            raise ValueError(f"time only moves forward, not by {seconds} s")
        if self._frozen_at is not None:
            self._frozen_at += seconds
        else:
            self._offset += seconds
        self._rearm()

    def freeze(self) -> None:
        """Stop time where it is."""
        if self._frozen_at is None:
            self._frozen_at = self.now()
            self._rearm()

    def resume(self) -> None:
        """Let time run on from where it was stopped."""
        if self._frozen_at is not None:
            self._offset = self._frozen_at - self._real()
            self._frozen_at = None
            self._rearm()

    def _rearm(self) -> None:
        for future in list(self._sleepers):
            self._arm(future)

    def _arm(self, future: asyncio.Future[None]) -> None:
        timer = self._timers.pop(future, None)
        if timer:
            timer.cancel()
        remaining = self._sleepers[future] - self.now()
        if remaining <= 0:
            _wake(future)
        elif not self.frozen:
            loop = future.get_loop()
            self._timers[future] = loop.call_later(remaining, self._ring, future)

    def _ring(self, future: asyncio.Future[None]) -> None:
        # The event loop's clock and the wall clock may disagree by a little: look again.
        self._timers.pop(future, None)
        if future in self._sleepers:
            self._arm(future)

    def _forget(self, future: asyncio.Future[None]) -> None:
        self._sleepers.pop(future, None)
        timer = self._timers.pop(future, None)
        if timer:
            timer.cancel()


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
