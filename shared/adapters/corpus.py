"""A corpus in an empty catalogue, by the product's own steps."""

from __future__ import annotations

import logging
from itertools import islice
from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.outbox import publish_pending
from shared.adapters.sql.dictionary.entries import SqlEntries
from shared.adapters.sql.graph.store import SqlGraph
from shared.adapters.sql.ingest.store import IngestStore, PageInput
from shared.adapters.sql.reading import read
from shared.adapters.sql.resident.rows import SqlRows
from shared.adapters.sql.search import SqlDocuments, SqlTitles
from shared.adapters.sql.statement import statement, translated
from shared.adapters.vector_search import VertexVectorIndex
from shared.kernel import ids
from shared.kernel.errors import ConflictError
from shared.kernel.events import Event
from shared.search.filters import Filters
from shared.search.indexing import index_changes, new_vectors, qualities
from shared.search.resident.catalog import Catalog
from shared.search.resident.part import Part
from shared.search.suggest.build import build_suggester
from shared.search.understanding.names import CatalogNames

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from uuid import UUID

    from shared.catalog.item import CanonicalItem
    from shared.kernel import trace
    from shared.kernel.clock import Clock
    from shared.search.ports import Embedder
    from shared.search.understanding.ports import Names

logger = logging.getLogger(__name__)

PAGE = 500
CORPUS_IDS = statement(__file__, "sql/corpus_ids")


class _Nobody:
    """Takes events and tells nobody: the steps that listen to them are taken here, at once."""

    def publish(self, events: Sequence[Event], places: Sequence[trace.TraceContext | None]) -> None:
        del events, places


def load_corpus(items: Iterable[CanonicalItem], embedder: Embedder, clock: Clock) -> dict[str, str]:
    """Store, embed, index and connect every item; return the title that each film became.

    Raises:
        ConflictError: The catalogue has titles: answers would come from both.
        UnavailableError: The database or the index does not answer.
    """
    if SqlTitles(clock=clock).popular(Filters(), limit=1):
        raise ConflictError("the catalogue has titles; a corpus goes into an empty one")
    stored = 0
    for number, page in enumerate(_pages(items)):
        titles = _stored(page, number, clock)
        _indexed(titles, embedder, clock)
        stored += len(titles)
        logger.info("corpus.page_loaded", extra={"titles": stored})
    SqlGraph(clock).rebuild(embedder.model)
    with connect.reads().connect() as connection, translated("statistics"):
        # Not VACUUM too: on a busy machine that takes longer than a connection waits for an answer.
        connection.exec_driver_sql("ANALYZE")
    return {row.film: str(row.content_id) for row in read(CORPUS_IDS(), {}, what="films")}


def _pages(items: Iterable[CanonicalItem]) -> Iterator[list[CanonicalItem]]:
    found = iter(items)
    while page := list(islice(found, PAGE)):
        yield page


def _stored(page: Sequence[CanonicalItem], number: int, clock: Clock) -> list[UUID]:
    raw_uri = f"corpus/{number}"
    first = page[0]
    cause = Event(
        event_id=ids.named(raw_uri),
        event_type="title.normalized",
        occurred_at=clock.now(),
        correlation_id="corpus",
        data={},
    )
    given = PageInput(cause, "corpus", raw_uri, first.platform, first.region, page)
    outcome = IngestStore(connect.engine(), clock).ingest_page(given)
    publish_pending(connect.engine(), _Nobody(), outcome.outbox)
    return [*outcome.created, *outcome.updated]


def _indexed(titles: Sequence[UUID], embedder: Embedder, clock: Clock) -> None:
    """Do what follows ``content.ingested`` and ``metadata.enriched``."""
    documents = SqlDocuments(clock)
    with connect.engine().begin() as connection:
        entries = documents.read(connection, titles)
        documents.keep_vectors(connection, embedder.model, new_vectors(entries, embedder))
        documents.keep_quality(connection, qualities(entries, clock.now()))
        entries = documents.read(connection, titles)
    points, _ = index_changes(entries, titles, embedder.model)
    VertexVectorIndex().upsert(points)


def corpus_names(clock: Clock) -> Names:
    """Return the names of the catalogue as it is now, which are otherwise read from a snapshot."""
    entries = SqlEntries(clock)
    return CatalogNames(build_suggester(entries, entries.known_words()))


def corpus_resident(model: str) -> Catalog:
    """Return the catalogue as it is now, which is otherwise read from a snapshot.

    Args:
        model: Whose vectors count.
    """
    titles = [title for page in SqlRows(model).all() for title in page]
    return Catalog((Part.build(titles),))
