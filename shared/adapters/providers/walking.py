"""Providers that list ids and tell of each one by itself: a walk over their lists, page by page.

A list's ids are asked for in groups of twenty, each a page of ours: what was asked for is kept
before the next group is. A cursor (``movie/3/2``: list, page, group) names the next group.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from shared.catalog.ports import Delivery
from shared.kernel.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from shared.adapters.providers.kept import Told

GROUP = 20


@dataclass(frozen=True)
class Span:
    """The moments between which changes are asked for, whole seconds, both included."""

    since: datetime
    until: datetime

    def __str__(self) -> str:
        return f"{int(self.since.timestamp())}/{int(self.until.timestamp())}"

    @classmethod
    def of(cls, cursor: str) -> tuple[Span, str]:
        """Return the span that a cursor begins with, and the rest of the cursor.

        Raises:
            InvalidInputError: It begins with none.
        """
        since, until, inner = (*cursor.split("/", 2), "", "", "")[:3]
        if not (since.isdecimal() and until.isdecimal() and inner):
            raise InvalidInputError(f"the cursor {cursor!r} is of no change feed")
        moments = (datetime.fromtimestamp(int(told), UTC) for told in (since, until))
        return cls(*moments), inner


class Lists(Protocol):
    """A provider's lists of ids, and what it tells of each."""

    names: Sequence[str]

    def page(self, name: str, number: int) -> tuple[Sequence[str], bool]:
        """Return the ids on a page of a list, from 1, and whether there is another."""

    def record(self, name: str, own_id: str) -> Told | None:
        """Return what is told of an id, None where it is gone."""


@dataclass(frozen=True)
class Place:
    """Where a walk goes on."""

    name: str
    page: int = 1
    group: int = 0

    def __str__(self) -> str:
        return f"{self.name}/{self.page}/{self.group}"

    @classmethod
    def of(cls, cursor: str, lists: Lists) -> Place:
        """Return the place that a cursor names.

        Raises:
            InvalidInputError: It is none of these lists'.
        """
        name, page, group = (*cursor.split("/"), "", "", "")[:3]
        if name not in lists.names or not (page.isdecimal() and group.isdecimal()):
            raise InvalidInputError(f"the cursor {cursor!r} is of none of {', '.join(lists.names)}")
        return cls(name, int(page), int(group))


def walk(lists: Lists, cursor: str | None, *, prefix: str = "") -> Iterator[Delivery]:
    """Yield what the lists have after ``cursor``; a group of which nothing is left is empty.

    Args:
        lists: Walked in the order of their names.
        cursor: Without the prefix; None starts at the first.
        prefix: Put before each cursor.
    """
    place: Place | None = Place.of(cursor, lists) if cursor else Place(lists.names[0])
    while place:
        ids, more = lists.page(place.name, place.page)
        groups = [ids[start : start + GROUP] for start in range(0, len(ids), GROUP)] or [()]
        after = _next_page(lists, place, more=more)
        for number in range(place.group, len(groups)):
            last = number + 1 >= len(groups)
            following = after if last else replace(place, group=number + 1)
            asked = (lists.record(place.name, own_id) for own_id in groups[number])
            yield _delivery(
                [told for told in asked if told is not None],
                f"{prefix}{following}" if following else None,
            )
        place = after


def _delivery(found: Sequence[Told], cursor: str | None) -> Delivery:
    records, moments = [told.answer for told in found], [told.at for told in found]
    return Delivery(records, next_cursor=cursor, told_at=moments)


def _next_page(lists: Lists, place: Place, *, more: bool) -> Place | None:
    if more:
        return Place(place.name, place.page + 1)
    left = lists.names[list(lists.names).index(place.name) + 1 :]
    return Place(left[0]) if left else None


class CatalogWalk:
    """`shared.catalog.ports.PageSource`: everything that lists have."""

    def __init__(self, lists: Lists) -> None:
        self._lists = lists

    def pages(self, cursor: str | None) -> Iterator[Delivery]:
        """Yield what comes after ``cursor``."""
        yield from walk(self._lists, cursor)


class FeedWalk:
    """`shared.catalog.ports.PageSource`: what lists have of a span of time.

    A cursor begins with its span, so that a walk goes on in the span it began in.

    Args:
        lists_of: The lists of one span.
        span: Where a walk begins anew.
    """

    def __init__(self, lists_of: Callable[[Span], Lists], span: Span) -> None:
        self._lists_of = lists_of
        self._span = span
        self.walked_until: datetime | None = None
        """End of the span, once it was walked whole."""

    def pages(self, cursor: str | None) -> Iterator[Delivery]:
        """Yield what comes after ``cursor``."""
        span, inner = Span.of(cursor) if cursor else (self._span, None)
        yield from walk(self._lists_of(span), inner, prefix=f"{span}/")
        self.walked_until = span.until
