"""A wake-up call on the virtual clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulators.core import clock


class Alarm:
    """Runs one action at the earliest moment it was asked for.

    Args:
        time: Whose time the moments are of.
        action: Called without arguments; it asks again when there is more to wait for.
    """

    def __init__(self, time: clock.Clock, action: Callable[[], None]) -> None:
        self._clock = time
        self._action = action
        self._timer: clock.Alarm | None = None
        self._when = 0.0

    def at(self, when: float) -> None:
        """Ring at this moment, unless an earlier one is set."""
        if self._timer is not None:
            if self._when <= when:
                return
            self._timer.cancel()
        self._when = when
        self._timer = self._clock.call_at(when, self._ring)

    def cancel(self) -> None:
        """Do not ring."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        self._timer = None
        self._action()
