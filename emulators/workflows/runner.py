"""Runs executions as tasks: starts, resumes, cancels and waits for them."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from emulators.core.context import Context
from emulators.core.errors import EmulatorError, to_rest
from emulators.core.identity import service_account
from emulators.workflows.addresses import address_of
from emulators.workflows.callbacks import ExecutionCallbacks, Mailbox
from emulators.workflows.codec import pack, unpack
from emulators.workflows.connectors import HttpConnectors
from emulators.workflows.engine import Checkpoint, Machine
from emulators.workflows.errors import DefinitionError, WorkflowError, failure
from emulators.workflows.host import Host
from emulators.workflows.parallel import context_of, payload_of
from emulators.workflows.parser import parse_definition
from emulators.workflows.stdlib.registry import text_of
from emulators.workflows.store import (
    ACTIVE,
    CANCELLED,
    FAILED,
    SUCCEEDED,
    Execution,
    Failure,
    Store,
    Workflow,
)
from emulators.workflows.values import Value, from_json, map_key, to_json
from emulators.workflows.web import HttpWeb

if TYPE_CHECKING:
    import aiohttp

logger = logging.getLogger(__name__)

PROJECT_NUMBER = "123456789012"
# Values of CallLogLevel in both APIs.
LOG_ALL_CALLS, LOG_ERRORS_ONLY = 1, 2


@dataclass
class _Running:
    task: asyncio.Task[None]
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Runner:
    """Every execution under way in this process.

    Args:
        context: The local cloud.
        store: Where executions are kept.
        random_bytes: Source of UUIDs.
    """

    def __init__(
        self, context: Context, store: Store, random_bytes: Callable[[int], bytes]
    ) -> None:
        self.mailbox = Mailbox()
        self._context = context
        self._store = store
        self._random = random_bytes
        self._running: dict[str, _Running] = {}
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the client session and go on with what a stopped process left ACTIVE."""
        self._session = self._context.http()
        for execution in self._store.unfinished():
            again = replace(execution, attempt=execution.attempt + 1)
            self.launch(self._store.keep_execution(again))

    async def stop(self) -> None:
        """Cut executions off where they are; they stay ACTIVE and are resumed by `start`."""
        running = list(self._running.values())
        for entry in running:
            entry.task.cancel()
        await asyncio.gather(*(entry.task for entry in running), return_exceptions=True)
        await self._store.commit()
        if self._session is not None:
            await self._session.close()

    def launch(self, execution: Execution) -> None:
        """Run an execution in the background."""
        task = asyncio.create_task(self._run(execution), name=execution.name)
        entry = self._running[execution.name] = _Running(task)
        task.add_done_callback(lambda _: self._ended(execution.name, entry))

    async def cancel(self, name: str) -> Execution:
        """End an ACTIVE execution as CANCELLED.

        Raises:
            EmulatorError: NOT_FOUND; FAILED_PRECONDITION when it has ended.
        """
        ended = self._store.finish(name, CANCELLED)
        # First of all the task: it must not come to its own end between here and the commit.
        await self.abandon(name)
        await self._store.commit()
        return ended

    async def abandon(self, name: str) -> None:
        """Stop working on an execution."""
        entry = self._running.get(name)
        if entry is not None:
            entry.task.cancel()
            await asyncio.gather(entry.task, return_exceptions=True)

    async def wait(self, name: str) -> Execution:
        """Return an execution once it has ended."""
        while name in self._running and self._store.execution(name).state == ACTIVE:
            await self._running[name].done.wait()
        return self._store.execution(name)

    async def run_child(self, address: Mapping[str, Value], argument: Value) -> Value:
        """Start a workflow, wait for it, and return its result.

        Raises:
            WorkflowError: OperationError when it fails; HttpError when it does not start.
        """
        project = address.get("project_id") or self._context.project
        location = text_of(address.get("location") or self._context.location, "location")
        workflow = text_of(address.get("workflow_id"), "workflow_id")
        parent = f"projects/{map_key(project)}/locations/{location}/workflows/{workflow}"
        text = "" if argument is None else to_json(argument)
        try:
            child = self._store.create_execution(parent, Execution("", "", text))
        except EmulatorError as error:
            code, body = to_rest(error)
            raise failure("HttpError", error.message, code=code, body=body, headers={}) from error
        await self._store.commit()
        self.launch(child)
        ended = await self.wait(child.name)
        if ended.state == SUCCEEDED:
            return from_json(ended.result or "null")
        raise _child_error(ended)

    def _ended(self, name: str, entry: _Running) -> None:
        entry.done.set()
        self.mailbox.forget(name)
        if self._running.get(name) is entry:
            del self._running[name]

    async def _run(self, execution: Execution) -> None:
        try:
            result = to_json(await self._result(execution))
        except WorkflowError as error:
            self._store.finish(execution.name, FAILED, failure=_failure(error))
        except DefinitionError as error:
            broken = failure("SystemError", str(error))
            self._store.finish(execution.name, FAILED, failure=_failure(broken))
        except Exception as error:
            # The interpreter is at fault: the execution must end all the same.
            logger.exception("execution.broke", extra={"execution": execution.name})
            broken = failure("SystemError", repr(error))
            self._store.finish(execution.name, FAILED, failure=_failure(broken))
        else:
            self._store.finish(execution.name, SUCCEEDED, result=result)
        await self._store.commit()

    async def _result(self, execution: Execution) -> Value:
        workflow = self._store.workflow(execution.workflow, execution.revision_id)
        callbacks = ExecutionCallbacks(
            self._store,
            self.mailbox,
            self._context.clock,
            execution=execution.name,
            address=address_of("workflows", self._context.addresses) or "127.0.0.1",
        )
        resume = self._resumed(execution, callbacks)

        async def save(checkpoint: Checkpoint) -> None:
            self._store.keep_checkpoint(execution.name, _packed(checkpoint, callbacks.taken))
            await self._store.commit()

        host = self._host(workflow, execution, callbacks)
        machine = Machine(parse_definition(workflow.source), host, save)
        argument = from_json(execution.argument) if execution.argument else None
        return await machine.run(argument, resume)

    def _resumed(self, execution: Execution, callbacks: ExecutionCallbacks) -> Checkpoint | None:
        kept = self._store.checkpoint(execution.name)
        if kept is None:
            return None
        callbacks.taken.update(kept["taken"])
        variables = {name: unpack(value) for name, value in kept["variables"].items()}
        return Checkpoint(kept["position"], variables, kept["steps"])

    def _host(
        self, workflow: Workflow, execution: Execution, callbacks: ExecutionCallbacks
    ) -> Host:
        if self._session is None:
            raise failure("SystemError", "the service has not started")
        account = workflow.service_account or service_account(self._context.project)
        web = HttpWeb(self._context, self._session, account.rpartition("/")[2])
        children = _Children(self)

        def log(text: str, severity: str) -> None:
            fields = {"execution": execution.name, "severity": severity, "text": text}
            logger.info("workflow.logged", extra=fields)

        return Host(
            clock=self._context.clock,
            environment=_environment(workflow, execution),
            random_bytes=self._random,
            log=log,
            web=web,
            callbacks=callbacks,
            children=children,
            connectors=HttpConnectors(self._context, web, children),
            logs_calls=execution.call_log_level == LOG_ALL_CALLS,
            logs_errors=execution.call_log_level == LOG_ERRORS_ONLY,
        )


@dataclass(frozen=True)
class _Children:
    runner: Runner

    async def run(self, address: Mapping[str, Value], argument: Value) -> Value:
        return await self.runner.run_child(address, argument)


def _environment(workflow: Workflow, execution: Execution) -> Mapping[str, str]:
    _, project, _, location, _, workflow_id, _, execution_id = execution.name.split("/")
    return {
        **workflow.user_env_vars,
        "GOOGLE_CLOUD_PROJECT_ID": project,
        "GOOGLE_CLOUD_PROJECT_NUMBER": PROJECT_NUMBER,
        "GOOGLE_CLOUD_LOCATION": location,
        "GOOGLE_CLOUD_WORKFLOW_ID": workflow_id,
        "GOOGLE_CLOUD_WORKFLOW_REVISION_ID": execution.revision_id,
        "GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID": execution_id,
        "GOOGLE_CLOUD_WORKFLOW_EXECUTION_ATTEMPT": str(execution.attempt),
    }


def _packed(checkpoint: Checkpoint, taken: Mapping[str, int]) -> Mapping[str, Any]:
    return {
        "position": checkpoint.position,
        "variables": {name: pack(value) for name, value in checkpoint.variables.items()},
        "steps": checkpoint.steps,
        "taken": dict(taken),
    }


def _failure(error: WorkflowError) -> Failure:
    stack = [[frame.step, frame.routine] for frame in error.frames]
    return Failure(payload_of(error), context_of(error), stack)


def _child_error(ended: Execution) -> WorkflowError:
    operation: dict[str, Value] = {"name": ended.name, "state": ended.state}
    if ended.failure is not None:
        operation["error"] = {"payload": ended.failure.payload, "context": ended.failure.context}
    return failure("OperationError", f"execution {ended.name} {ended.state}", operation=operation)
