"""Job: compare every point of the vector index with its title, have the wrong ones made again."""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.adapters import connect
from shared.adapters.embeddings.artifact import read_card
from shared.adapters.outbox import Outbox, publish_pending
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.sql.every_title import every_title
from shared.adapters.sql.search import SqlDocuments
from shared.adapters.vector_search import VertexVectorIndex
from shared.kernel.clock import SystemClock
from shared.kernel.events import Event
from shared.kernel.ids import TimeOrderedIds
from shared.runtime import jobs
from shared.search.drift import Drift, drift

logger = logging.getLogger(__name__)
clock = SystemClock()
ids = TimeOrderedIds(clock)


class Options(BaseModel):
    """Options of one run; `check` says what is wrong and leaves it so."""

    model_config = ConfigDict(extra="forbid")

    check: bool = False


@jobs.job(Options)
def handle(options: Options) -> Mapping[str, str | int]:
    """Tell `search_index` of each title whose point is wrong; nothing about the title changed.

    The index is read before SQL: what changes in between looks wrong, and is made once more.
    """
    model, publisher = _model(), PubSubPublisher()
    counted: Counter[str] = Counter()
    for titles in every_title():
        wrong = _wrong(titles, model)
        counted.update({"titles": len(titles)} | Counter(map(str, wrong.values())))
        if wrong and not options.check:
            _tell(publisher, wrong)
    found = {each.value: counted[each] for each in Drift}
    if any(found.values()):
        logger.warning("search.index-differs", extra={"model": model, **found})
    return {"model": model, "titles": counted["titles"], **found}


def _model() -> str:
    return read_card(connect.addresses().artifacts_dir / "models" / "minilm").model


def _wrong(titles: Sequence[UUID], model: str) -> dict[UUID, Drift]:
    """Return what is wrong with the points of those of some titles that are not right."""
    points = {point.id: point for point in VertexVectorIndex().points([*map(str, titles)])}
    with connect.reads().connect() as connection:
        entries = {e.document.id: e for e in SqlDocuments(clock).read(connection, titles)}
    judged = {id_: drift(entries.get(id_), points.get(str(id_)), model) for id_ in titles}
    return {id_: found for id_, found in judged.items() if found is not None}


def _tell(publisher: PubSubPublisher, titles: Iterable[UUID]) -> None:
    event = Event(
        event_id=ids.new(),
        event_type="metadata.enriched",
        occurred_at=clock.now(),
        correlation_id="search-reconcile",
        data={"content_ids": [str(id_) for id_ in titles], "run_id": ""},
    )
    with connect.engine().begin() as connection:
        rows = Outbox.add(connection, [event])
    publish_pending(connect.engine(), publisher, rows)
