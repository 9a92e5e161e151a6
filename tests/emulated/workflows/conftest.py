"""The workflows emulator with its official clients, and a web server its workflows can call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import grpc
import pytest
from aiohttp import web
from google.cloud.workflows.executions_v1 import Execution, ExecutionsAsyncClient
from google.cloud.workflows.executions_v1.services.executions.transports import (
    ExecutionsGrpcAsyncIOTransport,
)
from google.cloud.workflows_v1 import Workflow, WorkflowsAsyncClient
from google.cloud.workflows_v1.services.workflows.transports import WorkflowsGrpcAsyncIOTransport

from emulators.core.clock import VirtualClock
from emulators.core.context import Context
from emulators.core.faults import Faults
from emulators.core.identity import Signer
from emulators.core.journal import Journal
from emulators.core.server import Running, serve
from emulators.workflows.service import endpoint

if TYPE_CHECKING:
    from pathlib import Path

PARENT = "projects/media-gateway-local/locations/us-central1"


@dataclass
class Cloud:
    """The emulator, and clients that know nothing of it but its address."""

    running: Running
    context: Context
    clock: VirtualClock
    journal: Journal
    channel: grpc.aio.Channel

    @property
    def workflows(self) -> WorkflowsAsyncClient:
        """The official client of definitions."""
        return WorkflowsAsyncClient(transport=WorkflowsGrpcAsyncIOTransport(channel=self.channel))

    @property
    def executions(self) -> ExecutionsAsyncClient:
        """The official client of executions."""
        transport = ExecutionsGrpcAsyncIOTransport(channel=self.channel)
        return ExecutionsAsyncClient(transport=transport)

    async def deploy(self, name: str, source: str, **fields: object) -> str:
        """Create a workflow and return its name."""
        given = Workflow({"source_contents": source, **fields})
        operation: Any = await self.workflows.create_workflow(
            parent=PARENT, workflow_id=name, workflow=given
        )
        return str((await operation.result()).name)

    async def start(self, workflow: str, argument: str = "") -> str:
        """Start an execution and return its name."""
        given = Execution(argument=argument)
        created = await self.executions.create_execution(parent=workflow, execution=given)
        return str(created.name)

    async def finished(self, execution: str) -> Execution:
        """Return an execution once it has ended."""
        while (found := await self.executions.get_execution(name=execution)).state.name == "ACTIVE":
            pass  # each call gives the emulator, in the same event loop, its turn
        return found

    async def stop(self) -> None:
        """Stop as a process does that ends: executions under way stay ACTIVE."""
        await self.channel.close(None)
        await self.running.stop()
        self.journal.close()


Start = Callable[..., Awaitable[Cloud]]


@pytest.fixture
async def start_cloud() -> AsyncIterator[Start]:
    """Start the emulator, also several times on one journal."""
    started: list[Cloud] = []

    async def start(path: Path | None = None, clock: VirtualClock | None = None) -> Cloud:
        clock = clock or VirtualClock()
        journal, addresses = Journal(path), dict[str, str]()
        context = Context(
            clock, journal, Faults(clock), Signer(clock), addresses, aiohttp.ClientSession
        )
        running = await serve(await endpoint(context), 0)
        addresses["workflows"] = running.address
        channel = grpc.aio.insecure_channel(running.address)
        started.append(Cloud(running, context, clock, journal, channel))
        return started[-1]

    yield start
    for cloud in started:
        await cloud.stop()


@pytest.fixture
async def cloud(start_cloud: Start) -> Cloud:
    """The emulator with an empty memory journal."""
    return await start_cloud()


Handler = Callable[[web.Request], Awaitable[web.Response]]
Serve = Callable[[Handler], Awaitable[str]]


@pytest.fixture
async def serve_web() -> AsyncIterator[Serve]:
    """Serve every path from one handler on any free port."""
    runners: list[web.AppRunner] = []

    async def start(handler: Handler) -> str:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handler)
        runners.append(web.AppRunner(app))
        await runners[-1].setup()
        site = web.TCPSite(runners[-1], "127.0.0.1", 0)
        await site.start()
        host, port = runners[-1].addresses[0][:2]
        return f"http://{host}:{port}"

    yield start
    for runner in runners:
        await runner.cleanup()
