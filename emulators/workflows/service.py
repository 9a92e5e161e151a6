"""Cloud Workflows and its executions on one port."""

from google.cloud.workflows.executions_v1.services.executions.transports.grpc import (
    ExecutionsGrpcTransport,
)
from google.cloud.workflows_v1.services.workflows.transports.grpc import WorkflowsGrpcTransport

from emulators.core.context import Context
from emulators.core.methods import described
from emulators.core.server import Endpoint
from emulators.core.transcoder import rest_routes
from emulators.core.wire import grpc_handler
from emulators.workflows.rest import callback_routes, execution_routes
from emulators.workflows.runner import Runner
from emulators.workflows.servicer import Executions, Workflows
from emulators.workflows.store import Store

NAME = "workflows"


async def endpoint(context: Context) -> Endpoint:
    """Return both services with the state the journal holds."""
    store = Store(context.clock, context.journal, context.chance.source("workflows.id"))
    runner = Runner(context, store, context.chance.source("workflows.uuid"))
    definitions = Workflows(store, runner, context.clock)
    executions = Executions(store, runner)
    methods = described(WorkflowsGrpcTransport)
    return Endpoint(
        NAME,
        grpc_handlers=[
            grpc_handler(methods, definitions, service=NAME, context=context),
            grpc_handler(
                described(ExecutionsGrpcTransport), executions, service=NAME, context=context
            ),
        ],
        routes=lambda: [
            *callback_routes(store, runner.mailbox, context),
            *execution_routes(executions, context),
            *rest_routes(methods, definitions, service=NAME, context=context),
        ],
        on_start=runner.start,
        on_stop=runner.stop,
    )
