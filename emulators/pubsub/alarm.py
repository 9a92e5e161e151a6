"""A wake-up call on the virtual clock."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulators.core.clock import Clock


class Alarm:
    """Runs one action at the earliest moment it was asked for.

    Args:
        clock: Whose time the moments are of.
        action: Called without arguments; it asks again when there is more to wait for.
    """

    def __init__(self, clock: Clock, action: Callable[[], None]) -> None:
        self._clock = clock
        self._action = action
        self._task: asyncio.Task[None] | None = None
        self._when = 0.0

    def at(self, when: float) -> None:
        """Ring at this moment, unless an earlier one is set."""
        if self._task is not None:
            if self._when <= when:
                return
            self._task.cancel()
        self._when = when
        self._task = asyncio.get_running_loop().create_task(self._ring())

    def cancel(self) -> None:
        """Do not ring."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _ring(self) -> None:
        await self._clock.sleep(self._when - self._clock.now())
        self._task = None
        self._action()
