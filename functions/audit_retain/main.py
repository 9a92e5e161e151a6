"""Each night: forget old addresses of the audit log, make its next month, walk its chains."""

import logging

from shared.adapters import probes
from shared.adapters.sql import audit
from shared.kernel.events import Event
from shared.runtime import events

logger = logging.getLogger(__name__)


@events.consumer(probes.database)
def handle(_tick: Event) -> None:
    """Say of each chain where it ends: that line, kept elsewhere, holds for all before it."""
    logger.info("audit.retained", extra={"addresses_forgotten": audit.retain()})
    for chain in audit.chains():
        done = audit.verify(chain=chain)
        said = {"chain": chain, "entries": done.head.number, "hash": done.head.hash.hex()}
        if done.findings:
            faults = [f"{finding.number}: {finding.fault}" for finding in done.findings]
            logger.error("audit.broken", extra={**said, "faults": faults})
        else:
            logger.info("audit.anchored", extra=said)
