"""Each minute: publish the events that a crash or an outage left waiting."""

import logging
from functools import cache

from shared.adapters import connect, probes
from shared.adapters.outbox import BATCH, publish_pending
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.sql.unembedded import tell_of_unembedded
from shared.kernel.events import Event
from shared.runtime import events

logger = logging.getLogger(__name__)

MOST_BATCHES = 100

publisher = cache(PubSubPublisher)


@events.consumer(probes.database, probes.pubsub)
def handle(tick: Event) -> None:
    """Publish what waits, oldest first; what is not taken stays for a later turn.

    Each fifth minute titles that an outage left without a vector are told of again, too.
    """
    if late := tell_of_unembedded(connect.engine(), tick):
        logger.warning("titles.unembedded", extra={"titles": late})
    for _ in range(MOST_BATCHES):
        if publish_pending(connect.engine(), publisher()) < BATCH:
            return
