"""Each hour: tell of what falls behind although nothing fails."""

import logging

from shared.adapters import connect, probes
from shared.adapters.sql.life.watch import SqlWatch
from shared.catalog.watch import MOST_IN_REVIEW, dropped, stale
from shared.kernel.clock import SystemClock
from shared.kernel.events import Event
from shared.runtime import events

logger = logging.getLogger(__name__)
clock = SystemClock()


@events.consumer(probes.database)
def handle(_tick: Event) -> None:
    """Look, and say what is wrong; nothing is changed."""
    seen, now = SqlWatch(connect.reads()), clock.now()
    for late in stale(seen.fetched(now), now):
        logger.error("catalog.stale", extra=late)
    if (waiting := seen.in_review()) > MOST_IN_REVIEW:
        logger.warning("review.backlog", extra={"pending": waiting})
    if (drop := dropped(seen.reports(now))) is not None:
        logger.error("completeness.dropped", extra={"by": drop})
