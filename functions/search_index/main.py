"""Titles got vectors, became one, went, or play elsewhere → points of the vector index."""

from shared.adapters import connect, probes
from shared.adapters.embeddings.artifact import read_card
from shared.adapters.sql.resident.changes import SqlChanges
from shared.adapters.sql.search import SqlDocuments
from shared.adapters.vector_search import VertexVectorIndex
from shared.kernel.clock import SystemClock
from shared.kernel.events import Event
from shared.runtime import events
from shared.search.indexing import index_changes, titles_of

clock = SystemClock()


@events.consumer(probes.database, probes.vector_index)
def handle(event: Event) -> None:
    """Upsert or remove the points of the event's titles; repeating it changes nothing.

    That they changed is noted last: who reads the note finds what it is about everywhere.
    """
    content_ids = titles_of(event)
    with connect.reads().connect() as connection:
        entries = SqlDocuments(clock).read(connection, content_ids)
    card = read_card(connect.addresses().artifacts_dir / "models" / "minilm")
    points, dead = index_changes(entries, content_ids, card.model)
    index = VertexVectorIndex()
    index.upsert(points)
    index.remove(dead)
    SqlChanges(clock).note(content_ids)
