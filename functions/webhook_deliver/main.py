"""Events → subscribers; each minute, what was not taken before."""

from datetime import timedelta
from functools import cache
from time import sleep

from shared.adapters import connect, probes
from shared.adapters.egress import Egress
from shared.adapters.sealing import sealer
from shared.adapters.sql.webhooks.deliverer import Deliverer
from shared.adapters.sql.webhooks.outbound import Deliveries
from shared.kernel.clock import SystemClock
from shared.kernel.events import Event
from shared.runtime import events, metrics

clock = SystemClock()
LASTING = timedelta(seconds=40)
"""How long one turn of the schedule waits for what becomes due, so that 5 s are not a minute."""


@cache
def deliverer() -> Deliverer:
    """Return what this process pushes with."""
    return Deliverer(Deliveries(connect.engine(), clock), Egress(), sealer, clock, _count)


def _count(outcome: str) -> None:
    metrics.count(metrics.WEBHOOK_DELIVERIES, outcome=outcome)


@events.consumer(probes.database)
def handle(event: Event) -> None:
    """Push an event to everybody who wants it; on schedule, try again and forget what is old."""
    if event.event_type == events.TICK:
        deliverer().deliveries.purge()
        deliverer().keep_on(LASTING, sleep)
    else:
        deliverer().tell(event)
