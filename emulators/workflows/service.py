"""Cloud Workflows and its executions on one port."""

from google.cloud.workflows.executions_v1.services.executions.transports.grpc import (
    ExecutionsGrpcTransport,
)
from google.cloud.workflows_v1.services.workflows.transports.grpc import WorkflowsGrpcTransport
from google.cloud.workflows_v1.services.workflows.transports.rest_base import (
    _BaseWorkflowsRestTransport,
)

from emulators.core.context import Context
from emulators.core.server import Endpoint
from emulators.core.wire import grpc_handler, rest_routes
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
    return Endpoint(
        NAME,
        grpc_handlers=[
            grpc_handler(WorkflowsGrpcTransport, definitions, service=NAME, context=context),
            grpc_handler(ExecutionsGrpcTransport, executions, service=NAME, context=context),
        ],
        routes=[
            *callback_routes(store, runner.mailbox, context),
            *execution_routes(executions, context),
            *rest_routes(_BaseWorkflowsRestTransport, definitions, service=NAME, context=context),
        ],
        on_start=runner.start,
        on_stop=runner.stop,
    )
