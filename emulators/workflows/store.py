"""Workflows, their revisions, executions, checkpoints and callbacks: what survives a restart."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TypeAlias
from uuid import UUID

import orjson

from emulators.core.clock import Clock
from emulators.core.errors import already_exists, failed_precondition, invalid_argument, not_found
from emulators.core.journal import Journal

WORKFLOW_ID = re.compile(r"[a-zA-Z]([a-zA-Z0-9_-]{0,62}[a-zA-Z0-9])?")
PARENT = re.compile(r"projects/[^/]+/locations/[^/]+")
RESERVED_PREFIXES = ("GOOGLE", "WORKFLOWS")
MAX_USER_VARIABLES = 20
MAX_ARGUMENT_BYTES = 32 * 1024
ACTIVE, SUCCEEDED, FAILED, CANCELLED = "ACTIVE", "SUCCEEDED", "FAILED", "CANCELLED"


# A checkpoint as it was kept.
Json: TypeAlias = Any


@dataclass(frozen=True)
class Workflow:
    """One revision of a workflow; times are seconds since 1970 UTC."""

    name: str
    source: str
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    service_account: str = ""
    user_env_vars: Mapping[str, str] = field(default_factory=dict)
    call_log_level: int = 0
    history_level: int = 0
    create_time: float = 0
    update_time: float = 0
    revision_time: float = 0
    revision: int = 0
    revision_id: str = ""


@dataclass(frozen=True)
class Failure:
    """Why an execution failed; ``stack`` holds (step, routine), innermost first."""

    payload: str
    context: str
    stack: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class Execution:
    """One execution; ``argument`` and ``result`` are JSON text."""

    name: str
    revision_id: str
    argument: str = ""
    state: str = ACTIVE
    start_time: float = 0
    end_time: float | None = None
    result: str | None = None
    failure: Failure | None = None
    call_log_level: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)
    attempt: int = 1

    @property
    def workflow(self) -> str:
        """Name of the workflow."""
        return self.name.partition("/executions/")[0]


@dataclass(frozen=True)
class Callback:
    """An endpoint of an execution, with every request it received."""

    method: str
    requests: Sequence[Mapping[str, Any]] = ()


Record: TypeAlias = Workflow | Execution | Callback


class Store:
    """The state of both services.

    Args:
        clock: Stamps what is written.
        journal: Keeps it.
        random_bytes: Source of ids.
    """

    def __init__(
        self, clock: Clock, journal: Journal, random_bytes: Callable[[int], bytes]
    ) -> None:
        self._clock = clock
        self._journal = journal
        self._random = random_bytes
        self._workflows = {k: Workflow(**v) for k, v in self._load("workflow")}
        self._revisions = {k: Workflow(**v) for k, v in self._load("revision")}
        self._executions = {k: _execution(v) for k, v in self._load("execution")}
        self._checkpoints: dict[str, Any] = dict(self._load("checkpoint"))
        self._callbacks = {k: Callback(**v) for k, v in self._load("callback")}

    async def commit(self) -> None:
        """Return when everything written before is on disk."""
        await self._journal.commit()

    def create_workflow(self, parent: str, workflow_id: str, given: Workflow) -> Workflow:
        """Add a workflow with its first revision.

        Raises:
            EmulatorError: INVALID_ARGUMENT, ALREADY_EXISTS.
        """
        if not PARENT.fullmatch(parent):
            raise invalid_argument(f"parent {parent!r} is not projects/P/locations/L")
        if not WORKFLOW_ID.fullmatch(workflow_id):
            raise invalid_argument(f"workflow_id {workflow_id!r} is not a valid id")
        name = f"{parent}/workflows/{workflow_id}"
        if name in self._workflows:
            raise already_exists(f"workflow {name!r} already exists")
        return self._revise(replace(given, name=name, create_time=self._clock.now()))

    def update_workflow(self, changed: Workflow) -> Workflow:
        """Store a changed workflow; a new revision when what runs has changed.

        Raises:
            EmulatorError: NOT_FOUND, INVALID_ARGUMENT.
        """
        present = self.workflow(changed.name)
        if _running_part(present) != _running_part(changed):
            return self._revise(changed)
        _check_variables(changed.user_env_vars)
        return self._keep_workflow(replace(changed, update_time=self._clock.now()))

    def delete_workflow(self, name: str) -> Workflow:
        """Remove a workflow, its revisions and executions.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        found = self.workflow(name)
        for execution in self.executions(name):
            self.forget_progress(execution.name)
            self._drop("execution", self._executions, execution.name)
        for key in [key for key, value in self._revisions.items() if value.name == name]:
            self._drop("revision", self._revisions, key)
        self._drop("workflow", self._workflows, name)
        return found

    def workflow(self, name: str, revision_id: str = "") -> Workflow:
        """Return a workflow's latest revision, or the one asked for.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        found = self._workflows.get(name)
        if found is not None and revision_id:
            found = self._revisions.get(f"{name}@{revision_id}")
        if found is None:
            revision = f" revision {revision_id}" if revision_id else ""
            raise not_found(f"workflow {name!r}{revision} does not exist")
        return found

    def workflows(self, parent: str) -> list[Workflow]:
        """Return the workflows of a location by name."""
        prefix = f"{parent}/workflows/"
        return [self._workflows[k] for k in sorted(self._workflows) if k.startswith(prefix)]

    def revisions(self, name: str) -> list[Workflow]:
        """Return the revisions of a workflow, newest first."""
        self.workflow(name)
        found = [revision for revision in self._revisions.values() if revision.name == name]
        return sorted(found, key=lambda revision: -revision.revision)

    def create_execution(self, parent: str, given: Execution) -> Execution:
        """Add an ACTIVE execution of a workflow's latest revision.

        Raises:
            EmulatorError: NOT_FOUND, INVALID_ARGUMENT.
        """
        workflow = self.workflow(parent)
        _check_argument(given.argument)
        created = replace(
            given,
            name=f"{parent}/executions/{self.new_id()}",
            revision_id=workflow.revision_id,
            start_time=self._clock.now(),
            call_log_level=given.call_log_level or workflow.call_log_level,
        )
        return self.keep_execution(created)

    def execution(self, name: str) -> Execution:
        """Return an execution.

        Raises:
            EmulatorError: NOT_FOUND.
        """
        found = self._executions.get(name)
        if found is None:
            raise not_found(f"execution {name!r} does not exist")
        return found

    def executions(self, workflow: str) -> list[Execution]:
        """Return a workflow's executions, newest first."""
        found = [e for e in self._executions.values() if e.workflow == workflow]
        return sorted(found, key=lambda e: (-e.start_time, e.name))

    def unfinished(self) -> list[Execution]:
        """Return every ACTIVE execution."""
        return [e for e in self._executions.values() if e.state == ACTIVE]

    def keep_execution(self, execution: Execution) -> Execution:
        """Write an execution."""
        self._keep("execution", self._executions, execution.name, execution)
        return execution

    def finish(
        self, name: str, state: str, *, result: str | None = None, failure: Failure | None = None
    ) -> Execution:
        """End an ACTIVE execution; its progress is forgotten.

        Raises:
            EmulatorError: NOT_FOUND; FAILED_PRECONDITION when it has ended before.
        """
        present = self.execution(name)
        if present.state != ACTIVE:
            raise failed_precondition(f"execution {name!r} is {present.state}")
        self.forget_progress(name)
        end = self._clock.now()
        return self.keep_execution(
            replace(present, state=state, end_time=end, result=result, failure=failure)
        )

    def checkpoint(self, execution: str) -> Json:
        """Return the progress of an execution as it was kept, or None."""
        return self._checkpoints.get(execution)

    def keep_checkpoint(self, execution: str, progress: Mapping[str, Any]) -> None:
        """Write the progress of an execution."""
        self._checkpoints[execution] = progress
        self._journal.put("workflows.checkpoint", execution, orjson.dumps(progress))

    def forget_progress(self, execution: str) -> None:
        """Remove checkpoint and callbacks of an execution."""
        if execution in self._checkpoints:
            self._drop("checkpoint", self._checkpoints, execution)
        for key in [k for k in self._callbacks if k.startswith(f"{execution}/callbacks/")]:
            self._drop("callback", self._callbacks, key)

    def create_callback(self, execution: str, method: str) -> str:
        """Add an endpoint and return its name."""
        name = f"{execution}/callbacks/{self.new_id()}"
        self._keep("callback", self._callbacks, name, Callback(method))
        return name

    def callback(self, name: str) -> Callback:
        """Return an endpoint.

        Raises:
            EmulatorError: NOT_FOUND, also after its execution has ended.
        """
        found = self._callbacks.get(name)
        if found is None:
            raise not_found(f"callback {name!r} does not exist")
        return found

    def receive(self, name: str, request: Mapping[str, Any]) -> None:
        """Add a request to an endpoint."""
        found = self.callback(name)
        kept = replace(found, requests=[*found.requests, request])
        self._keep("callback", self._callbacks, name, kept)

    def new_id(self) -> str:
        """Return a random UUID."""
        return str(UUID(bytes=self._random(16), version=4))

    def _revise(self, workflow: Workflow) -> Workflow:
        _check_variables(workflow.user_env_vars)
        number, now = workflow.revision + 1, self._clock.now()
        revision_id = f"{number:06d}-{self._random(2).hex()[:3]}"
        revised = replace(
            workflow, revision=number, revision_id=revision_id, revision_time=now, update_time=now
        )
        self._keep("revision", self._revisions, f"{workflow.name}@{revision_id}", revised)
        return self._keep_workflow(revised)

    def _keep_workflow(self, workflow: Workflow) -> Workflow:
        self._keep("workflow", self._workflows, workflow.name, workflow)
        return workflow

    def _keep(self, kind: str, records: dict[str, Any], key: str, record: Record) -> None:
        records[key] = record
        self._journal.put(f"workflows.{kind}", key, orjson.dumps(asdict(record)))

    def _drop(self, kind: str, records: dict[str, Any], key: str) -> None:
        del records[key]
        self._journal.put(f"workflows.{kind}", key, None)

    def _load(self, kind: str) -> list[tuple[str, Any]]:
        rows = self._journal.load(f"workflows.{kind}")
        return [(key, orjson.loads(value)) for key, value in rows]


def _execution(fields: dict[str, Any]) -> Execution:
    failure = fields.pop("failure")
    return Execution(**fields, failure=Failure(**failure) if failure else None)


def _running_part(workflow: Workflow) -> tuple[object, ...]:
    return (workflow.source, workflow.service_account, dict(workflow.user_env_vars))


def _check_variables(variables: Mapping[str, str]) -> None:
    if len(variables) > MAX_USER_VARIABLES:
        raise invalid_argument(f"user_env_vars: more than {MAX_USER_VARIABLES} variables")
    for name in variables:
        if not name or name.startswith(RESERVED_PREFIXES):
            raise invalid_argument(f"user_env_vars: the name {name!r} is reserved or empty")


def _check_argument(argument: str) -> None:
    if len(argument.encode()) > MAX_ARGUMENT_BYTES:
        raise invalid_argument(f"argument: longer than {MAX_ARGUMENT_BYTES} bytes")
    try:
        orjson.loads(argument or "null")
    except orjson.JSONDecodeError as error:
        raise invalid_argument(f"argument: not valid JSON: {error}") from error
