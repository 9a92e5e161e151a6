"""A scheduler on a clock that stands still, and a target that remembers what it was sent."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import aiohttp
import grpc
import pytest_asyncio
from aiohttp import web
from google.cloud import scheduler_v1 as api
from google.cloud.scheduler_v1.services.cloud_scheduler.transports import (
    CloudSchedulerGrpcAsyncIOTransport,
)

from emulators.core.clock import VirtualClock
from emulators.core.context import Context
from emulators.core.faults import Faults
from emulators.core.identity import Signer
from emulators.core.journal import Journal
from emulators.core.server import Endpoint, Running, serve
from emulators.scheduler.service import endpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

PARENT = "projects/media-gateway-local/locations/us-central1"
# A Monday, a little after ten.
START = datetime(2026, 6, 1, 10, 0, 30, tzinfo=UTC).timestamp()


@dataclass(frozen=True)
class Call:
    """One request the target received."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Target:
    """An HTTP server that answers with ``status`` and, while ``gate`` is clear, not at all."""

    status: int = 200
    address: str = ""
    calls: asyncio.Queue[Call] = field(default_factory=asyncio.Queue)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, request: web.Request) -> web.Response:
        """Remember the request."""
        body = await request.read()
        self.calls.put_nowait(Call(request.method, request.path, dict(request.headers), body))
        await self.gate.wait()
        return web.json_response({}, status=self.status)

    async def call(self) -> Call:
        """Return the next request, at once or as soon as it comes."""
        return await asyncio.wait_for(self.calls.get(), 5)


@dataclass
class Scheduler:
    """A running scheduler that can be restarted on its journal."""

    target: Target
    path: Path
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(lambda: START))
    parts: tuple[Running, Journal, Context] | None = None
    client: api.CloudSchedulerAsyncClient = field(init=False)
    channel: grpc.aio.Channel = field(init=False)

    async def start(self) -> None:
        """Start on whatever the journal holds."""
        self.clock.freeze()
        journal = Journal(self.path)
        addresses = {"pubsub": self.target.address, "workflows": self.target.address}
        signer, faults = Signer(self.clock), Faults(self.clock)
        context = Context(self.clock, journal, faults, signer, addresses, aiohttp.ClientSession)
        service: Endpoint = await endpoint(context)
        running = await serve(service, 0)
        self.parts = (running, journal, context)
        self.channel = grpc.aio.insecure_channel(running.address)
        transport = CloudSchedulerGrpcAsyncIOTransport(channel=self.channel)
        self.client = api.CloudSchedulerAsyncClient(transport=transport)

    async def stop(self) -> None:
        """Stop and close the journal."""
        running, journal, _ = self.running
        await self.channel.close(None)
        await running.stop()
        journal.close()

    @property
    def running(self) -> tuple[Running, Journal, Context]:
        """The parts of the started scheduler."""
        assert self.parts is not None
        return self.parts

    async def create(self, schedule: str = "*/5 * * * *", **fields: object) -> api.Job:
        """Create the job ``refresh``; without a target it posts to ours."""
        if "pubsub_target" not in fields and "http_target" not in fields:
            fields["http_target"] = api.HttpTarget(uri=self.url("/run"))
        job = api.Job(name=f"{PARENT}/jobs/refresh", schedule=schedule, **fields)
        return await self.client.create_job(parent=PARENT, job=job)

    async def get(self) -> api.Job:
        """Return the job ``refresh``."""
        return await self.client.get_job(name=f"{PARENT}/jobs/refresh")

    async def ended(self, code: int) -> api.Job:
        """Return the job once its last attempt has ended with ``code``."""
        async with asyncio.timeout(5):
            while True:
                job = await self.get()
                if "status" in job and job.status.code == code:
                    return job

    def url(self, path: str) -> str:
        """Return a URL of the target."""
        return f"http://{self.target.address}{path}"


@pytest_asyncio.fixture
async def target() -> AsyncIterator[Target]:
    """An HTTP server that takes every request."""
    found = Target()
    found.gate.set()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", found.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.address = f"127.0.0.1:{runner.addresses[0][1]}"
    yield found
    found.gate.set()
    await runner.cleanup()


@pytest_asyncio.fixture
async def scheduler(target: Target, tmp_path: Path) -> AsyncIterator[Scheduler]:
    """A running scheduler whose clock moves only when the test moves it."""
    found = Scheduler(target, tmp_path / "emulators.sqlite")
    await found.start()
    yield found
    await found.stop()
