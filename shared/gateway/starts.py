"""Cold or ill: for how long a service without an answer is taken for one that is starting.

Cloud Run starts an instance when a request comes and keeps the request waiting meanwhile, so the
first question about an idle service goes unanswered though nothing is wrong.
"""

from __future__ import annotations

import math

STARTUP_SECONDS = 60.0
"""Longest that a start takes: the startup probe of terraform/modules/function gives up then."""
IDLE_SECONDS = 900.0
"""After so long without a sign the next one is of another start: Cloud Run keeps no idle instance
for more than 15 minutes (its documentation, "About instance autoscaling")."""


class Starts:
    """When services were last well, and since when they seem to be starting.

    Times are seconds of a clock that only goes forward.
    """

    def __init__(self) -> None:
        self._well: dict[str, float] = {}
        self._signs: dict[str, tuple[float, float]] = {}

    def answered(self, service: str, now: float, *, well: bool) -> None:
        """Note an answer that is no sign of a start."""
        self._signs.pop(service, None)
        if well:
            self._well[service] = now

    def may_last(self, service: str, now: float) -> bool:
        """Note a sign of a start; tell whether it can be one.

        It cannot where the service was well less than a start ago, so is not cold, nor where the
        first such sign is a whole start ago.
        """
        first, last = self._signs.get(service, (now, now))
        if now - last >= IDLE_SECONDS:
            first = now
        if now - self._well.get(service, -math.inf) < STARTUP_SECONDS:
            first = -math.inf
        self._signs[service] = first, now
        return now - first < STARTUP_SECONDS
