"""``time``: RFC 3339 text and seconds since 1970 UTC."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from emulators.workflows.errors import value_error
from emulators.workflows.stdlib.registry import function, number_of, text_of
from emulators.workflows.values import Value


@function("time.format", "seconds", timezone="UTC")
def time_format(seconds: Value, timezone: Value) -> str:
    """Return RFC 3339 text with microseconds, in a time zone of the IANA database."""
    zone = _zone(text_of(timezone, "time.format: timezone"))
    try:
        moment = datetime.fromtimestamp(number_of(seconds, "time.format: seconds"), zone)
    except (OverflowError, ValueError, OSError) as error:
        raise value_error(f"time.format: {error}") from error
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


@function("time.parse", "value")
def time_parse(value: Value) -> float:
    """Return the seconds since 1970 UTC of RFC 3339 text."""
    return seconds_of(text_of(value, "time.parse: value"))


def seconds_of(text: str) -> float:
    """Return the moment of RFC 3339 text, which names its offset.

    Raises:
        WorkflowError: ValueError when it is something else.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise value_error(f"not a time: {text!r}") from error
    if moment.tzinfo is None:
        raise value_error(f"a time needs an offset: {text!r}")
    return moment.timestamp()


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise value_error(f"time.format: unknown time zone {name!r}") from error
