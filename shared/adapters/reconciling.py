"""The vector index beside the catalog: which points are wrong, and who is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.outbox import Outbox, publish_pending
from shared.adapters.sql.search import SqlDocuments
from shared.adapters.vector_search import VertexVectorIndex
from shared.kernel.events import Event
from shared.search.drift import Drift, drift

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from shared.adapters.pubsub import PubSubPublisher
    from shared.kernel.clock import Clock


def wrong_points(titles: Sequence[UUID], model: str, clock: Clock) -> dict[UUID, Drift]:
    """Return what is wrong with the points of those titles that are not right.

    The index is read before SQL: what changes in between looks wrong, and is made once more.

    Args:
        titles: Any, as many as one call to the index may ask about.
        model: The present one.
        clock: Tells which offers are live.

    Raises:
        UnavailableError: The index or the database does not answer.
    """
    points = {point.id: point for point in VertexVectorIndex().points([*map(str, titles)])}
    with connect.reads().connect() as connection:
        entries = {e.document.id: e for e in SqlDocuments(clock).read(connection, titles)}
    judged = {id_: drift(entries.get(id_), points.get(str(id_)), model) for id_ in titles}
    return {id_: found for id_, found in judged.items() if found is not None}


def tell(
    publisher: PubSubPublisher, titles: Sequence[UUID], *, event_id: UUID, now: datetime
) -> None:
    """Have the points of titles made again by whoever makes them, through the outbox."""
    event = Event(
        event_id=event_id,
        event_type="metadata.enriched",
        occurred_at=now,
        correlation_id="search-reconcile",
        data={"content_ids": [str(id_) for id_ in titles], "run_id": ""},
    )
    with connect.engine().begin() as connection:
        rows = Outbox.add(connection, [event])
    publish_pending(connect.engine(), publisher, rows)
