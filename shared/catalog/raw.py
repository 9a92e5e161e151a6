"""Raw pages: what a provider delivered, and what became of it.

A page never stops at a bad record: each one ends as items or as an error that points back to it,
so what was read is what was stored plus what was set aside.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.catalog.item import CanonicalItem, Source

ALL_PLATFORMS = "all"
"""Platform of a page whose records carry several; each item then names its own."""
ALL_REGIONS = "ZZ"
"""Region of a page whose records carry several; CLDR's code for a territory nobody named."""
MAX_RECORDS = 100


class RawPage(BaseModel):
    """One page as it lies in the raw folder.

    Attributes:
        provider: Who delivered it (``streaming_availability``, ``generic``).
        platform: Whose catalog it is, or `ALL_PLATFORMS`.
        region: Country of the catalog, ISO 3166-1 α-2, or `ALL_REGIONS`.
        preset: Name of the column mapping of a file, or empty.
        mapping: The mapping itself where a file came with its own.
        kind: ``catalog`` for what is there, ``changes`` for what has changed.
        fetched_at: When.
        records: As delivered; a line that could not be read is
            ``{"unreadable": text, "line": number, "error": why}``, an element of an array has its
            number as ``element``, too.
        shows: Titles that the records of a change feed refer to, by the provider's id.
        next_cursor: Where the source goes on after this page; None on the last one.
        told_at: When each record was told where that was before `fetched_at`, by its place: an
            answer of the provider was used again.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str = Field(min_length=1, max_length=60)
    platform: str = ""
    region: str
    preset: str = ""
    mapping: Mapping[str, Any] | None = None
    kind: str = "catalog"
    fetched_at: datetime
    records: list[Any] = Field(max_length=MAX_RECORDS)
    shows: Mapping[str, Any] = Field(default_factory=dict)
    next_cursor: str | None = None
    told_at: Mapping[int, datetime] = Field(default_factory=dict)

    def moment(self, index: int) -> datetime:
        """Return when a record was told."""
        return self.told_at.get(index, self.fetched_at)


@dataclass(frozen=True)
class RecordError:
    """One record, or one platform's part of it, that was set aside.

    Attributes:
        index: Place of the record in its page, from 0.
        field: What is at fault, in the source's own words where it has any.
        message: Why, one sentence.
        part: The platform, where other parts of the record are fine.
    """

    index: int
    field: str
    message: str
    part: str = ""

    def pointer(self, raw_uri: str) -> str:
        """Return where the record is: ``page#index``, with the part where there is one."""
        return f"{raw_uri}#{self.index}" + (f".{self.part}" if self.part else "")


@dataclass(frozen=True)
class Unconfigured(RecordError):  # noqa: N818 - set aside, and no failure
    """One way to watch on a service that is none of our platforms.

    It is set aside by its name and counts as no failure: aggregators carry hundreds of services.

    Attributes:
        service: What the source calls it.
    """

    service: str = ""


@dataclass(frozen=True)
class Normalized:
    """What became of a page: every record is in `items`, in `errors`, or in both by its parts.

    Attributes:
        items: What can be taken in.
        errors: Records and parts that cannot.
        unconfigured: Ways to watch on services we have no platform for.
        genre_misses: How often, by platform and name, genres were said that no map knows.
    """

    items: tuple[CanonicalItem, ...]
    errors: tuple[RecordError, ...]
    unconfigured: tuple[Unconfigured, ...] = ()
    genre_misses: Mapping[tuple[str, str], int] = field(default_factory=dict)


class FieldError(Exception):
    """A field of a record is not acceptable; never leaves the catalog area."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


def source_of(page: RawPage, raw_uri: str, index: int) -> Source:
    """Return the pointer from an item back to its record."""
    return Source.model_construct(
        provider=page.provider, fetched_at=page.moment(index), raw_uri=f"{raw_uri}#{index}"
    )


def first_issue(error: ValidationError) -> tuple[str, str]:
    """Return field and message of the first thing that pydantic found wrong."""
    issue = error.errors(include_url=False)[0]
    return ".".join(map(str, issue["loc"])) or "record", _message(issue["msg"], issue["input"])


def _message(message: str, given: object) -> str:
    return f"{message}, got {shown(given)}"


def shown(value: object) -> str:
    """Return a value for a message, at most 80 characters of it."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."  # noqa: PLR2004 - said above


def unreadable(record: object) -> FieldError | None:
    """Return what is wrong with a line that could not be read, None for any other record."""
    if not isinstance(record, Mapping):
        return FieldError("record", f"is no object but {shown(record)}")
    if "unreadable" not in record:
        return None
    place = f"element {record['element']}, " if "element" in record else ""
    told = str(record.get("error", "unreadable"))
    return FieldError(f"{place}line {record.get('line', '?')}", told)
