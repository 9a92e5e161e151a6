"""A migrated database, and a store that takes pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, create_engine, text

from shared.adapters.sql.ingest.store import IngestStore, Outcome, PageInput
from shared.adapters.sql.runs import Page, Part, Runs
from shared.kernel import ids
from shared.kernel.clock import FixedClock
from shared.kernel.events import Event
from tests.unit.matching.items import NOON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.catalog.item import CanonicalItem

RUN = "run-1"
URI = "streaming_availability/netflix-US/run-1/00001.json.gz"


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """An engine on this test's database."""
    # Without TLS, for which pg8000 reads all certificates of the machine: 20 ms a connection.
    plain = {"ssl_context": False}
    made = create_engine(database, pool_size=20, max_overflow=4, connect_args=plain)
    yield made
    made.dispose()


def cause(name: str) -> Event:
    """Return the event that brings a page; the same name is the same event."""
    return Event(
        event_id=ids.named(name),
        event_type="title.normalized",
        occurred_at=NOON,
        correlation_id="test",
        data={},
    )


class Catalog:
    """A store under a clock that stands still, and what it holds."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clock = FixedClock(NOON)
        self.store = IngestStore(engine, self.clock)
        self._pages = 0

    def take(self, *items: CanonicalItem, name: str = "", uri: str = URI) -> Outcome:
        """Ingest items as one page; each call is another event unless it is named."""
        self._pages += 1
        page = PageInput(
            cause=cause(name or f"page {self._pages}"),
            run_id=RUN,
            raw_uri=uri,
            platform="netflix",
            region="US",
            items=items,
        )
        return self.store.ingest_page(page)

    def rows(self, sql: str) -> list[Any]:
        """Return the rows of a query as tuples."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    def count(self, table: str) -> int:
        """Return how many rows a table holds."""
        ((found,),) = self.rows(f"SELECT count(*) FROM {table}")  # noqa: S608 - names of ours
        return int(found)

    def everything(self) -> dict[str, list[Any]]:
        """Return every row that describes titles and offers, sorted, for comparison."""
        return {table: sorted(self.rows(f"SELECT t::text FROM {table} t")) for table in TABLES}  # noqa: S608 - names of ours

    def announced(self, topic: str) -> list[Event]:
        """Return the events of a topic in the outbox, oldest first."""
        found = self.rows("SELECT topic, payload FROM outbox ORDER BY id")
        return [Event.model_validate_json(said) for kind, said in found if kind == topic]


TABLES = (
    "content", "content_title", "title_block", "title_outline", "content_genre", "content_theme",
    "content_mood", "credit", "content_rating", "image", "field_source", "external_id",
    "platform_listing", "listing_region", "availability", "review_item", "outbox",
)  # fmt: skip


@pytest.fixture
def catalog(engine: Engine) -> Catalog:
    """An empty catalog with one page announced."""
    part = Part(RUN, "streaming_availability", "netflix", "US")
    runs = Runs(engine)
    runs.start(part)
    runs.add_page(Page(part, 1, URI, 3), [])
    return Catalog(engine)
