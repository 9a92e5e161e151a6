"""Job: have titles embedded again whose vector another model made, or that have none."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.adapters import connect
from shared.adapters.embeddings.artifact import read_card
from shared.adapters.outbox import Outbox, publish_pending
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.sql.stale_vectors import stale_titles
from shared.kernel.clock import SystemClock
from shared.kernel.events import Event
from shared.kernel.ids import TimeOrderedIds
from shared.runtime import jobs

clock = SystemClock()
ids = TimeOrderedIds(clock)


class Options(BaseModel):
    """Options of one run; `most` is how many titles it asks for at most, 0 for all."""

    model_config = ConfigDict(extra="forbid")

    most: int = Field(default=0, ge=0)


@jobs.job(Options)
def handle(options: Options) -> Mapping[str, str | int]:
    """Ask `catalog_enrich` for each stale title; a later run asks for what is stale then.

    Who runs it twice loses nothing: a title that has its vector by the time it is asked for again
    keeps it.
    """
    model, publisher, asked = _model(), PubSubPublisher(), 0
    for found in stale_titles(model, most=options.most or None):
        with connect.engine().begin() as connection:
            rows = Outbox.add(connection, [_updated(found)])
        publish_pending(connect.engine(), publisher, rows)
        asked += len(found)
    return {"model": model, "titles": asked}


def _model() -> str:
    return read_card(connect.addresses().artifacts_dir / "models" / "minilm").model


def _updated(found: Sequence[UUID]) -> Event:
    return Event(
        event_id=ids.new(),
        event_type="content.updated",
        occurred_at=clock.now(),
        correlation_id="catalog-reembed",
        data={"content_ids": [str(id_) for id_ in found]},
    )
