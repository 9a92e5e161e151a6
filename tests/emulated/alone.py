"""One emulator as a process of its own, for tests that kill it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

from emulators.core.clock import VirtualClock
from emulators.core.context import Context
from emulators.core.faults import Faults
from emulators.core.identity import Signer
from emulators.core.journal import Journal
from emulators.core.rules import rule_of
from emulators.core.server import serve
from emulators.serve import find_service

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@contextlib.contextmanager
def process(service: str, journal: Path, *rules: Mapping[str, object]) -> Iterator[str]:
    """Run a service and yield its address; at the end it is killed and cannot tidy up.

    Args:
        service: Its name.
        journal: Where it keeps what it is told.
        rules: Faults that are in force from the beginning.
    """
    faults = json.dumps(rules)
    command = [sys.executable, "-m", "tests.emulated.alone", service, str(journal), faults]
    # The command is ours: this interpreter and this module.
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:  # noqa: S603
        try:
            assert running.stdout is not None
            yield f"127.0.0.1:{int(running.stdout.readline())}"
        finally:
            running.kill()


async def main(service: str, path: Path, rules: list[dict[str, object]]) -> None:
    """Serve until killed, after the port is printed."""
    endpoint = find_service(service)
    assert endpoint is not None
    clock = VirtualClock()
    journal = Journal(path)
    faults = Faults(clock, journal=journal)
    parts = (journal, faults, Signer(clock))
    context = Context(clock, *parts, addresses={}, http=aiohttp.ClientSession)
    running = await serve(await endpoint(context), 0)
    for rule in rules:
        faults.add(rule_of(rule, faults.known))
    sys.stdout.write(f"{running.port}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])))
