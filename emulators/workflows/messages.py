"""Records of the store as messages of the APIs, and back."""

from typing import Any, TypeAlias

from google.cloud.workflows.executions_v1.types import executions
from google.cloud.workflows_v1.types import workflows
from google.protobuf.timestamp_pb2 import Timestamp

from emulators.workflows.store import Execution, Workflow

# Generated message classes carry no types.
Proto: TypeAlias = Any
ExecutionMessage: Proto = executions.Execution.pb()
WorkflowMessage: Proto = workflows.Workflow.pb()
NANOS = 1_000_000_000
MUTABLE = {
    "description": "description",
    "labels": "labels",
    "service_account": "service_account",
    "source_contents": "source",
    "user_env_vars": "user_env_vars",
    "call_log_level": "call_log_level",
    "execution_history_level": "history_level",
}


def timestamp(seconds: float) -> Timestamp:
    """Return a moment, to the microsecond."""
    return Timestamp(seconds=int(seconds), nanos=int(seconds % 1 * 1_000_000) * 1000)


def workflow_fields(message: Proto) -> dict[str, Any]:
    """Return what a client may set, by the store's names."""
    found = {name: getattr(message, field) for field, name in MUTABLE.items()}
    return {k: dict(v) if k in {"labels", "user_env_vars"} else v for k, v in found.items()}


def workflow_message(record: Workflow) -> Proto:
    """Return a workflow as clients see it."""
    return WorkflowMessage(
        name=record.name,
        description=record.description,
        state=int(workflows.Workflow.State.ACTIVE),
        revision_id=record.revision_id,
        create_time=timestamp(record.create_time),
        update_time=timestamp(record.update_time),
        revision_create_time=timestamp(record.revision_time),
        labels=dict(record.labels),
        service_account=record.service_account,
        source_contents=record.source,
        call_log_level=record.call_log_level,
        user_env_vars=dict(record.user_env_vars),
        execution_history_level=record.history_level,
    )


def execution_message(record: Execution, *, full: bool) -> Proto:
    """Return an execution in view FULL or BASIC."""
    message = ExecutionMessage(
        name=record.name,
        state=ExecutionMessage.State.Value(record.state),
        start_time=timestamp(record.start_time),
        workflow_revision_id=record.revision_id,
    )
    if record.end_time is not None:
        message.end_time.CopyFrom(timestamp(record.end_time))
        duration = record.end_time - record.start_time
        message.duration.FromNanoseconds(int(duration * NANOS))
    if full:
        _complete(message, record)
    return message


def _complete(message: Proto, record: Execution) -> None:
    message.argument = record.argument
    message.result = record.result or ""
    message.call_log_level = record.call_log_level
    message.labels.update(record.labels)
    for step, routine in record.failure.stack if record.failure else ():
        message.error.stack_trace.elements.add(step=step, routine=routine)
        message.status.current_steps.add(step=step, routine=routine)
    if record.failure is not None:
        message.error.payload = record.failure.payload
        message.error.context = record.failure.context
