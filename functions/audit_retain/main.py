"""Each night: forget old addresses of the audit log, remove archived months, walk its chains."""

import logging

from shared.adapters import probes
from shared.adapters.sql import audit, audit_export
from shared.kernel.audit import AuditEvent
from shared.kernel.events import Event
from shared.runtime import events
from shared.runtime.audit import archive, system_event

logger = logging.getLogger(__name__)


@events.consumer(probes.database)
def handle(_tick: Event) -> None:
    """Say of each chain where it ends, and whether it is what the archive says it was.

    The chains are walked first: nothing is removed from a log that somebody touched.
    """
    logger.info("audit.retained", extra={"addresses_forgotten": audit.retain()})
    whole = [_is_whole(chain) for chain in audit.chains()]
    if all(whole):
        months = audit_export.remove(archive(), told=_told)
        logger.info("audit.removed", extra={"months": months})


def _is_whole(chain: str) -> bool:
    done = audit_export.anchored(archive(), chain)
    said = {"chain": chain, "entries": done.head.number, "hash": done.head.hash.hex()}
    if done.findings:
        faults = audit_export.told_of(done.findings)
        logger.error("audit.broken", extra={**said, "faults": faults})
    else:
        logger.info("audit.anchored", extra=said)
    return not done.findings


def _told(month: str) -> AuditEvent:
    return system_event("audit-retain", "DATA_DELETE", resource_id=month)
