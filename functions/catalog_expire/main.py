"""Job: end offers whose time is over, and hide those nobody confirms, every 15 minutes."""

import logging
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from shared.adapters import connect
from shared.adapters.outbox import publish_pending
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.sql.expiry.offers import OfferEnds
from shared.kernel.clock import SystemClock
from shared.runtime import jobs

logger = logging.getLogger(__name__)
clock = SystemClock()


class Options(BaseModel):
    """There is nothing to choose."""

    model_config = ConfigDict(extra="forbid")


@jobs.job(Options)
def handle(_options: Options) -> Mapping[str, int]:
    """Change them in batches, each with its events; running it twice changes nothing twice."""
    publisher, ends = PubSubPublisher(), OfferEnds(clock=clock)
    # What was seen again is shown before anything is hidden: no offer does both in one run.
    steps = {"ended": ends.by_time, "shown": ends.show_seen, "hidden": ends.hide_silent}
    done = dict.fromkeys(steps, 0)
    for name, batches in steps.items():
        for changed, rows in batches():
            publish_pending(connect.engine(), publisher, rows)
            done[name] += changed
    logger.info("offers.changed", extra=done)
    return done
