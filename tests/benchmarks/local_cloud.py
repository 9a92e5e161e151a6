"""How long the local cloud takes to be ready, and what it occupies once it is.

Seconds are those of the whole command ``mg up --detach``, its own start included. The first boot
makes the database cluster and its schema. The bare figures are PostgreSQL and Redis alone.
"""

from __future__ import annotations

from time import perf_counter

from emulators.managed.postgres import temporary_postgres
from emulators.managed.redis import temporary_redis
from tests.benchmarks.cloud import stopped_cloud
from tests.benchmarks.machine import Row, memory

TARGETS = "target ≤ 10 s, ≤ 900 MB"


def run() -> list[Row]:
    """Return rows of what was measured, our figure, and the bare one."""
    bare_seconds, bare_memory = _bare()
    with stopped_cloud() as cloud:
        first = cloud.up()
        fresh, processes = memory(cloud.record().pid)
        cloud.down()
        second = cloud.up()
        again, _ = memory(cloud.record().pid)
    return [
        (f"first boot, nothing kept yet ({TARGETS})", f"{first:.1f} s", bare_seconds),
        ("second boot", f"{second:.1f} s", bare_seconds),
        (f"memory after the first boot, {processes} processes", f"{fresh:.0f} MiB", bare_memory),
        ("memory after the second boot", f"{again:.0f} MiB", bare_memory),
    ]


def _bare() -> tuple[str, str]:
    """Seconds until a new PostgreSQL and a Redis both answer, and what they occupy."""
    began = perf_counter()
    with temporary_postgres() as postgres, temporary_redis() as redis:
        seconds = perf_counter() - began
        pids = [server.process.pid for server in (postgres, redis) if server.process]
        occupied = sum(memory(pid)[0] for pid in pids)
    what = "PostgreSQL and Redis alone"
    return f"{what}: {seconds:.1f} s with initdb", f"{what}: {occupied:.0f} MiB"
