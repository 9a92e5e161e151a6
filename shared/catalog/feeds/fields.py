"""Readers of JSON fields: a feed says which field lies where, these say how it is read.

A reader takes a record and returns a canonical value or None; what it cannot read it names by the
path in the source's own words (`FieldError`).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from math import log1p
from typing import Any

from shared.catalog import texts
from shared.catalog.maturity import maturity_of
from shared.catalog.raw import FieldError, shown
from shared.catalog.values import ContentType, ExternalIdType
from shared.kernel.text import clean

Json = Mapping[str, Any]
Reader = Callable[[Json], Any]
LONGEST_OVERVIEW = 1000
TOP_OF_SCALE = 10
LATEST_YEAR = 2100
"""A year beyond is a slip of the source, not a date (a stray digit makes the year 2513)."""
_EARLIEST_YEAR = 1870
_IMDB_LENGTHS = range(9, 13)


def mapped(record: Json, fields: Mapping[str, Reader]) -> dict[str, Any]:
    """Return every field that the record says something of."""
    found = ((name, reader(record)) for name, reader in fields.items())
    return {name: value for name, value in found if value is not None}


def at(record: object, path: str) -> Any:  # noqa: ANN401 - JSON
    """Return what lies at a dotted path, None where the way ends."""
    for name in path.split("."):
        if not isinstance(record, Mapping):
            return None
        record = record.get(name)
    return record


def objects(record: object, path: str) -> list[Json]:
    """Return the objects of a list; nothing counts as no list, other entries are left out.

    Raises:
        FieldError: It is no list.
    """
    found = at(record, path)
    if found is None:
        return []
    if not isinstance(found, list | tuple):
        raise FieldError(path, f"is no list but {shown(found)}")
    return [entry for entry in found if isinstance(entry, Mapping)]


def read(record: Json, path: str, how: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - any field
    """Return what ``how`` makes of a field.

    Raises:
        FieldError: With the path and the value, where ``how`` refuses.
    """
    value = at(record, path)
    if value is None or value == "":
        return None
    try:
        return how(value)
    except (TypeError, ValueError, OverflowError) as error:
        message = str(error) if isinstance(error, ValueError) else "has a wrong form"
        raise FieldError(path, f"{message}, got {shown(value)}") from None


def first(*paths: str, how: Callable[[Any], Any]) -> Reader:
    """Read the first of several fields that says something."""

    def reader(record: Json) -> Any:  # noqa: ANN401 - any field
        found = (read(record, path, how) for path in paths)
        return next((value for value in found if value is not None), None)

    return reader


def text(*paths: str) -> Reader:
    """Read text; entities that a source left in it are resolved."""
    return first(*paths, how=_text)


def overview(*paths: str) -> Reader:
    """Read text and cut it between words where it is too long."""
    return first(*paths, how=lambda value: shortened(_text(value) or "") or None)


def whole(*paths: str) -> Reader:
    """Read a whole number."""
    return first(*paths, how=_whole)


def positive(*paths: str) -> Reader:
    """Read a whole number; 0 is what sources write for nothing."""
    return first(*paths, how=lambda value: _whole(value) or None)


def year(*paths: str) -> Reader:
    """Read a year, from a number or the beginning of a date."""
    return first(*paths, how=_year)


def day(*paths: str) -> Reader:
    """Read a date, from a date or the beginning of a moment."""
    return first(*paths, how=_day)


def moment(*paths: str) -> Reader:
    """Read a moment in UTC: unix seconds, RFC 3339 or a date; 0 is none, nor is the far future."""
    return first(*paths, how=_moment)


def rating(path: str, *, scale: int = TOP_OF_SCALE, votes: str = "") -> Reader:
    """Read a rating on a scale as one of ten; where nobody voted, 0 is none."""

    def reader(record: Json) -> float | None:
        value = read(record, path, texts.number)
        if value is None or (value == 0 and not (votes and at(record, votes))):
            return None
        return round(float(value) * TOP_OF_SCALE / scale, 2)

    return reader


def names(path: str, *keys: str) -> Reader:
    """Read a list of texts, or of objects by the first of ``keys`` that is there."""

    def reader(record: Json) -> list[str] | None:
        found = at(record, path)
        if found is None:
            return None
        if not isinstance(found, list | tuple):
            raise FieldError(path, f"is no list but {shown(found)}")
        given = (_named(entry, keys) for entry in found)
        return list(dict.fromkeys(name for name in given if name))

    return reader


def external_ids(**paths: str) -> Reader:
    """Read ids by kind; an IMDb id is checked, the others have to be numbers."""

    def reader(record: Json) -> dict[str, str] | None:
        found = {kind: _id(kind, record, path) for kind, path in paths.items()}
        return {kind: value for kind, value in found.items() if value} or None

    return reader


def countries(*paths: str) -> Reader:
    """Read ISO 3166-1 α-2 codes from a list of codes or of ``{iso_3166_1}``."""

    def reader(record: Json) -> tuple[str, ...] | None:
        for path in paths:
            given = names(path, "iso_3166_1")(record) or ()
            found = (texts.country(name) for name in given)
            kept = tuple(dict.fromkeys(code for code in found if code))
            if kept:
                return kept
        return None

    return reader


def certificate(value: object) -> dict[str, str] | None:
    """Return a certificate's board and value, None where it says nothing."""
    found = maturity_of(str(value)) if isinstance(value, str | int) else None
    return None if found is None else {"system": found[0], "value": found[1]}


def maturity(*paths: str) -> Reader:
    """Read a certificate."""
    return first(*paths, how=certificate)


def content_type(path: str, kinds: Mapping[str, ContentType]) -> Reader:
    """Read what kind of thing it is; what is not among ``kinds`` is unknown, never a movie."""
    return lambda record: kinds.get(str(at(record, path)).lower(), ContentType.UNKNOWN)


def popularity(value: object, top: int) -> float | None:
    """Return an open-ended popularity on a logarithmic scale of one, ``top`` and beyond as 1."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not value >= 0:
        return None
    return round(min(1.0, log1p(value) / log1p(top)), 4)


def shortened(value: str) -> str:
    """Return at most `LONGEST_OVERVIEW` characters, cut between words."""
    if len(value) <= LONGEST_OVERVIEW:
        return value
    return value[: LONGEST_OVERVIEW - 1].rsplit(" ", 1)[0] + "…"


def imdb_id(value: object, field: str) -> str | None:
    """Return an IMDb id, None for an empty one.

    Raises:
        FieldError: It is something else (spec/ingestion §4.1: ``tt`` and at least 7 digits).
    """
    if value is None or value == "":
        return None
    given = str(value).strip()
    numbered = given.startswith("tt") and given[2:].isdecimal() and given.isascii()
    if numbered and len(given) in _IMDB_LENGTHS:
        return given
    raise FieldError(field, f"{shown(value)} is no IMDb id (tt and at least 7 digits)")


def _text(value: object) -> str | None:
    if not isinstance(value, str):
        raise ValueError("is no text")  # noqa: TRY004 - one kind of error for one kind of fault
    return clean(texts.repaired(value)) or None


def _whole(value: object) -> int | None:
    if isinstance(value, bool):
        raise ValueError("is no number")  # noqa: TRY004 - as above
    return texts.whole(value)


def _year(value: object) -> int | None:
    given = value[:4] if isinstance(value, str) else value
    found = _whole(given)
    if found and not _EARLIEST_YEAR <= found <= LATEST_YEAR:
        raise ValueError("is no year")
    return found or None


def _day(value: object) -> date | None:
    if not isinstance(value, str):
        raise ValueError("is no date")  # noqa: TRY004 - as above
    return texts.day(value[:10]) if value[:1].isdigit() else texts.day(value)


def _moment(value: object) -> datetime | None:
    if isinstance(value, bool | dict | list):
        raise ValueError("is no time")  # noqa: TRY004 - as above
    if value in {0, "0"}:
        return None
    found = texts.moment(value)
    return found if found and found.astimezone(UTC).year <= LATEST_YEAR else None


def _named(entry: object, keys: Sequence[str]) -> str:
    if isinstance(entry, Mapping):
        entry = next((entry[key] for key in keys if entry.get(key)), "")
    return clean(str(entry)) if isinstance(entry, str | int) else ""


def _id(kind: str, record: Json, path: str) -> str | None:
    value = at(record, path)
    if kind == ExternalIdType.IMDB.value:
        return imdb_id(value, path)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not str(value).isdecimal() or not str(value).isascii():
        raise FieldError(path, f"{shown(value)} is no number")
    return str(value)
