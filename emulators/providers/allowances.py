"""What a key may still ask of a service: units in windows of the virtual clock."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from emulators.core.clock import Clock
from emulators.core.journal import Journal
from emulators.providers.limits import SpentError

SPENT: Final = "providers.spent"


class Window(BaseModel):
    """At most so many units in a stretch of time.

    Attributes:
        seconds: Length of the stretch, from the epoch on; 0 is a day of `zone`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    units: int = Field(ge=0)
    seconds: int = Field(default=0, ge=0)
    zone: str = "UTC"

    def bounds(self, now: float) -> tuple[int, int]:
        """Return when the window of `now` began and when it ends."""
        if self.seconds:
            start = int(now) // self.seconds * self.seconds
            return start, start + self.seconds
        there = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(self.zone))
        midnight = there.replace(hour=0, minute=0, second=0, microsecond=0)
        return int(midnight.timestamp()), int((midnight + timedelta(days=1)).timestamp())


Tariffs = Mapping[str, tuple[Window, ...]]

TARIFFS: Final[Tariffs] = {
    "tmdb": (Window(units=40, seconds=10),),
    "watchmode": (Window(units=1_000),),
    "youtube": (Window(units=10_000, zone="America/Los_Angeles"),),
}


class Count(BaseModel):
    """Units used in a window, which is named by its start."""

    start: int = 0
    used: int = 0


class Accounts:
    """Counts units per service, key and window; counts survive a restart."""

    def __init__(self, clock: Clock, journal: Journal, tariffs: Tariffs) -> None:
        self._clock = clock
        self._journal = journal
        self._tariffs = tariffs
        self._counts = {k: Count.model_validate_json(v) for k, v in journal.load(SPENT)}

    def take(self, service: str, key: str, units: int) -> None:
        """Count units, or none where a window has fewer left.

        Raises:
            SpentError: With the seconds until that window ends.
        """
        found = []
        for number, window in enumerate(self._tariffs.get(service, ())):
            start, end = window.bounds(self._clock.now())
            count = self._count(f"{service}/{key}/{number}", start)
            if count.used + units > window.units:
                wait = max(1, end - int(self._clock.now()))
                raise SpentError(f"over the allowed limit of {window.units}", wait)
            found.append((f"{service}/{key}/{number}", count))
        for name, count in found:
            count.used += units
            self._journal.put(SPENT, name, count.model_dump_json().encode())

    def used(self, service: str, key: str) -> list[int]:
        """Return the units used in each window of a service that runs now."""
        windows = self._tariffs.get(service, ())
        starts = [window.bounds(self._clock.now())[0] for window in windows]
        return [self._count(f"{service}/{key}/{n}", s).used for n, s in enumerate(starts)]

    def _count(self, name: str, start: int) -> Count:
        count = self._counts.setdefault(name, Count())
        if count.start != start:
            count.start, count.used = start, 0
        return count
