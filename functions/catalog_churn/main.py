"""Each night: count how fast offers end and how late sources are."""

import logging

from shared.adapters import probes
from shared.adapters.sql.receipts.churn import recount
from shared.kernel.events import Event
from shared.runtime import events

logger = logging.getLogger(__name__)


@events.consumer(probes.database)
def handle(_tick: Event) -> None:
    """Count, and say how much there was to count."""
    regions, sources = recount()
    logger.info("churn.counted", extra={"regions": regions, "sources": sources})
