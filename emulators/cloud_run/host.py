"""The whole host: listeners, the shared process, one forked server per function, the router."""

import asyncio
import importlib
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from emulators.cloud_run.access import Access
from emulators.cloud_run.child import Child
from emulators.cloud_run.child import serve as serve_function
from emulators.cloud_run.functions import Function
from emulators.cloud_run.jobs import PRODUCT_JOBS, JobHost, Jobs
from emulators.cloud_run.router import Answer, Call, Routes, Target, serve
from emulators.cloud_run.slots import Slots, State
from emulators.cloud_run.zygote import PRELOADED, ROUTER, Zygote, listen, preload
from emulators.core.clock import VirtualClock
from emulators.core.identity import Signer
from emulators.core.journal import Journal

BEHIND = 5
"""Niceness of functions that take events: on one machine they leave the processor to whatever
somebody waits for. In the cloud each has its own."""


@dataclass(frozen=True)
class HostOptions:
    """How the host runs.

    Attributes:
        root: Folder of the product.
        state: Folder of journal and signing key.
        logs: Receives one file per function and job.
        env: Variables of every function and job.
        port: Of the router; 0 takes any.
        gateway_port: Of the public door, served by the gateway's own process; 0 takes any.
        preloaded: Modules imported before the first fork.
        job_command: Starts a job.
    """

    root: Path
    state: Path
    logs: Path
    env: Mapping[str, str]
    port: int = 8081
    gateway_port: int = 8080
    project: str = "media-gateway-local"
    location: str = "us-central1"
    preloaded: Sequence[str] = PRELOADED
    job_command: tuple[str, ...] = PRODUCT_JOBS


class Host:
    """Binds the ports at once; `run` serves until told to stop."""

    def __init__(self, functions: Sequence[Function], options: HostOptions) -> None:
        self._options = options
        self._served = [f for f in functions if not f.is_job]
        self._jobs = {f.service: f for f in functions if f.is_job}
        self._slots = Slots([f.name for f in self._served])
        self._front = listen(options.port)
        self._sockets = {f.name: listen(self._port_for(f)) for f in self._served}

    @property
    def port(self) -> int:
        """Where the router listens."""
        return port_of(self._front)

    @property
    def gateway_port(self) -> int:
        """Where the gateway listens itself, 0 when there is none."""
        for function in self._served:
            if function.is_public:
                return port_of(self._sockets[function.name])
        return 0

    def _port_for(self, function: Function) -> int:
        return self._options.gateway_port if function.is_public else 0

    def run(self) -> None:
        """Import what is common, fork everything, keep it alive; returns after SIGTERM."""
        options = self._options
        options.logs.mkdir(parents=True, exist_ok=True)
        if missing := preload(options.preloaded):
            print(f"not installed, so not shared: {', '.join(missing)}", flush=True)  # noqa: T201 - the log of this process
        zygote = Zygote(options.logs, self._slots)
        zygote.add(ROUTER, self._route)
        for function in self._served:
            asleep = None if function.is_always_up else self._sockets[function.name]
            zygote.add(function.name, self._body(function), asleep=asleep)
        zygote.run()

    def _body(self, function: Function) -> Callable[[], None]:
        def body() -> None:
            if function.topics or function.keeps_dead_letters:
                os.nice(BEHIND)
            self._keep_only(self._sockets[function.name])
            own = Child(function, self._sockets[function.name], self._options.env)
            serve_function(own, self._slots)

        return body

    def _keep_only(self, kept: socket.socket) -> None:
        """Close what other processes listen on, or their callers would wait for us."""
        for listener in (self._front, *self._sockets.values()):
            if listener is not kept:
                listener.close()

    def _route(self) -> None:
        targets = {f.service: Target(f, port_of(self._sockets[f.name])) for f in self._served}
        self._keep_only(self._front)
        uvloop = importlib.import_module("uvloop")
        uvloop.run(self._serve(targets))

    async def _serve(self, targets: Mapping[str, Target]) -> None:
        options, clock = self._options, VirtualClock()
        signer = Signer(clock, options.state)
        access = Access(signer, f"http://127.0.0.1:{self.port}/{{service}}", time.monotonic)
        journal = Journal(options.state / "cloud_run.sqlite")
        jobs = Jobs(self._jobs, job_host(options), journal, clock)
        await jobs.load()
        local = {"apis": jobs.answer, "_mg": self._status}
        server = await serve(Routes(targets, self._slots, access, local), self._front)
        await _told_to_stop()
        server.close()
        journal.close()

    async def _status(self, call: Call) -> Answer:
        """Answer ``/_mg/status``: state, restarts and process of every function."""
        if call.path != "/_mg/status":
            return 404, {"error": f"there is nothing at {call.path}"}
        functions = {name: _described(self._slots, name) for name in self._slots.names}
        ready = all(f["state"] in {"ready", "asleep"} for f in functions.values())
        return 200, {"ready": ready, "functions": functions, "jobs": sorted(self._jobs)}


def job_host(options: HostOptions) -> JobHost:
    """Return where jobs run under these options."""
    return JobHost(
        root=options.root,
        logs=options.logs,
        env=options.env,
        project=options.project,
        location=options.location,
        command=options.job_command,
    )


async def _told_to_stop() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


def _described(slots: Slots, name: str) -> dict[str, object]:
    state, restarts, pid = slots.read(name)
    return {"state": State(state).name.lower(), "restarts": restarts, "pid": pid}


def port_of(listener: socket.socket) -> int:
    """Return the port a socket is bound to."""
    return int(listener.getsockname()[1])


def describe(host: Host) -> str:
    """Return what the host prints first, one JSON object: where it listens."""
    return json.dumps({"port": host.port, "gateway_port": host.gateway_port})
