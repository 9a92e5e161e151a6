"""Child processes that are started, awaited until usable, and started again when they die."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from emulators.managed.process import LaunchError, is_free, tail

POLL_SECONDS = 0.05
WATCH_SECONDS = 0.2
PORT_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 3.0
HEALTHY_SECONDS = 10.0

Say = Callable[[str], None]


async def _nothing() -> None:
    """A restart needs nothing more."""


@dataclass
class Child:
    """One process of the local cloud.

    Attributes:
        launch: Starts it; called on the main thread.
        usable: Whether a real call succeeds now.
        log: Its output, quoted when it fails.
        ports: By service; they must be free before it starts.
        prepare: Slow work before the first start; runs on another thread.
        restarted: What must be done again after it was started anew.
        end_signal: Ends it in order.
    """

    name: str
    launch: Callable[[], subprocess.Popen[bytes]]
    usable: Callable[[], Awaitable[bool]]
    log: Path
    ports: Mapping[str, int] = field(default_factory=dict)
    prepare: Callable[[], None] = field(default=lambda: None)
    restarted: Callable[[], Awaitable[None]] = field(default=_nothing)
    end_signal: int = signal.SIGTERM
    timeout_seconds: float = 60.0
    process: subprocess.Popen[bytes] | None = None

    async def start(self) -> float:
        """Start and wait until usable; return the seconds it took.

        Raises:
            LaunchError: It ended or was not usable in time; the message ends with its log.
        """
        started = time.monotonic()
        await asyncio.to_thread(self.prepare)
        await self._await_ports()
        self.process = self.launch()
        while not await self.usable():
            if self.process.poll() is not None:
                raise LaunchError(f"{self.name} ended at once:\n{tail(self.log)}")
            if time.monotonic() - started > self.timeout_seconds:
                raise LaunchError(f"{self.name} is not usable in time:\n{tail(self.log)}")
            await asyncio.sleep(POLL_SECONDS)
        return time.monotonic() - started

    async def _await_ports(self) -> None:
        """Wait a little for what is just ending; whoever stays would be taken for this child."""
        deadline = time.monotonic() + PORT_SECONDS
        while taken := {n: p for n, p in self.ports.items() if not is_free(p)}:
            if time.monotonic() > deadline:
                raise LaunchError(_taken(taken))
            await asyncio.sleep(POLL_SECONDS)

    async def stop(self, timeout_seconds: float = 15) -> None:
        """End the process in order, and with force when it takes too long."""
        process = self.process
        if process is None or process.poll() is not None:
            return
        process.send_signal(self.end_signal)
        deadline = time.monotonic() + timeout_seconds
        while process.poll() is None:
            if time.monotonic() > deadline:
                process.kill()
            await asyncio.sleep(POLL_SECONDS)


def _taken(ports: Mapping[str, int]) -> str:
    named = ", ".join(f"{port} ({service})" for service, port in ports.items())
    variables = ", ".join(f"MG_PORT_{service.upper()}" for service in ports)
    return f"somebody else listens on {named}: set {variables}, or `mg up --port 0` moves all"


class Watcher:
    """Starts dead children again, each on its own."""

    def __init__(self, say: Say, changed: Callable[[], None]) -> None:
        self._say = say
        self._changed = changed
        self._tasks: list[asyncio.Task[None]] = []

    def watch(self, child: Child) -> None:
        """Keep one child alive until `stop`."""
        self._tasks.append(asyncio.get_running_loop().create_task(self._keep(child)))

    async def stop(self) -> None:
        """Let children end for good."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep(self, child: Child) -> None:
        pause, started = 0.0, time.monotonic()
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if child.process is None or child.process.poll() is None:
                continue
            if time.monotonic() - started > HEALTHY_SECONDS:
                pause = 0.0
            self._say(f"{child.name} ended with {child.process.returncode}, starting it again")
            await asyncio.sleep(pause)
            pause, started = min(LONGEST_PAUSE_SECONDS, pause * 2 or 0.5), time.monotonic()
            await self._again(child)

    async def _again(self, child: Child) -> None:
        try:
            seconds = await child.start()
        except Exception as error:  # noqa: BLE001 - whatever it is, it must be tried again
            self._say(f"{child.name} is not back: {error!r}")
            await child.stop()
            return
        self._changed()
        self._say(f"{child.name} is back after {seconds:.1f} s")
        try:
            await child.restarted()
        except Exception as error:  # noqa: BLE001 - it runs, and what it kept is there
            self._say(f"{child.name} may lack what it kept: {error!r}")
