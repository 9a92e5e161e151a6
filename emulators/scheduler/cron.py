"""When a unix-cron schedule comes round, in a time zone with its summer time."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from croniter import CroniterError, croniter

from emulators.core.errors import invalid_argument, unimplemented

_FIELDS = 5
_FIELD = re.compile(r"[0-9A-Za-z*,/\-]+")
_ENGLISH = re.compile(r"\b(every|synchronized|of)\b", re.IGNORECASE)


def check(schedule: str, time_zone: str) -> None:
    """Refuse a schedule or time zone that cannot be followed.

    Raises:
        EmulatorError: UNIMPLEMENTED for App Engine's English schedules, else INVALID_ARGUMENT.
    """
    if _ENGLISH.search(schedule):
        raise unimplemented(f"schedule: English-like schedules ({schedule!r}) are not supported")
    fields = schedule.split()
    plain = len(fields) == _FIELDS and all(_FIELD.fullmatch(field) for field in fields)
    if not plain or not croniter.is_valid(schedule):
        raise invalid_argument(f"schedule {schedule!r} is not in unix-cron format")
    try:
        ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError) as error:
        raise invalid_argument(f"time_zone {time_zone!r} is unknown") from error


def next_after(schedule: str, time_zone: str, now: float) -> float:
    """Return the first moment after ``now`` that a checked schedule names, as Unix seconds.

    Raises:
        EmulatorError: INVALID_ARGUMENT when there is none, as for the 30th of February.
    """
    start = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(time_zone))
    try:
        found: datetime = croniter(schedule, start).get_next(datetime)
    except CroniterError as error:
        raise invalid_argument(f"schedule {schedule!r} never comes round") from error
    return found.timestamp()
