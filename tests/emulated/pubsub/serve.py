"""Pub/Sub as a process of its own, for tests that kill it; prints its port."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import aiohttp

from emulators.core.clock import VirtualClock
from emulators.core.context import Context
from emulators.core.faults import Faults
from emulators.core.identity import Signer
from emulators.core.journal import Journal
from emulators.core.server import serve
from emulators.pubsub.service import endpoint


async def main(path: Path) -> None:
    """Serve until killed."""
    clock = VirtualClock()
    parts = (Journal(path), Faults(clock), Signer(clock))
    context = Context(clock, *parts, addresses={}, http=aiohttp.ClientSession)
    running = await serve(await endpoint(context), 0)
    sys.stdout.write(f"{running.port}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
