"""The local cloud from the first process to the last: boot, provisioning, watching, end."""

import asyncio
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from traceback import format_exception
from typing import Any

import aiohttp

from emulators.cloud_run.functions import Function, read_functions, read_routes
from emulators.hub.calls import CallError
from emulators.hub.children import Child, Watcher
from emulators.hub.fleet import ORDER, Fleet
from emulators.hub.ingestion import RunReport, describe, follow_run
from emulators.hub.layout import DATABASE, Layout
from emulators.hub.probes import answers
from emulators.hub.provision import DEFAULT_DIMENSIONS, Provisioner, ProvisionError
from emulators.hub.record import Record, write
from emulators.hub.run_api import JobError, run_job
from emulators.hub.workflow_files import read_workflows
from emulators.managed.process import LaunchError, run

MIGRATE_SECONDS = 600
SEARCH_SECONDS = 60.0
DOCUMENTS = ("openapi.json", "llms.txt")
JOB_COMMAND = (sys.executable, "-m", "shared.runtime.jobs")
AFTER_SAMPLE = ("search_dictionary", "search_edges", "search_snapshot")
"""Jobs of the schedule, run after a fresh sample too, in this order: suggestions, likeness and the
catalog in memory wait for them."""
FAILURES = (
    CallError,
    aiohttp.ClientError,
    LaunchError,
    ProvisionError,
    JobError,
    OSError,
    TimeoutError,
    ValueError,
)


@dataclass(frozen=True)
class HubOptions:
    """How the local cloud is run.

    Attributes:
        sample: Load the sample the first time.
        ready: Told the record once everything is usable.
    """

    sample: bool = True
    ready: Callable[[Record], None] = lambda _: None


class Hub:
    """One local cloud.

    Args:
        layout: Its folders and addresses.
        options: How it runs.
        say: Tells what happens.
    """

    def __init__(self, layout: Layout, options: HubOptions, say: Callable[[str], None]) -> None:
        self._layout = layout
        self._options = options
        self._told = say
        self._began = time.monotonic()
        self._stop = asyncio.Event()
        self._functions: list[Function] = []
        self._fleet = Fleet(layout)
        self._state = "starting"
        self._children: list[Child] = []
        self._watcher = Watcher(self._say, self._note_change)

    def _say(self, text: str) -> None:
        self._told(f"{time.monotonic() - self._began:6.1f} s  {text}")

    async def run(self) -> int:
        """Boot, serve until SIGINT or SIGTERM, end in order; 1 where it does not come up."""
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._stop.set)
        async with aiohttp.ClientSession() as http:
            return await self._run(http)

    async def _run(self, http: aiohttp.ClientSession) -> int:
        stop = self._stop
        booting = asyncio.get_running_loop().create_task(self._boot(http))
        stopping = asyncio.get_running_loop().create_task(stop.wait())
        await asyncio.wait([booting, stopping], return_when=asyncio.FIRST_COMPLETED)
        code = await self._outcome(booting)
        if code == 0 and booting.done():
            await stop.wait()
        stopping.cancel()
        await self._end("stopping" if code == 0 else "failed")
        return code

    async def _outcome(self, booting: asyncio.Task[None]) -> int:
        if not booting.done():
            booting.cancel()
            await asyncio.gather(booting, return_exceptions=True)
            return 0
        error = booting.exception()
        if error is None:
            return 0
        why = str(error) if isinstance(error, FAILURES) else "".join(format_exception(error))
        self._say(f"failed: {why}")
        self._record("failed", why)
        return 1

    async def _boot(self, http: aiohttp.ClientSession) -> None:
        self._record("starting")
        self._make_folders()
        await self._start_servers(http)
        await self._start_product(http)
        await self._load_sample()
        await self._await_search(http)
        self._options.ready(self._record("ready"))
        self._say(f"ready: {self._layout.url('gateway')}/api/v1/search?q=heist")

    def _make_folders(self) -> None:
        for name in ("logs", "raw", "artifacts"):
            (self._layout.state / name).mkdir(parents=True, exist_ok=True)
        models = self._layout.state / "artifacts" / "models"
        built = self._layout.root / ".mg" / "artifacts" / "models"
        if not models.exists() and built.exists():
            models.symlink_to(built, target_is_directory=True)  # a state folder of its own

    async def _start_servers(self, http: aiohttp.ClientSession) -> None:
        """PostgreSQL, Redis and the emulators, side by side."""
        children = (
            self._fleet.postgres_child(),
            self._fleet.redis_child(),
            self._fleet.emulators_child(http, lambda: self._provision_again(http)),
        )
        await all_or_none([self._start(child) for child in children])
        extensions = await asyncio.to_thread(self._fleet.postgres.extensions)
        lacking = [name for name, offered in extensions.items() if not offered]
        note = f"without {', '.join(lacking)}" if lacking else f"with {', '.join(extensions)}"
        self._say(f"{self._fleet.postgres.note}, {note}; Redis ({self._fleet.redis.source})")
        await asyncio.to_thread(self._fleet.postgres.create_database, DATABASE)

    async def _start(self, child: Child) -> None:
        self._children.append(child)
        seconds = await child.start()
        self._watcher.watch(child)
        self._say(f"{child.name} is usable ({seconds:.1f} s)")

    async def _provision_again(self, http: aiohttp.ClientSession) -> None:
        """What was reset is made anew; what is there stays."""
        if self._functions:
            await self._provision(http)

    async def _start_product(self, http: aiohttp.ClientSession) -> None:
        """Schema and vector index first, then functions, then what calls them."""
        layout = self._layout
        env = layout.process_environment()
        self._functions = await asyncio.to_thread(read_functions, layout.root, env)
        layout.routes.write_text(await asyncio.to_thread(read_routes, layout.root, env))
        for name in DOCUMENTS:  # they lie beside the routes, as in the gateway's bundle
            shutil.copy(layout.root / "docs" / name, layout.routes.with_name(name))
        self._fleet.variables = await Provisioner(layout, http).vector_index(self._dimensions())
        await asyncio.to_thread(self._migrate)
        await self._start(self._fleet.functions_child(http))
        self._say(await self._provision(http))

    def _dimensions(self) -> int:
        """Return the length of the vectors of the model that was built."""
        card = self._layout.state / "artifacts" / "models" / "minilm" / "model.json"
        if not card.exists():
            return DEFAULT_DIMENSIONS
        return int(json.loads(card.read_text()).get("dimension", DEFAULT_DIMENSIONS))

    async def _provision(self, http: aiohttp.ClientSession) -> str:
        provisioner = Provisioner(self._layout, http)
        self._fleet.variables = await provisioner.vector_index(self._dimensions())
        workflows = await asyncio.to_thread(read_workflows, self._layout.root / "workflows")
        return await provisioner.everything(self._functions, workflows)

    def _migrate(self) -> None:
        if all(f.name != "db_migrate" for f in self._functions):
            return
        env = self._layout.process_environment(self._fleet.variables)
        command = [*JOB_COMMAND, "db_migrate"]
        done = run(command, env=env, cwd=self._layout.root, timeout_seconds=MIGRATE_SECONDS)
        if done.returncode != 0:
            raise LaunchError(f"the schema cannot be migrated: {done.stderr.strip()[-2000:]}")
        self._say(f"schema is up to date: {done.stdout.strip().rpartition(chr(10))[2]}")

    async def _load_sample(self) -> None:
        marker = self._layout.seeded
        if not self._options.sample or marker.exists() or not self._has("seed"):
            return
        self._say("loading the sample through the pipeline")
        summary = await asyncio.to_thread(run_job, self._layout, "seed", (), self._still_wanted)
        self._say(f"sample is fetched: {json.dumps(summary)}")
        if run_id := summary.get("run_id"):
            await asyncio.to_thread(follow_run, self._layout, run_id, self._told_of_run)
        for job in filter(self._has, AFTER_SAMPLE):
            await asyncio.to_thread(run_job, self._layout, job, (), self._still_wanted)
            self._say(f"{job} has run")
        marker.write_text(json.dumps(summary))

    def _told_of_run(self, report: RunReport) -> None:
        self._still_wanted()
        self._say(f"sample: {describe(report)}")

    def _still_wanted(self) -> None:
        if self._stop.is_set():
            raise JobError("told to stop while the sample was loaded")

    def _has(self, name: str) -> bool:
        return any(function.name == name for function in self._functions)

    async def _await_search(self, http: aiohttp.ClientSession) -> None:
        """Ready means that a search through the public door succeeds."""
        if not (self._has("search_query") and self._has("gateway")):
            return
        url = f"{self._layout.url('gateway')}/api/v1/search?q=heist"
        deadline = time.monotonic() + SEARCH_SECONDS
        while not await answers(http, url):
            if time.monotonic() > deadline:
                raise LaunchError(f"search through the gateway does not answer: {url}")
            await asyncio.sleep(0.1)

    def _note_change(self) -> None:
        self._record(self._state)

    def _record(self, state: str, message: str = "") -> Record:

        self._state = state
        running = {c.name: c.process.pid for c in self._children if c.process}
        variables = {**self._layout.product_variables(), **self._fleet.variables}
        addresses = self._layout.addresses()
        record = Record(os.getpid(), state, addresses, variables, running, message)
        write(self._layout.record, record)
        return record

    async def _end(self, state: str) -> None:
        """End what uses others before what is used."""
        await self._watcher.stop()
        if state == "stopping":
            self._record(state)
        for child in reversed(self._in_order()):
            await child.stop()
            self._say(f"{child.name} has ended")
        await asyncio.to_thread(self._fleet.postgres.stop)
        if state == "stopping":
            self._layout.record.unlink(missing_ok=True)

    def _in_order(self) -> list[Child]:
        return sorted(self._children, key=lambda child: ORDER.index(child.name))


async def all_or_none(steps: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Await every step; where one fails, cancel the others before its error is raised."""
    tasks = [asyncio.ensure_future(step) for step in steps]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def root_of_checkout() -> Path:
    """Return the folder that holds this checkout."""
    return Path(__file__).resolve().parents[2]
