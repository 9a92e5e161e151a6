"""One process imports what functions share, then forks one server per function and a router.

It runs no threads and no event loop, holds every listening socket, and forks again what dies:
connections made meanwhile wait in the socket's queue. A server that may scale to zero is forked
when somebody first connects to it.
"""

import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from emulators.cloud_run.slots import Slots, State
from emulators.managed.process import die_with_parent

PRELOADED = (
    "functions_framework.aio",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.lifespan.on",
    "uvloop",
    "orjson",
    "pydantic",
    "pydantic_settings",
    "yaml",
    "numpy",
    "sqlalchemy.dialects.postgresql.pg8000",
    "pg8000",
    "redis",
    "requests",
    "google.auth.transport.requests",
    "google.cloud.pubsub_v1",
    "tokenizers",
    "onnxruntime",
)
ROUTER = "router"
SHORT_LIFE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 5.0
STOP_SECONDS = 6.0


@dataclass
class Member:
    """One forked process: how to run it, and how it has fared.

    Attributes:
        asleep: A listening socket on which somebody has to connect before it is forked.
    """

    name: str
    body: Callable[[], None]
    asleep: socket.socket | None = None
    pid: int = 0
    restarts: int = 0
    started: float = 0.0
    pause: float = 0.0
    due: float = field(default=0.0)


def preload(modules: Sequence[str] = PRELOADED) -> list[str]:
    """Import what is common and return the modules that are not installed."""
    missing = []
    for name in modules:
        try:
            importlib.import_module(name)
        except ImportError:
            missing.append(name)
    return missing


def listen(port: int) -> socket.socket:
    """Return a socket that listens on 127.0.0.1; 0 takes any port."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(2048)
    return listener


class Zygote:
    """Forks members, keeps them alive, and ends them with itself."""

    def __init__(self, logs: Path, slots: Slots) -> None:
        self._logs = logs
        self._slots = slots
        self._members: dict[str, Member] = {}
        self._stopping = False
        self._arm = die_with_parent(signal.SIGTERM)
        self._watch, self._hold = os.pipe()

    def add(
        self, name: str, body: Callable[[], None], *, asleep: socket.socket | None = None
    ) -> None:
        """Name a process to be forked by `run`, at once or when somebody connects.

        Args:
            name: Of its log.
            body: What it does.
            asleep: Socket on which it is waited for somebody; at once without one.
        """
        self._members[name] = Member(name, body, asleep)
        if asleep:
            self._slots.mark(name, State.ASLEEP)

    def run(self) -> None:
        """Fork every member and keep them alive until SIGTERM or SIGINT."""
        gc.collect()
        gc.freeze()  # pages of what was imported stay shared: the collector never writes to them
        wake = self._wake_on_signals()
        self._fork_due()
        while not self._stopping:
            heard: list[int | socket.socket] = [wake]
            heard += [m.asleep for m in self._members.values() if m.asleep]
            called, _, _ = select.select(heard, [], [], self._pause())
            with contextlib.suppress(BlockingIOError):
                os.read(wake, 512)
            self._reap()
            self._rouse(called)
            self._fork_due()
        self._end()

    def _rouse(self, called: Sequence[int | socket.socket]) -> None:
        """Let those be forked on whose socket somebody connected."""
        for member in self._members.values():
            if member.asleep in called:
                member.asleep = None

    def _wake_on_signals(self) -> int:
        wake, write = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        return wake

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _pause(self) -> float | None:
        waiting = [m.due for m in self._members.values() if not (m.pid or m.asleep)]
        return max(0.0, min(waiting) - time.monotonic()) if waiting else None

    def _reap(self) -> None:
        by_pid = {m.pid: m for m in self._members.values() if m.pid}
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            if member := by_pid.get(pid):
                self._bury(member, status)

    def _bury(self, member: Member, status: int) -> None:
        """Plan the next fork: at once, or with growing pauses where it dies young."""
        now = time.monotonic()
        young = now - member.started < SHORT_LIFE_SECONDS
        grown = min(LONGEST_PAUSE_SECONDS, max(0.2, member.pause * 2))
        member.pause = grown if young else 0.0
        member.pid, member.due = 0, now + member.pause
        member.restarts += 1
        if member.name in self._slots.names:
            # One that was ready did start, whatever ended it: its callers wait for the next.
            started = self._slots.state(member.name) is State.READY
            state = State.FAILED if young and not started else State.STARTING
            self._slots.write(member.name, state, member.restarts, 0)
        code = os.waitstatus_to_exitcode(status)
        sys.stderr.write(f"{member.name} ended with {code}, again in {member.pause:.1f} s\n")
        sys.stderr.flush()

    def _fork_due(self) -> None:
        now = time.monotonic()
        for member in self._members.values():
            if member.pid or member.asleep or self._stopping:
                continue
            if member.due <= now:
                self._fork(member)

    def _fork(self, member: Member) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        member.started = time.monotonic()
        pid = os.fork()
        if not pid:
            self._be(member)
        member.pid = pid

    def _be(self, member: Member) -> None:
        """Become a member; never returns."""
        code = 1
        try:
            self._settle(member.name)
            self._announce(member)
            member.body()
            code = 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 1
        except BaseException:  # noqa: BLE001 - nothing may climb back into the parent's stack
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _announce(self, member: Member) -> None:
        if member.name in self._slots.names:
            state = State.FAILED if member.pause else State.STARTING
            self._slots.write(member.name, state, member.restarts, os.getpid())

    def _settle(self, name: str) -> None:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        self._arm()
        os.close(self._hold)
        if sys.platform != "linux":
            threading.Thread(target=self._await_parent, daemon=True).start()
        log = os.open(self._logs / f"{name}.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)

    def _await_parent(self) -> None:
        os.read(self._watch, 1)  # ends when the parent, which alone holds the other end, is gone
        os._exit(1)

    def _end(self) -> None:
        """End functions before the router, so that requests under way are answered."""
        router = self._members.get(ROUTER)
        _end_all([m for m in self._members.values() if m is not router])
        _end_all([router] if router else [])


def _end_all(members: Sequence[Member]) -> None:
    for member in members:
        _signal(member, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while any(m.pid for m in members) and time.monotonic() < deadline:
        for member in members:
            _collect(member)
        time.sleep(0.01)
    for member in members:
        _signal(member, signal.SIGKILL)


def _signal(member: Member, number: int) -> None:
    if member.pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(member.pid, number)


def _collect(member: Member) -> None:
    if not member.pid:
        return
    try:
        done, _ = os.waitpid(member.pid, os.WNOHANG)
    except ChildProcessError:
        done = member.pid
    if done:
        member.pid = 0
