"""Job: join stored titles that turn out to be one, every hour."""

from collections.abc import Mapping
from itertools import chain

from pydantic import BaseModel, ConfigDict, Field

from shared.adapters import connect
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.sql.review.joins import SqlJoins
from shared.adapters.sql.series.joins import PlaceJoins
from shared.adapters.sql.webhooks.publishing import publish_now
from shared.kernel.clock import SystemClock
from shared.runtime import jobs

clock = SystemClock()


class Options(BaseModel):
    """How many pairs are tried at most; the likeliest come first."""

    model_config = ConfigDict(extra="forbid")

    most: int = Field(default=500, ge=1, le=10_000)


@jobs.job(Options)
def handle(options: Options) -> Mapping[str, int]:
    """Join them one by one, each with its events; what is not sure stays a question."""
    publisher, joined = PubSubPublisher(), 0
    asked, placed = SqlJoins(clock=clock), PlaceJoins(clock=clock)
    for done in chain(asked.join(most=options.most), placed.join(most=options.most)):
        publish_now(connect.engine(), publisher, done.outbox)
        joined += 1
    return {"joined": joined}
