"""The step from ``catalog.fetched`` to ``title.normalized``: a raw page becomes items."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from shared.adapters.outbox import Outbox, Publisher, publish_pending
from shared.adapters.sql.errors import IngestError, IngestErrors
from shared.adapters.sql.life.genres import GenreMisses
from shared.adapters.sql.once import first_time
from shared.adapters.sql.runs import Runs
from shared.adapters.sql.statement import translated
from shared.catalog.item import CanonicalItem
from shared.catalog.normalize import normalize_page
from shared.catalog.raw import Normalized, RecordError
from shared.kernel import ids
from shared.kernel.errors import (
    REJECTED,
    AppError,
    FieldIssue,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)
from shared.kernel.events import Event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Connection, Engine

    from shared.adapters.raw_pages import RawFolder
    from shared.kernel.clock import Clock

logger = logging.getLogger(__name__)

CONSUMER = "catalog-normalize"
STAGE = "normalize"
UNCONFIGURED = "platform"
"""Stage of what was set aside for want of a platform; it counts as no failure of the run."""
NORMALIZED = "title.normalized"
MOST_ITEMS = 100
"""Beyond, an event points to its items; so it does beyond `MOST_BYTES`."""
MOST_BYTES = 8 << 20
_ITEMS = TypeAdapter(tuple[CanonicalItem, ...])


class FetchedPage(BaseModel):
    """Data of ``catalog.fetched``."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    run_id: str = Field(min_length=1, max_length=200)
    provider: str = Field(min_length=1, max_length=60)
    platform: str = Field(min_length=1, max_length=60)
    region: str = Field(min_length=2, max_length=2)
    page: int = Field(ge=1)
    raw_uri: str = Field(min_length=1, max_length=500)
    count: int = Field(ge=0)


@dataclass(frozen=True)
class Normalizer:
    """Normalizes pages with what one process has."""

    engine: Engine
    publisher: Publisher
    raw: RawFolder
    clock: Clock

    def normalize(self, event: Event) -> None:
        """Turn the event's page into items and set-aside records; a second time does nothing.

        A page that cannot be used at all is set aside whole.

        Raises:
            InvalidInputError: The event lacks a field or has a wrong one.
            UnavailableError: Raw folder or database do not answer; nothing was kept.
        """
        page = fetched_page(event)
        try:
            found = self._read(page.raw_uri)
        except REJECTED as error:
            self._keep(event, page, Normalized((), ()), lost=error)
            return
        self._keep(event, page, found)

    def _read(self, raw_uri: str) -> Normalized:
        raw = self.raw.read(raw_uri)
        if raw is None:
            raise NotFoundError(f"there is no raw page {raw_uri}")
        return normalize_page(raw, raw_uri)

    def _keep(
        self, event: Event, page: FetchedPage, found: Normalized, *, lost: AppError | None = None
    ) -> None:
        errors = record_errors(page, found.errors) if lost is None else [_whole(page, lost)]
        set_aside = len(errors) if lost is None else page.count
        told = [self._told(event, page, found)] if found.items else []
        errors += _unconfigured(page, found)
        with translated("normalized page"), self.engine.begin() as connection:
            if not first_time(connection, CONSUMER, event.event_id):
                return
            rows = _write(connection, page, errors, told, (len(found.items), set_aside))
            GenreMisses(self.engine, self.clock).count(connection, found.genre_misses)
        self._publish(rows, page)

    def _publish(self, rows: list[int], page: FetchedPage) -> None:
        try:
            publish_pending(self.engine, self.publisher, rows)
        except UnavailableError as error:
            # The rows are committed: the relay publishes them, a redelivery would not.
            logger.warning(
                "event.waiting", extra={"raw_uri": page.raw_uri, "detail": error.message}
            )

    def _told(self, event: Event, page: FetchedPage, found: Normalized) -> Event:
        aside = page.raw_uri.removesuffix(".json.gz") + ".items.json.gz"
        carried = carry(self.raw, found.items, aside)
        return normalized_event(
            ids.named(NORMALIZED, page.raw_uri),
            {**page.model_dump(), "count": len(found.items), **carried},
            at=self.clock.now(),
            correlation_id=event.correlation_id,
        )


def carry(raw: RawFolder, items: Sequence[CanonicalItem], aside: str) -> dict[str, Any]:
    """Return items for an event, or where they lie when they are too many for one.

    Args:
        raw: Keeps what is too much.
        items: Of one page.
        aside: Where they lie then.
    """
    said: list[dict[str, Any]] = _ITEMS.dump_python(
        tuple(items), mode="json", exclude_defaults=True
    )
    if len(said) <= MOST_ITEMS and len(orjson.dumps(said)) <= MOST_BYTES:
        return {"items": said}
    raw.write_json(aside, {"items": said})
    return {"items_uri": aside}


def normalized_event(
    event_id: UUID, data: Mapping[str, Any], *, at: datetime, correlation_id: str
) -> Event:
    """Return what there is to tell of a page's items."""
    return Event(
        event_id=event_id,
        event_type=NORMALIZED,
        occurred_at=at,
        correlation_id=correlation_id,
        data=data,
    )


def fetched_page(event: Event) -> FetchedPage:
    """Return what a ``catalog.fetched`` says.

    Raises:
        InvalidInputError: Naming every field that is not acceptable.
    """
    try:
        return FetchedPage.model_validate(event.data)
    except ValidationError as error:
        issues = [
            FieldIssue(".".join(map(str, e["loc"])), e["type"].replace("_", "-"), e["msg"])
            for e in error.errors(include_url=False)
        ]
        raise InvalidInputError("catalog.fetched cannot be used", issues=issues) from None


def record_errors(page: FetchedPage, errors: Sequence[RecordError]) -> list[IngestError]:
    """Return records that cannot be taken in as rows, each with its pointer."""
    return [
        IngestError(page.run_id, STAGE, e.pointer(page.raw_uri), error=e.message, field=e.field)
        for e in errors
    ]


def _unconfigured(page: FetchedPage, found: Normalized) -> list[IngestError]:
    """Return one row per service that is none of our platforms, with how often the page has it."""
    times = Counter(one.service for one in found.unconfigured)
    first = {one.service: one for one in reversed(found.unconfigured)}
    return [
        IngestError(
            page.run_id,
            UNCONFIGURED,
            f"{page.raw_uri}#{one.index}.{service}",
            error=f"{one.message}: {times[service]} ways to watch on this page",
            field=one.field,
        )
        for service, one in first.items()
    ]


def _whole(page: FetchedPage, lost: AppError) -> IngestError:
    return IngestError(page.run_id, STAGE, page.raw_uri, error=lost.message, field="page")


def _write(
    connection: Connection,
    page: FetchedPage,
    errors: list[IngestError],
    told: list[Event],
    counts: tuple[int, int],
) -> list[int]:
    """Write errors, counters and the event; ``counts`` are (normalized, set aside)."""
    IngestErrors.record(connection, errors)
    Runs.count(connection, page.raw_uri, normalized=counts[0], set_aside=counts[1])
    return Outbox.add(connection, told)
