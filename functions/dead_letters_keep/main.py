"""Any topic's dead letters → kept; each five minutes, those that are due are delivered again."""

import logging
from functools import cache

from shared.adapters import connect, probes
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.sql.dead_letters.store import BATCH, DeadLetters
from shared.kernel.clock import SystemClock
from shared.runtime import events, metrics
from shared.runtime.dead_letters import dead_letter

logger = logging.getLogger(__name__)

MOST_BATCHES = 20

clock = SystemClock()
publisher = cache(PubSubPublisher)


@events.taker(probes.database, probes.pubsub)
def handle(delivery: events.Delivery) -> None:
    """Keep a dead letter; on schedule, deliver again what is due and forget what is old."""
    if delivery.event.event_type == events.TICK:
        _turn(DeadLetters(connect.engine(), clock))
        return
    found = dead_letter(delivery)
    kept = DeadLetters(connect.engine(), clock).keep(found)
    if kept is None:
        return
    about = {"consumer": found.consumer, "topic": found.topic, "event": found.event_id}
    said = {**about, "redeliveries": kept.redeliveries}
    if kept.next_at is None:
        logger.error("event.given_up", extra=said)
    else:
        logger.error("event.dead", extra={**said, "next_at": kept.next_at.isoformat()})


def _turn(letters: DeadLetters) -> None:
    for purpose, waiting in letters.waiting().items():
        metrics.put(metrics.DEAD_LETTERS, waiting, waits_for=purpose)
    if gone := letters.forget():
        logger.info("dead_letters.forgotten", extra={"letters": gone})
    for _ in range(MOST_BATCHES):
        due = letters.redeliver(publisher(), lambda body: events.parse({}, body))
        if due:
            logger.info("dead_letters.redelivered", extra={"letters": due})
        if due < BATCH:
            return
