"""Cloud Scheduler as one endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.cloud.scheduler_v1.services.cloud_scheduler.transports.grpc import (
    CloudSchedulerGrpcTransport,
)

from emulators.core.methods import described
from emulators.core.server import Endpoint
from emulators.core.transcoder import rest_routes
from emulators.core.wire import grpc_handler
from emulators.scheduler.runner import Runner
from emulators.scheduler.servicer import CloudScheduler
from emulators.scheduler.store import Store
from emulators.scheduler.targets import Targets

if TYPE_CHECKING:
    from emulators.core.context import Context

NAME = "scheduler"


async def endpoint(context: Context) -> Endpoint:
    """Return Cloud Scheduler with the jobs of the journal."""
    store = Store(context.clock, context.journal)
    targets = Targets(context)
    runner = Runner(store, context.clock, targets.attempt)
    servicer = CloudScheduler(store, runner.run_now)
    methods = described(CloudSchedulerGrpcTransport)

    async def stop() -> None:
        await runner.stop()
        await targets.close()

    return Endpoint(
        NAME,
        [grpc_handler(methods, servicer, service=NAME, context=context)],
        lambda: rest_routes(methods, servicer, service=NAME, context=context),
        on_start=runner.start,
        on_stop=stop,
    )
