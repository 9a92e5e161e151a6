"""Emulators as a process of their own, for tests that kill it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from emulators.core.clock import VirtualClock
from emulators.core.context import Context, client_session
from emulators.core.faults import Faults
from emulators.core.identity import Signer
from emulators.core.journal import Journal
from emulators.core.rules import rule_of
from emulators.core.server import serve
from emulators.services import find_service

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from emulators.core.server import Running


@contextlib.contextmanager
def process(service: str, journal: Path, *rules: Mapping[str, object]) -> Iterator[str]:
    """Run a service and yield its address; at the end it is killed and cannot tidy up.

    Args:
        service: Its name.
        journal: Where it keeps what it is told.
        rules: Faults that are in force from the beginning.
    """
    with together((service,), journal, *rules) as (address,):
        yield address


@contextlib.contextmanager
def together(
    services: Sequence[str], journal: Path, *rules: Mapping[str, object]
) -> Iterator[list[str]]:
    """Run services in one process and yield their addresses; as `process` does it with one."""
    said = [",".join(services), str(journal), json.dumps(rules)]
    command = [sys.executable, "-m", "tests.emulated.alone", *said]
    # The command is ours: this interpreter and this module.
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:  # noqa: S603
        try:
            assert running.stdout is not None
            yield [f"127.0.0.1:{int(port)}" for port in running.stdout.readline().split()]
        finally:
            running.kill()


async def main(services: Sequence[str], path: Path, rules: list[dict[str, object]]) -> None:
    """Serve until killed, after the ports are printed."""
    clock = VirtualClock()
    journal = Journal(path)
    faults = Faults(clock, journal=journal)
    parts = (journal, faults, Signer(clock))
    context = Context(clock, *parts, addresses={}, http=client_session)
    running = [await started(each, context) for each in services]
    for rule in rules:
        faults.add(rule_of(rule, faults.known))
    sys.stdout.write(" ".join(str(each.port) for each in running) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


async def started(service: str, context: Context) -> Running:
    """Serve one service on any free port."""
    endpoint = find_service(service)
    assert endpoint is not None
    return await serve(await endpoint(context), 0)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1].split(","), Path(sys.argv[2]), json.loads(sys.argv[3])))
