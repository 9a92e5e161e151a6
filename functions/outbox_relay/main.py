"""Each minute: publish the events that a crash or an outage left waiting."""

from functools import cache

from shared.adapters import connect, probes
from shared.adapters.outbox import BATCH, publish_pending
from shared.adapters.pubsub import PubSubPublisher
from shared.kernel.events import Event
from shared.runtime import events

MOST_BATCHES = 100

publisher = cache(PubSubPublisher)


@events.consumer(probes.database, probes.pubsub)
def handle(_tick: Event) -> None:
    """Publish what waits, oldest first; what is not taken stays for a later turn."""
    for _ in range(MOST_BATCHES):
        if publish_pending(connect.engine(), publisher()) < BATCH:
            return
