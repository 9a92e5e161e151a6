"""The time every emulated deadline is measured with.

Timers fire in the order of their moments, those of one moment in the order they were asked for:

    advance   at once: an action sees its own moment; a sleeper is woken in its turn, and goes on
              when time has arrived
    travel    timer by timer: whoever is woken sees its own moment too, and what it then asks for
              still fires on the way
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TURNS = 12
"""Turns of the event loop that woken tasks get before time goes on: enough for a chain of them."""
_PATIENCE_SECONDS = 5.0
_FEW_TIMERS = 64


class Alarm(Protocol):
    """A timer that is set."""

    def cancel(self) -> None:
        """Do not ring."""


class Clock(Protocol):
    """Says what time it is and waits for time to pass."""

    def now(self) -> float:
        """Return the time as seconds since 1970 UTC."""

    async def sleep(self, seconds: float) -> None:
        """Return when ``seconds`` of this clock's time have passed."""

    def call_at(self, moment: float, action: Callable[[], None]) -> Alarm:
        """Call ``action`` once at a moment; in the past, at the loop's next turn."""

    def busy(self) -> contextlib.AbstractContextManager[None]:
        """Do work that time, when it travels, waits for."""


@dataclass(order=True, slots=True)
class Timer:
    """An action and its moment; ``order`` counts who asked first."""

    moment: float
    order: int
    action: Callable[[], None] | None = field(compare=False)

    def cancel(self) -> None:
        """Do not ring."""
        self.action = None


@dataclass(frozen=True)
class Reading:
    """How a clock is set, to be kept over a restart.

    Attributes:
        offset: Seconds ahead of real time; where it is frozen, of no meaning.
        frozen_at: Where time stands still, seconds since 1970; None where it runs.
    """

    offset: float = 0.0
    frozen_at: float | None = None


class VirtualClock:
    """`Clock` that follows real time at an offset, and can be advanced, frozen or moved.

    Args:
        real: The time outside.
        reading: How it was set before.
    """

    # This is where real time enters; everything else is handed a Clock.
    def __init__(
        self,
        real: Callable[[], float] = time.time,  # noqa: TID251
        reading: Reading | None = None,
    ) -> None:
        reading = reading or Reading()
        self._real = real
        self._offset = reading.offset
        self._frozen_at = reading.frozen_at
        self._shown: float | None = None  # while time travels, and between steps
        self._until = 0.0
        self._stepping = False
        self._timers: list[Timer] = []
        self._orders = itertools.count()
        self._bell: asyncio.TimerHandle | None = None
        self._steps: set[asyncio.Task[None]] = set()
        self._road = asyncio.Lock()
        self._works = 0
        self._idle = asyncio.Event()
        self._many = _FEW_TIMERS

    @property
    def frozen(self) -> bool:
        """Whether time stands still until it is advanced or resumed."""
        return self._frozen_at is not None

    @property
    def waiting(self) -> int:
        """How many timers and sleepers there are."""
        return sum(timer.action is not None for timer in self._timers)

    @property
    def reading(self) -> Reading:
        """How it is set."""
        return Reading(self._offset, self._frozen_at)

    def now(self) -> float:
        """Return the time as seconds since 1970 UTC."""
        if self._shown is not None:
            return self._shown
        return self._outside()

    def _outside(self) -> float:
        return self._real() + self._offset if self._frozen_at is None else self._frozen_at

    async def sleep(self, seconds: float) -> None:
        """Return when ``seconds`` of virtual time have passed; at 0 or less, after one yield."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = self.call_at(self.now() + seconds, lambda: _wake(future))
        try:
            await future
        finally:
            timer.cancel()

    def call_at(self, moment: float, action: Callable[[], None]) -> Timer:
        """Call ``action`` once at a moment; in the past, at the loop's next turn."""
        if len(self._timers) > self._many:
            self._drop_cancelled()
        timer = Timer(moment, next(self._orders), action)
        heapq.heappush(self._timers, timer)
        if self._timers[0] is timer:
            self._arm()
        return timer

    @contextlib.contextmanager
    def busy(self) -> Iterator[None]:
        """Do work that time, when it travels, waits for: up to some real seconds at each timer."""
        self._works += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._works -= 1
            if not self._works:
                self._idle.set()

    def advance(self, seconds: float) -> None:
        """Move time forward at once.

        Raises:
            ValueError: ``seconds`` is negative.
        """
        if seconds < 0:
            raise ValueError(f"time only moves forward, not by {seconds} s")
        if self._road.locked():
            self._until += seconds
            return
        until = self.now() + seconds
        while (timer := self._next(until)) is not None:
            self._shown = max(self.now(), timer.moment)
            _fire(timer)
        self._arrive(until)
        self._arm()

    async def travel(self, moment: float) -> None:
        """Let time pass up to a moment, timer by timer; a moment in the past is now.

        Time goes on from a timer when those it woke have had their turns and nobody is `busy`.
        """
        async with self._road:
            if self._stepping:
                await settled()  # what is under way sees the time that it began at
            self._until = max(moment, self.now())
            self._shown = self.now()
            while (timer := self._next(self._until)) is not None:
                self._shown = max(self._shown, timer.moment)
                _fire(timer)
                while (timer := self._next(self._shown)) is not None:
                    _fire(timer)
                await self._settle()
            self._arrive(self._until)
        self._arm()

    def freeze(self) -> None:
        """Stop time where it is."""
        if self._frozen_at is None:
            self._frozen_at = self.now()
            self._arm()

    def resume(self) -> None:
        """Let time run on from where it was stopped."""
        if self._frozen_at is not None:
            self._offset = self._frozen_at - self._real()
            self._frozen_at = None
            self._arm()

    def by_steps(self, *, on: bool = True) -> None:
        """Let time that runs stand between calls of `step` and timers, or run evenly again.

        What happens is then a function of the steps: each timer sees its moment, and all that one
        step lets happen sees the time of the step.
        """
        self._stepping = on
        self._shown = _whole(self._outside()) if on else None
        self._arm()

    async def step(self) -> None:
        """Bring time that runs by steps up to date."""
        await self.travel(_whole(self._outside()))

    async def _settle(self) -> None:
        await settled()
        if self._works:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE_SECONDS):  # real time: it is done outside
                    await self._idle.wait()
            await settled()

    def _arrive(self, moment: float) -> None:
        if self._frozen_at is not None:
            self._frozen_at = moment
        elif moment > self._outside() or not self._stepping:
            self._offset = moment - self._real()
        self._shown = moment if self._stepping else None

    def _next(self, until: float) -> Timer | None:
        """Take the first timer of those that are due by a moment."""
        timers = self._timers
        while timers and (timers[0].action is None or timers[0].moment <= until):
            timer = heapq.heappop(timers)
            if timer.action is not None:
                return timer
        return None

    def _arm(self) -> None:
        """Have the event loop ring when the first timer is due."""
        if self._bell is not None:
            self._bell.cancel()
            self._bell = None
        if not self._timers or self._road.locked():
            return
        remaining = self._timers[0].moment - self._outside()
        if remaining <= 0 or self._frozen_at is None:
            # Without a loop nobody waits yet; the next timer arms for this one too.
            with contextlib.suppress(RuntimeError):
                loop = asyncio.get_running_loop()
                self._bell = loop.call_later(max(0.0, remaining), self._ring)

    def _ring(self) -> None:
        # The event loop's clock and the wall clock may disagree by a little: look again.
        self._bell = None
        if self._road.locked():
            return
        if self._stepping:
            moment = min(self._timers[0].moment, self._outside()) if self._timers else self.now()
            step = asyncio.get_running_loop().create_task(self.travel(moment))
            self._steps.add(step)
            step.add_done_callback(self._steps.discard)
            return
        while (timer := self._next(self.now())) is not None:
            _fire(timer)
        self._arm()

    def _drop_cancelled(self) -> None:
        self._timers = [timer for timer in self._timers if timer.action is not None]
        heapq.heapify(self._timers)
        self._many = max(_FEW_TIMERS, 2 * len(self._timers))


def _whole(seconds: float) -> float:
    """Round to microseconds, which is what can be noted."""
    return round(seconds * 1e6) / 1e6


async def settled() -> None:
    """Return when what can go on by itself has had its turns."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


def _fire(timer: Timer) -> None:
    action, timer.action = timer.action, None
    if action is not None:
        action()


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
