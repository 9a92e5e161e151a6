"""Values as files write them: numbers, lists, dates, durations and titles, read one way.

Every reader takes what a CSV or JSON file can hold (text, number, list, nothing), returns None or
an empty tuple for nothing, and raises ValueError with a sentence for what it cannot read.
"""

import ast
import html
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from pathlib import Path

import orjson

from shared.kernel.text import clean, fold

_DATA = Path(__file__).parent / "data"
_NOTHING = frozenset({"", "nan", "null", "none", "n/a", "\\n"})
_DURATION = re.compile(r"(\d{1,4}) ?(min|mins|minutes|season|seasons)", re.IGNORECASE)
_NUMERIC_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})")
_WORDED_DATE = re.compile(r"([A-Z][a-z]{2,}) (\d{1,2}), ?(\d{4})")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_TITLE_YEAR = re.compile(r"^(.*?)\s*\((\d{4})\)+\s*$", re.DOTALL)
_OTHER_TITLE = re.compile(r"^(.{2,}?)\s+\(([^()]*)\)$", re.DOTALL)
_KNOWN_AS = re.compile(r"^a\.?k\.?a\.? ", re.IGNORECASE)
_OPEN_ENDED = re.compile(r"(?:[:&]|\b(?:or|and))$", re.IGNORECASE)
_ARTICLES = "The|A|An|La|Le|Les|L'|El|Los|Las|Der|Die|Das|Il|Lo|I|Gli|Un|Une|Een|De|Det|Den|O|Os"
_ARTICLE_LAST = re.compile(rf"^(.+), ?({_ARTICLES})$", re.IGNORECASE)
_CENTURY = 100


def nothing(value: object) -> bool:
    """Tell whether ``value`` stands for nothing."""
    if value is None:
        return True
    return isinstance(value, str) and value.strip().lower() in _NOTHING


def text(value: object) -> str | None:
    """Return cleaned text; ``Nan`` and ``None`` are titles here, only emptiness is nothing."""
    if value is None:
        return None
    if isinstance(value, dict | list):
        raise ValueError("is no text")  # noqa: TRY004 - one kind of error for one kind of fault
    return clean(str(value)) or None


def number(value: object) -> float | None:
    """Return a number, however it is written."""
    if nothing(value):
        return None
    try:
        found = float(value)  # type: ignore[arg-type]  # what float refuses is what we refuse
    except (TypeError, ValueError):
        raise ValueError("is no number") from None
    if found != found or found in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN's own test
        raise ValueError("is no number")
    return found


def whole(value: object) -> int | None:
    """Return a whole number; ``1.0`` is one, ``1.5`` is not."""
    if isinstance(value, str) and value.isdecimal() and value.isascii():
        return int(value)
    found = number(value)
    if found is None:
        return None
    if found != int(found):
        raise ValueError("is no whole number")
    return int(found)


def listed(value: object, split: str, *, together: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the values of a list, whichever way it is written, empty ones left out.

    Args:
        value: Text, or a list already.
        split: A separator, or ``python`` / ``json``.
        together: Values that contain the separator and stay whole.
    """
    if isinstance(value, str):
        return _split(value, split, tuple(together))
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise ValueError("is no list")  # noqa: TRY004 - one kind of error for one kind of fault
    return tuple(dict.fromkeys(kept for v in value if isinstance(v, str) and (kept := clean(v))))


@lru_cache(maxsize=16384)
def _split(value: str, split: str, together: tuple[str, ...]) -> tuple[str, ...]:
    if not value.strip():
        return ()
    if split in {"python", "json"}:
        return _literal(value, split)
    whole_values = [v for v in together if v in value]
    for kept in whole_values:
        value = value.replace(kept, "")
    parts = (*whole_values, *value.split(split))
    return tuple(dict.fromkeys(kept for part in parts if (kept := clean(part))))


def _literal(value: str, split: str) -> tuple[str, ...]:
    try:
        found = orjson.loads(value) if split == "json" else ast.literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise ValueError(f"is no list as {split} writes it") from None
    if not isinstance(found, list | tuple):
        raise ValueError(f"is no list as {split} writes it")  # noqa: TRY004 - as above
    return listed(list(found), split)


@lru_cache(maxsize=16384)
def day(value: str, *, day_first: bool = False, near: int | None = None) -> date | None:
    """Return a date: ISO 8601, ``September 25, 2021``, ``3/18/15``.

    Args:
        value: As the file has it.
        day_first: Which number of a date with slashes is the day.
        near: The year that is known otherwise; it settles the century of a two-digit year.
    """
    given = value.strip()
    if given.lower() in _NOTHING:
        return None
    if found := _NUMERIC_DATE.fullmatch(given):
        first, second, year = (int(part) for part in found.groups())
        month, day_of_month = (second, first) if day_first else (first, second)
        return _date(_full_year(year, near), month, day_of_month)
    if found := _WORDED_DATE.fullmatch(given):
        return _date(int(found[3]), _month(found[1]), int(found[2]))
    try:
        return date.fromisoformat(given[:10])
    except ValueError:
        raise ValueError("is no date") from None


def _month(name: str) -> int:
    """Return the number of a month by its name or the beginning of it; 0 where it is none."""
    return next((n for n, month in enumerate(_MONTHS, 1) if month.startswith(name)), 0)


def _date(year: int, month: int, day_of_month: int) -> date:
    try:
        return date(year, month, day_of_month)
    except ValueError:
        raise ValueError("is no date") from None


def _full_year(year: int, near: int | None) -> int:
    if year >= _CENTURY:
        return year
    if near is not None:
        return min((1900 + year, 2000 + year), key=lambda candidate: abs(candidate - near))
    return 2000 + year if year < 69 else 1900 + year  # noqa: PLR2004 - POSIX strptime's pivot


def moment(value: object, *, day_first: bool = False) -> datetime | None:
    """Return a moment: unix seconds, RFC 3339, or a date as its midnight, in UTC."""
    if nothing(value):
        return None
    if isinstance(value, int | float) or str(value).strip().isdecimal():
        return _from_seconds(float(str(value)))
    given = str(value).strip()
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        on = day(given, day_first=day_first)
        return None if on is None else datetime(on.year, on.month, on.day, tzinfo=UTC)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _from_seconds(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        raise ValueError("is no time") from None


@lru_cache(maxsize=4096)
def duration(value: str) -> tuple[int | None, int | None] | None:
    """Return (minutes, seasons) of ``90 min`` or ``2 Seasons``; None where it is no duration."""
    found = _DURATION.fullmatch(value.strip())
    if found is None:
        return None
    amount = int(found[1])
    return (None, amount) if found[2].lower().startswith("season") else (amount, None)


def title_and_year(value: str, *, comma: str = "") -> tuple[str, str | None, int | None]:
    """Return title, other title and year of ``Seven Samurai, The (Shichinin) (1954)``.

    Args:
        value: As the file has it; without a year in brackets at the end there is none.
        comma: What stands for a comma, where commas were replaced.
    """
    given = clean(value)
    found = _TITLE_YEAR.match(given)
    title, year = (found[1], int(found[2])) if found else (given, None)
    if comma:
        title = ", ".join(part.strip() for part in title.split(comma))
    other = None
    while (match := _OTHER_TITLE.match(title)) and not _OPEN_ENDED.search(match[1]):
        title, other = match[1], _article_first(_KNOWN_AS.sub("", match[2]))
    return _article_first(title), other or None, year


def _article_first(title: str) -> str:
    """Return ``Matrix, The`` as ``The Matrix``."""
    found = _ARTICLE_LAST.match(title)
    if found is None:
        return title
    return f"{found[2]}{'' if found[2].endswith(chr(39)) else ' '}{found[1]}"


def repaired(value: str) -> str:
    """Return text that was UTF-8 read as Windows-1252, as it was written; entities resolved."""
    given = html.unescape(value) if "&" in value else value
    if given.isascii():
        return given
    try:
        return given.encode("cp1252").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return given


@lru_cache(maxsize=1024)
def country(value: str) -> str | None:
    """Return ISO 3166-1 α-2 of a code or an English name, None where it is not known."""
    given = value.strip()
    if len(given) == 2 and given.isascii() and given.isalpha():  # noqa: PLR2004 - α-2
        return {"UK": "GB"}.get(given.upper(), given.upper())
    return _countries().get(fold(given))


@cache
def _countries() -> Mapping[str, str]:
    found: dict[str, str] = orjson.loads((_DATA / "countries.json").read_bytes())
    return found
