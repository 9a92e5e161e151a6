"""Titles that leave: which windows there are, and what is told in which (spec/ingestion §5.9).

Windows are exclusive: with 7, 3 and 1 days they are (3, 7], (1, 3] and (0, 1]. A title that is
first seen inside one is told of in that one alone.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.kernel import ids
from shared.kernel.events import Event

USUAL_WINDOWS = (7, 3, 1)
LONGEST_DAYS = 90
REARMED_AFTER = timedelta(hours=24)
"""An end that moves further than this is told again."""
HISTORY = timedelta(days=90)
"""How long it is remembered what was told."""
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Window:
    """Ends in more than `after` and at most `up_to` days."""

    after: int
    up_to: int

    @property
    def name(self) -> str:
        """The name in events, like ``7d``."""
        return f"{self.up_to}d"


@dataclass(frozen=True, slots=True)
class Leaving:
    """A title that leaves a platform in a region, one row per offer type.

    Attributes:
        expires_at: When its last offer of that type ends.
    """

    content_id: UUID
    title: str
    platform: str
    region: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told once: a title leaves a platform in a region within a window."""

    leaving: Leaving
    window: Window

    @property
    def hour(self) -> datetime:
        """The end as notices are told apart by it: rounded to the hour."""
        return rounded(self.leaving.expires_at)


def windows(days: Iterable[int] = USUAL_WINDOWS) -> tuple[Window, ...]:
    """Return the windows that end ``days`` before the end, the narrowest first.

    Raises:
        ValueError: There is none, or one is not 1 to `LONGEST_DAYS` days.
    """
    ends = sorted(set(days))
    if not ends or ends[0] < 1 or ends[-1] > LONGEST_DAYS:
        raise ValueError(f"windows are 1 to {LONGEST_DAYS} days")
    return tuple(Window(after, up_to) for after, up_to in zip([0, *ends], ends, strict=False))


def window_of(left: timedelta, among: Sequence[Window]) -> Window | None:
    """Return the window of what ends in ``left``, None outside all of them."""
    for window in among:
        if timedelta(days=window.after) < left <= timedelta(days=window.up_to):
            return window
    return None


def days_until(end: datetime, now: datetime) -> int:
    """Return the days that are left, a day that has begun counted whole."""
    return math.ceil((end - now) / timedelta(days=1))


def rounded(moment: datetime) -> datetime:
    """Return the nearest full hour, the later of two."""
    later = moment + HOUR / 2
    return later.replace(minute=0, second=0, microsecond=0)


def notices(
    leaving: Iterable[Leaving], *, now: datetime, among: Sequence[Window]
) -> tuple[Notice, ...]:
    """Return what there is to tell: per title, platform, region and window the earliest end.

    Whether it was told before is for who keeps them to know. Order: by end, then by title.
    """
    first: dict[tuple[UUID, str, str, Window], Leaving] = {}
    for one in leaving:
        window = window_of(one.expires_at - now, among)
        if window is None:
            continue
        place = (one.content_id, one.platform, one.region, window)
        known = first.get(place)
        if known is None or one.expires_at < known.expires_at:
            first[place] = one
    found = [Notice(one, place[-1]) for place, one in first.items()]
    return tuple(sorted(found, key=_order))


def _order(notice: Notice) -> tuple[datetime, str, str, str]:
    one = notice.leaving
    return one.expires_at, str(one.content_id), one.platform, one.region


def expiring_event(notice: Notice, now: datetime) -> Event:
    """Return the event of a notice; the same notice has the same event id."""
    one = notice.leaving
    content_id = str(one.content_id)
    key = (content_id, one.platform, one.region, notice.window.name, notice.hour.isoformat())
    return Event(
        event_id=ids.named("content.expiring", *key),
        event_type="content.expiring",
        occurred_at=now,
        correlation_id="catalog-notify",
        subject=content_id,
        data={
            "content_ids": [content_id],
            "title": one.title,
            "platform": one.platform,
            "region": one.region,
            "expires_at": one.expires_at.isoformat(),
            "days_until_expiration": days_until(one.expires_at, now),
            "notification_window": notice.window.name,
        },
    )
