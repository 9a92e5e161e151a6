"""What the catalog needs from outside to take titles in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from shared.catalog.raw import RawPage
from shared.kernel.events import Event


@dataclass(frozen=True)
class Delivery:
    """One answer of a source.

    Attributes:
        records: At most 100, as they came.
        shows: Titles that records refer to, by the provider's id.
        next_cursor: Where to go on; None when this is all.
        told_at: When each record was told, where an answer from before was used; None just now.
    """

    records: Sequence[Any]
    shows: Mapping[str, Any] = field(default_factory=dict)
    next_cursor: str | None = None
    told_at: Sequence[datetime | None] = ()


class PageSource(Protocol):
    """Something that delivers a catalog page by page."""

    def pages(self, cursor: str | None) -> Iterator[Delivery]:
        """Yield what comes after ``cursor``; None starts at the beginning.

        Raises:
            AppError: The source does not answer, or refuses; the message names it.
        """


class RawPages(Protocol):
    """Raw pages by ``raw_uri``."""

    def write(self, raw_uri: str, page: RawPage) -> None:
        """Keep a page; when this returns it is there whole, whatever happens next."""

    def read(self, raw_uri: str) -> RawPage | None:
        """Return a page, None where there is none."""


class Ledger(Protocol):
    """The record of one part of a run."""

    def opened(self) -> None:
        """Say that the part is being fetched."""

    def kept(self, page: int, raw_uri: str, *, read: int, event: Event) -> bool:
        """Record a page with its event, once; tells whether it was new."""

    def finished(self, error: str | None = None) -> None:
        """Say that everything is in, or why the rest will not come."""
