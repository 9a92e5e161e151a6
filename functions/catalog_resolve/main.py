"""On title.normalized: find out which titles a page speaks of, and store them."""

import logging
from dataclasses import replace
from functools import cache

from shared.adapters import connect, probes
from shared.adapters.outbox import publish_pending
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.sql.ingest.payload import items_of, normalized_page, page_input
from shared.adapters.sql.ingest.store import IngestStore
from shared.adapters.sql.series.links import SeriesLinks
from shared.kernel.errors import UnavailableError
from shared.kernel.events import Event
from shared.runtime import events

logger = logging.getLogger(__name__)

store = cache(IngestStore)
links = cache(SeriesLinks)
publisher = cache(PubSubPublisher)


@events.consumer(probes.database, probes.pubsub)
def handle(event: Event) -> None:
    """Resolve and store one page, then publish what it changed."""
    page = normalized_page(event)
    items = items_of(page, connect.addresses().raw_dir)
    said = page_input(event, page, items)
    said = replace(said, items=links().placed(said.items))
    outcome = store().ingest_page(said)
    # In a transaction of its own: a page that comes again links what the first time did not reach.
    linked = links().take(said.items, outcome, cause=event)
    try:
        publish_pending(connect.engine(), publisher(), [*outcome.outbox, *linked])
    except UnavailableError as error:
        # Committed already: the relay publishes what waits, another delivery would not.
        logger.warning("event.waiting", extra={"raw_uri": page.raw_uri, "detail": error.message})
