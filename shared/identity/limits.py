"""What viewers may see, and when: an account's limits and a profile's, the stricter of each.

A ceiling and blocked genres travel in the access token, and so do the two instants between which
may be watched: whoever answers a viewer needs nothing else (docs/decisions/0027).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from shared.kernel.principal import RATINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

_RANK = {"": len(RATINGS), **{rating: rank for rank, rating in enumerate(RATINGS)}}
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """The part of each day in which may be watched, by the clocks of a place.

    Attributes:
        start: It opens when the clocks first show this.
        end: It closes when they first show this; before `start` means the next day.
        timezone: IANA name.
    """

    start: time
    end: time
    timezone: str

    @property
    def is_overnight(self) -> bool:
        """Whether midnight lies in it."""
        return self.end < self.start

    def opening(self, now: datetime) -> tuple[datetime, datetime]:
        """Return the instants between which is open, the first that have not passed, in UTC.

        A time that clocks skip is taken as far behind the hour that is missing as it would have
        been (RFC 5545 §3.3.5); a window that has no length on such a day does not open on it.
        """
        local = now.astimezone(ZoneInfo(self.timezone)).date()
        return next(found for found in self._openings(local) if now < found[1])

    def _openings(self, local: date) -> Iterator[tuple[datetime, datetime]]:
        """Yield the openings of the days around a day; a zone may skip a day, not several."""
        length = _DAY if self.is_overnight else timedelta(0)
        days = [local + _DAY * n for n in range(-2, 6)]
        for day, following in pairwise(days):
            opens, closes = self._at(day, self.start), self._at(day + length, self.end)
            closes = min(closes, self._at(following, self.start))
            if opens < closes:
                yield opens, closes

    def _at(self, day: date, shown: time) -> datetime:
        return datetime.combine(day, shown, ZoneInfo(self.timezone)).astimezone(UTC)


@dataclass(frozen=True)
class Limits:
    """What somebody may see.

    Attributes:
        max_rating: Ceiling, one of `RATINGS`, or empty for none.
        blocked_genres: Of the catalog's, each once, in order of the alphabet.
        window: When, None for always.
        declined: Purposes that nothing may be kept for, in order of the alphabet
            (`shared.identity.privacy`).
    """

    max_rating: str = ""
    blocked_genres: tuple[str, ...] = ()
    window: Window | None = None
    declined: tuple[str, ...] = ()

    def within(self, other: Limits) -> Limits:
        """Return what both let somebody see; where both have a window, this one's holds."""
        return Limits(
            max_rating=lower(self.max_rating, other.max_rating),
            blocked_genres=tuple(sorted({*self.blocked_genres, *other.blocked_genres})),
            window=self.window or other.window,
            declined=tuple(sorted({*self.declined, *other.declined})),
        )


NO_LIMITS = Limits()


def lower(one: str, other: str) -> str:
    """Return the lower of two ceilings; empty is none."""
    return min(one, other, key=_RANK.__getitem__)


def is_higher(one: str, other: str) -> bool:
    """Tell whether a ceiling lets more pass than another."""
    return _RANK[one] > _RANK[other]
