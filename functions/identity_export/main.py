"""``export.requested`` → a sealed archive of what is kept of a user, and a mail that tells so."""

import logging
from functools import cache

from shared.adapters import probes
from shared.adapters.pubsub import PubSubPublisher
from shared.adapters.sealing import IDENTITY, sealer
from shared.adapters.sql.identity.export import SqlExports
from shared.identity.export import export_of
from shared.kernel.clock import SystemClock
from shared.kernel.events import Event
from shared.kernel.ids import TimeOrderedIds
from shared.runtime import events

logger = logging.getLogger(__name__)
clock = SystemClock()
exports = cache(lambda: SqlExports(PubSubPublisher(), lambda: sealer(IDENTITY)))


@events.consumer(probes.database)
def handle(event: Event) -> None:
    """Build the copy that an event asks for; again, it does nothing."""
    wanted = export_of(event)
    built = exports().build(wanted, clock.now(), TimeOrderedIds(clock))
    logger.info("export.built" if built else "export.not_needed", extra={"export": str(wanted)})
