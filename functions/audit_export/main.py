"""Each night: take closed days of the audit log to the archive. With ``--verify``: check both."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.adapters.sql import audit, audit_export
from shared.kernel.audit import AuditEvent
from shared.kernel.audit_archive import Segment
from shared.kernel.clock import SystemClock
from shared.kernel.errors import ConflictError
from shared.runtime import jobs
from shared.runtime.audit import archive, system_event

logger = logging.getLogger(__name__)

clock = SystemClock()


class Options(BaseModel):
    """What to do.

    Attributes:
        verify: Archive nothing; read all that is archived and all that is in the database.
    """

    model_config = ConfigDict(extra="forbid")

    verify: bool = False


@jobs.job(Options)
def handle(options: Options) -> Mapping[str, Any]:
    """Return what was archived of each chain, or that all are whole."""
    chains = audit.chains()
    return _verified(chains) if options.verify else {chain: _exported(chain) for chain in chains}


def _exported(chain: str) -> list[str]:
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    done = audit_export.export(archive(), chain, before=midnight, told=_told)
    for segment in done:
        logger.info("audit.archived", extra={"object": segment.name})
    return [segment.name for segment in done]


def _told(segment: Segment) -> AuditEvent:
    said = {"first": segment.first, "last": segment.last, "hash": segment.hash.hex()}
    return system_event("audit-export", "DATA_EXPORT", resource_id=segment.chain, details=said)


def _verified(chains: Sequence[str]) -> Mapping[str, str]:
    found = {chain: audit_export.compare(archive(), chain) for chain in chains}
    broken = {chain: audit_export.told_of(faults) for chain, faults in found.items() if faults}
    for chain, faults in broken.items():
        logger.error("audit.broken", extra={"chain": chain, "faults": faults})
    if broken:
        told = "; ".join(f"{chain} {faults}" for chain, faults in broken.items())
        raise ConflictError(f"the audit log is broken: {told}")
    return dict.fromkeys(chains, "whole")
