"""The Workflows and Executions services over the store and the runner."""

from dataclasses import replace
from typing import TypeVar

from google.cloud.workflows.executions_v1.types import executions
from google.cloud.workflows_v1.types import workflows
from google.longrunning import operations_pb2
from google.protobuf.empty_pb2 import Empty

from emulators.core.clock import Clock
from emulators.core.errors import invalid_argument, not_found, unimplemented
from emulators.core.wire import ServicerContext
from emulators.workflows.errors import DefinitionError
from emulators.workflows.messages import (
    MUTABLE,
    Proto,
    execution_message,
    timestamp,
    workflow_fields,
    workflow_message,
)
from emulators.workflows.parser import parse_definition
from emulators.workflows.runner import Runner
from emulators.workflows.store import Execution, Store, Workflow

Caller = ServicerContext | None

Record = TypeVar("Record")

DEFAULT_PAGE = 100
LARGEST_PAGE = 1000
BASIC, FULL = int(executions.ExecutionView.BASIC), int(executions.ExecutionView.FULL)
# Reply and metadata types come from the client packages, which carry no types for them.
ListWorkflows: Proto = workflows.ListWorkflowsResponse.pb()
ListRevisions: Proto = workflows.ListWorkflowRevisionsResponse.pb()
ListExecutions: Proto = executions.ListExecutionsResponse.pb()
Metadata: Proto = workflows.OperationMetadata.pb()


class Workflows:
    """`google.cloud.workflows.v1.Workflows`; every operation is done when it is returned."""

    def __init__(self, store: Store, runner: Runner, clock: Clock) -> None:
        self._store = store
        self._runner = runner
        self._clock = clock
        self._operations: dict[str, Proto] = {}

    async def CreateWorkflow(self, request: Proto, _: Caller) -> Proto:
        """Deploy a new workflow."""
        _check_workflow(request.workflow)
        given = Workflow("", **workflow_fields(request.workflow))
        created = self._store.create_workflow(request.parent, request.workflow_id, given)
        await self._store.commit()
        return self._done("create", created.name, workflow_message(created))

    async def GetWorkflow(self, request: Proto, _: Caller) -> Proto:
        """Return a workflow, or one of its revisions."""
        return workflow_message(self._store.workflow(request.name, request.revision_id))

    async def ListWorkflows(self, request: Proto, _: Caller) -> Proto:
        """Return the workflows of a location by name."""
        _refuse(request, "filter", "order_by")
        page, token = _page(self._store.workflows(request.parent), request)
        return ListWorkflows(
            workflows=[workflow_message(record) for record in page], next_page_token=token
        )

    async def ListWorkflowRevisions(self, request: Proto, _: Caller) -> Proto:
        """Return the revisions of a workflow, newest first."""
        page, token = _page(self._store.revisions(request.name), request)
        return ListRevisions(
            workflows=[workflow_message(record) for record in page], next_page_token=token
        )

    async def UpdateWorkflow(self, request: Proto, _: Caller) -> Proto:
        """Change the fields of the mask, or all of them without one."""
        present = self._store.workflow(request.workflow.name)
        fields = workflow_fields(request.workflow)
        paths = list(request.update_mask.paths) or list(MUTABLE)
        for path in paths:
            if path not in MUTABLE:
                raise unimplemented(f"update_mask: {path!r} cannot be updated here")
        changed = replace(present, **{MUTABLE[path]: fields[MUTABLE[path]] for path in paths})
        _check_source(changed.source)
        updated = self._store.update_workflow(changed)
        await self._store.commit()
        return self._done("update", updated.name, workflow_message(updated))

    async def DeleteWorkflow(self, request: Proto, _: Caller) -> Proto:
        """Remove a workflow; executions under way are cut off."""
        for execution in self._store.executions(self._store.workflow(request.name).name):
            await self._runner.abandon(execution.name)
        deleted = self._store.delete_workflow(request.name)
        await self._store.commit()
        return self._done("delete", deleted.name, Empty())

    async def GetOperation(self, request: Proto, _: Caller) -> Proto:
        """Return an operation this process has answered with before."""
        if request.name not in self._operations:
            raise not_found(f"operation {request.name!r} does not exist")
        return self._operations[request.name]

    def _done(self, verb: str, target: str, response: Proto) -> Proto:
        location = target.partition("/workflows/")[0]
        now = timestamp(self._clock.now())
        operation = operations_pb2.Operation(
            name=f"{location}/operations/{self._store.new_id()}", done=True
        )
        operation.metadata.Pack(
            Metadata(create_time=now, end_time=now, target=target, verb=verb, api_version="v1")
        )
        operation.response.Pack(response)
        self._operations[operation.name] = operation
        return operation


class Executions:
    """`google.cloud.workflows.executions.v1.Executions`."""

    def __init__(self, store: Store, runner: Runner) -> None:
        self._store = store
        self._runner = runner

    async def CreateExecution(self, request: Proto, _: Caller) -> Proto:
        """Start an execution of the latest revision."""
        given = Execution(
            "",
            "",
            request.execution.argument,
            call_log_level=request.execution.call_log_level,
            labels=dict(request.execution.labels),
        )
        created = self._store.create_execution(request.parent, given)
        await self._store.commit()
        self._runner.launch(created)
        return execution_message(created, full=True)

    async def GetExecution(self, request: Proto, _: Caller) -> Proto:
        """Return an execution, in full unless BASIC is asked for."""
        return execution_message(self._store.execution(request.name), full=request.view != BASIC)

    async def ListExecutions(self, request: Proto, _: Caller) -> Proto:
        """Return the executions of a workflow, newest first, in brief unless FULL is asked for."""
        _refuse(request, "filter", "order_by")
        self._store.workflow(request.parent)
        page, token = _page(self._store.executions(request.parent), request)
        messages = [execution_message(record, full=request.view == FULL) for record in page]
        return ListExecutions(executions=messages, next_page_token=token)

    async def CancelExecution(self, request: Proto, _: Caller) -> Proto:
        """End an execution under way."""
        return execution_message(await self._runner.cancel(request.name), full=True)


def _check_workflow(message: Proto) -> None:
    for field in ("crypto_key_name", "tags"):
        if getattr(message, field):
            raise unimplemented(f"workflow.{field} is not supported here")
    _check_source(message.source_contents)


def _check_source(source: str) -> None:
    if not source:
        raise invalid_argument("workflow.source_contents is empty")
    try:
        parse_definition(source)
    except DefinitionError as error:
        raise invalid_argument(f"workflow.source_contents: {error}") from error


def _refuse(request: Proto, *fields: str) -> None:
    for field in fields:
        if getattr(request, field):
            raise unimplemented(f"{field} is not supported here")


def _page(records: list[Record], request: Proto) -> tuple[list[Record], str]:
    """Return one page and the token of the next; a token is the position it starts at."""
    if request.page_token and not request.page_token.isdigit():
        raise invalid_argument(f"page_token {request.page_token!r} is not one of ours")
    if request.page_size < 0:
        raise invalid_argument("page_size must not be negative")
    start = int(request.page_token or 0)
    end = start + min(request.page_size or DEFAULT_PAGE, LARGEST_PAGE)
    return records[start:end], str(end) if end < len(records) else ""
