"""How the clock is set, kept over a restart of the process."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

from emulators.core.clock import Reading

if TYPE_CHECKING:
    from emulators.core.clock import VirtualClock
    from emulators.core.journal import Journal

SPACE = "core.clock"


def kept_reading(journal: Journal) -> Reading:
    """Return how the clock was set last."""
    found = dict(journal.load(SPACE)).get("reading")
    return Reading(**json.loads(found)) if found else Reading()


async def keep_reading(journal: Journal, clock: VirtualClock) -> None:
    """Return when the clock's setting would survive the process."""
    text = json.dumps(dataclasses.asdict(clock.reading))
    journal.put(SPACE, "reading", text.encode())
    await journal.commit()
