"""Titles that become one, and titles that are parted again (spec/ingestion §5.5)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.kernel import ids
from shared.kernel.errors import ConflictError, FieldIssue, InvalidInputError
from shared.kernel.events import Event

Listing = tuple[str, str]
"""A platform, and its own id of a title."""


class AlreadyMergedError(ConflictError):
    """The title is part of another one already."""

    code = "already-merged"


@dataclass(frozen=True, slots=True)
class Living:
    """A title that is neither deleted nor merged."""

    id: UUID
    created_at: datetime


def older_first(left: Living, right: Living) -> tuple[Living, Living]:
    """Return both, the older first: it is kept. Of two of one age that is the smaller id."""
    first, second = sorted((left, right), key=lambda one: (one.created_at, one.id))
    return first, second


def chosen_listings(asked: Sequence[str], listings: Iterable[Listing]) -> frozenset[Listing]:
    """Return the listings of a title that are asked for.

    Args:
        asked: ``netflix`` is everything that platform has of the title, ``netflix:80057281`` one
            entry of it.
        listings: All of the title's.

    Raises:
        InvalidInputError: One is not the title's, or none of them would stay; names the field.
    """
    known = frozenset(listings)
    found = [_meant(one, known) for one in asked]
    issues = [
        FieldIssue(f"platform_ids.{n}", "known", f"the title has no listing {asked[n]!r}")
        for n, meant in enumerate(found)
        if not meant
    ]
    chosen = frozenset[Listing]().union(*found)
    if not issues and chosen == known:
        message = "leave the title at least one of its listings"
        issues.append(FieldIssue("platform_ids", "not-all", message))
    if issues:
        raise InvalidInputError(issues[0].message, issues=issues)
    return chosen


def _meant(asked: str, known: frozenset[Listing]) -> frozenset[Listing]:
    platform, colon, listing = asked.partition(":")
    if colon:
        return known & {(platform, listing)}
    return frozenset(one for one in known if one[0] == platform)


@dataclass(frozen=True, slots=True)
class Sides:
    """Which fields of a record belong to what leaves it, and which to what stays.

    A field goes with the source that wrote it. One whose source speaks for both sides, or for
    neither of them any more, is on both.
    """

    leaving: frozenset[str]
    staying: frozenset[str]


def sides(owners: Mapping[str, str], *, leaving: Iterable[str], staying: Iterable[str]) -> Sides:
    """Return the fields of both sides.

    Args:
        owners: Source by field.
        leaving: Sources that tell of the listings that leave.
        staying: Sources that tell of those that stay.
    """
    gone, here = frozenset(leaving), frozenset(staying)
    return Sides(
        frozenset(name for name, source in owners.items() if source not in here - gone),
        frozenset(name for name, source in owners.items() if source not in gone - here),
    )


def merged_events(*, kept: UUID, merged: UUID, at: datetime, cause: str) -> list[Event]:
    """Return what there is to tell of two titles that became one."""
    both = {"content_ids": [str(merged), str(kept)], "merged": str(merged), "into": str(kept)}
    return [
        _event("content.merged", both, at=at, cause=cause),
        _event("content.updated", {"content_ids": [str(kept)]}, at=at, cause=cause),
    ]


def parted_events(
    *, kept: UUID, parted: UUID, is_new: bool, at: datetime, cause: str
) -> list[Event]:
    """Return what there is to tell of a title that was parted from another.

    Args:
        kept: The title it was part of.
        parted: The title it is now.
        is_new: It has never been one before.
        at: When.
        cause: What led to it; the same cause gives the same events.
    """
    updated = [kept] if is_new else [kept, parted]
    told = [_event("content.updated", {"content_ids": list(map(str, updated))}, at=at, cause=cause)]
    if is_new:
        told += [_event("content.ingested", {"content_ids": [str(parted)]}, at=at, cause=cause)]
    return told


def _event(kind: str, data: Mapping[str, object], *, at: datetime, cause: str) -> Event:
    return Event(
        event_id=ids.named(kind, cause),
        event_type=kind,
        occurred_at=at,
        correlation_id=cause,
        data=data,
    )


def linked_event(
    content_ids: Sequence[UUID], *, at: datetime, cause: str, correlation_id: str = ""
) -> Event:
    """Return what there is to tell of series, seasons and episodes that lead elsewhere now.

    Args:
        content_ids: One or more; the first tells the events of one cause apart.
        at: When.
        cause: What led to it; the same cause and titles give the same event.
        correlation_id: The cause's own, where it has another.
    """
    named = list(map(str, content_ids))
    return Event(
        event_id=ids.named("content.updated", cause, "part_of", named[0]),
        event_type="content.updated",
        occurred_at=at,
        correlation_id=correlation_id or cause,
        data={"content_ids": named, "updated_fields": ["part_of"]},
    )


def edited_event(content_id: UUID, *, at: datetime, cause: str) -> Event:
    """Return what there is to tell of a title that a person changed."""
    return _event("content.updated", {"content_ids": [str(content_id)]}, at=at, cause=cause)


def deleted_event(content_id: UUID, reason: str, *, at: datetime, cause: str) -> Event:
    """Return what there is to tell of a title that is no more."""
    data = {"content_ids": [str(content_id)], "reason": reason}
    return _event("content.deleted", data, at=at, cause=cause)
