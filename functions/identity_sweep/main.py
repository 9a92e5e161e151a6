"""Each minute: tell again which sessions ended, and forget what is of no use any more."""

import logging

from shared.adapters import connect, probes
from shared.adapters.redis.revocations import RedisRevocations
from shared.adapters.sql.identity import sweep
from shared.kernel.clock import SystemClock
from shared.kernel.events import Event
from shared.runtime import events, metrics

logger = logging.getLogger(__name__)
clock = SystemClock()


@events.consumer(probes.database, probes.redis)
def handle(_tick: Event) -> None:
    """Do both, and count those that live; a second time at once does no harm."""
    now = clock.now()
    told = sweep.tell_again(connect.reads(), RedisRevocations(), now=now)
    tidied = sweep.tidy(connect.engine(), now=now)
    for kind, live in sweep.living(connect.reads(), now=now).items():
        metrics.put(metrics.SESSIONS, live, kind=kind)
    if told or any(tidied.values()):
        logger.info("sessions.swept", extra={"told": told, **tidied})
