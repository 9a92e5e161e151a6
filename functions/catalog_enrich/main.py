"""content.ingested, content.updated → vectors and quality scores → metadata.enriched."""

from functools import cache

from shared.adapters import connect, probes
from shared.adapters.embeddings.onnx import OnnxEmbedder
from shared.adapters.outbox import Outbox, publish_pending
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.sql.once import first_time
from shared.adapters.sql.search import SqlDocuments
from shared.kernel import ids
from shared.kernel.clock import SystemClock
from shared.kernel.events import Event
from shared.runtime import events
from shared.search.indexing import new_vectors, qualities, titles_of

CONSUMER = "catalog-enrich"
clock = SystemClock()


@cache
def embedder() -> OnnxEmbedder:
    """Return this process's model."""
    return OnnxEmbedder.load(connect.addresses().artifacts_dir / "models" / "minilm")


@events.consumer(probes.database, probes.embedder(embedder))
def handle(event: Event) -> None:
    """Make vectors and quality of the event's titles what their present record asks for."""
    content_ids = titles_of(event)
    documents = SqlDocuments(clock)
    with connect.engine().connect() as connection:
        entries = documents.read(connection, content_ids)
    vectors = new_vectors(entries, embedder())
    with connect.engine().begin() as connection:
        if not first_time(connection, CONSUMER, event.event_id):
            return
        documents.keep_vectors(connection, embedder().model, vectors)
        documents.keep_quality(connection, qualities(entries, clock.now()))
        rows = Outbox.add(connection, [_enriched(event)])
    publish_pending(connect.engine(), PubSubPublisher(), rows)


def _enriched(event: Event) -> Event:
    return Event(
        event_id=ids.named("metadata.enriched", str(event.event_id)),
        event_type="metadata.enriched",
        occurred_at=clock.now(),
        correlation_id=event.correlation_id,
        data={"content_ids": event.data["content_ids"], "run_id": event.data.get("run_id", "")},
    )
