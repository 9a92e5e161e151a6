"""Job: end offers whose time is over; the workflow ``expiry`` runs it every 15 minutes."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from shared.adapters import connect
from shared.adapters.outbox import publish_pending
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.sql.expiry.offers import OfferEnds
from shared.kernel.clock import SystemClock
from shared.runtime import jobs

clock = SystemClock()


class Options(BaseModel):
    """There is nothing to choose."""

    model_config = ConfigDict(extra="forbid")


@jobs.job(Options)
def handle(_options: Options) -> Mapping[str, int]:
    """End them in batches, each with its events; running it twice ends nothing twice."""
    publisher, done = PubSubPublisher(), 0
    for ended, rows in OfferEnds(clock=clock).by_time():
        publish_pending(connect.engine(), publisher, rows)
        done += ended
    return {"ended": done}
