"""Each minute: publish the events that a crash or an outage left waiting."""

import logging
from functools import cache

from shared.adapters import connect, probes
from shared.adapters.outbox import BATCH, FORGOTTEN, forget, oldest_waiting, publish_pending
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.sql.unembedded import tell_of_unembedded
from shared.kernel.events import Event
from shared.runtime import events, metrics

logger = logging.getLogger(__name__)

MOST_BATCHES = 100
FORGETS_AT = 43
"""Minute of each hour in which old events are forgotten."""
MOST_FORGOTTEN = 20
"""Transactions of an hour that forget."""
LATE_SECONDS = 300
"""Age of an event in the outbox at which somebody is told (spec/ingestion §7)."""

publisher = cache(PubSubPublisher)


@events.consumer(probes.database, probes.pubsub)
def handle(tick: Event) -> None:
    """Publish what waits, oldest first; what is not taken stays for a later turn.

    How long the oldest has waited is measured first: where publishing fails, nothing comes after.
    Each fifth minute titles that an outage left without a vector are told of again, too, and each
    hour old events are forgotten.
    """
    waited = oldest_waiting(connect.engine())
    metrics.put(metrics.OUTBOX_OLDEST, waited, service="outbox-relay")
    if waited > LATE_SECONDS:
        logger.error("outbox.late", extra={"seconds": round(waited)})
    if late := tell_of_unembedded(connect.engine(), tick):
        logger.warning("titles.unembedded", extra={"titles": late})
    for _ in range(MOST_BATCHES):
        if publish_pending(connect.engine(), publisher()) < BATCH:
            break
    if tick.occurred_at.minute == FORGETS_AT:
        _forget_old(tick)


def _forget_old(tick: Event) -> None:
    for _ in range(MOST_FORGOTTEN):
        published, processed = forget(connect.engine(), tick.occurred_at)
        logger.info("events.forgotten", extra={"published": published, "processed": processed})
        if max(published, processed) < FORGOTTEN:
            return
