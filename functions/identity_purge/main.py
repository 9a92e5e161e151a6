"""Each hour: delete accounts whose grace is over, and forget copies and keys that ended."""

import logging
from functools import partial

from shared.adapters import connect, probes
from shared.adapters.avatars import AvatarFolder
from shared.adapters.sql.identity import life
from shared.identity.accounts import RESOURCE
from shared.kernel.audit import AuditEvent
from shared.kernel.clock import SystemClock
from shared.kernel.events import Event
from shared.runtime import events
from shared.runtime.audit import system_event

logger = logging.getLogger(__name__)
clock = SystemClock()
MOST = 200
"""Accounts of one hour; the rest waits for the next."""


@events.consumer(probes.database)
def handle(_tick: Event) -> None:
    """Do both; a second time at once does no harm."""
    now, folder = clock.now(), AvatarFolder(connect.addresses().artifacts_dir)
    step = partial(life.purge, connect.engine(), now, act=_act, remove_avatar=folder.remove)
    gone = sum(1 for _ in zip(range(MOST), iter(step, None), strict=False))
    forgotten = life.tidy(connect.engine(), now)
    if gone or any(forgotten.values()):
        logger.info("accounts.purged", extra={"accounts": gone, **forgotten})


def _act(user_id: str) -> AuditEvent:
    said = {"resource_type": RESOURCE, "resource_id": user_id}
    return system_event("identity-purge", "DATA_DELETE", **said)
