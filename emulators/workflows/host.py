"""What one execution can reach outside its own variables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from emulators.core.clock import Clock
from emulators.workflows.values import Value


@dataclass(frozen=True)
class Request:
    """An HTTP request of a workflow; ``auth`` as in spec §5."""

    method: str
    url: str
    headers: Mapping[str, Value] = field(default_factory=dict)
    query: Mapping[str, Value] = field(default_factory=dict)
    body: Value = None
    auth: Mapping[str, Value] = field(default_factory=dict)
    timeout_seconds: float = 1800


class Web(Protocol):
    """Sends requests."""

    async def send(self, request: Request) -> Value:
        """Return ``{body, code, headers}``, or raise HttpError and the connection errors."""


class Callbacks(Protocol):
    """The callback endpoints of one execution."""

    async def create(self, method: str) -> str:
        """Return the address of a new endpoint."""

    async def wait(self, url: str, seconds: float) -> Value:
        """Return the next request to an endpoint, or raise TimeoutError after ``seconds``."""


class Children(Protocol):
    """Executions an execution starts and waits for."""

    async def run(self, address: Mapping[str, Value], argument: Value) -> Value:
        """Return the result of ``{workflow_id, project_id, location}``, or raise its error."""


class Connectors(Protocol):
    """Google's services by the names of their REST methods."""

    async def call(self, name: str, arguments: Mapping[str, Value]) -> Value:
        """Return what the service answers; an operation is awaited."""


@dataclass(frozen=True)
class Host:
    """The outside of one execution.

    Attributes:
        clock: Time, for sleeps, back-off and time-outs.
        environment: What ``sys.get_env`` reads.
        random_bytes: Source of UUIDs.
        log: Writes one entry: text and severity.
        web: Sends HTTP requests.
        callbacks: Endpoints of this execution.
        children: Other executions.
        connectors: Google's services.
        logs_calls: Whether every call is logged (call_log_level LOG_ALL_CALLS).
        logs_errors: Whether failed calls are logged (LOG_ERRORS_ONLY).
    """

    clock: Clock
    environment: Mapping[str, str]
    random_bytes: Callable[[int], bytes]
    log: Callable[[str, str], None]
    web: Web
    callbacks: Callbacks
    children: Children
    connectors: Connectors
    logs_calls: bool = False
    logs_errors: bool = False
