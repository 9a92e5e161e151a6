"""Calls of Google's services by name, with retries and awaited operations."""

from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from string import Formatter
from urllib.parse import quote

from emulators.core.context import Context
from emulators.workflows import catalog
from emulators.workflows.addresses import address_of
from emulators.workflows.errors import WorkflowError, failure, type_error
from emulators.workflows.host import Children, Request, Web
from emulators.workflows.stdlib.predicates import (
    MAX_RETRIES,
    default_retry_predicate,
    default_retry_predicate_non_idempotent,
)
from emulators.workflows.stdlib.registry import map_of, number_of, text_of
from emulators.workflows.values import Value, map_key

DEFAULT_TIMEOUT = 1800.0
DEFAULT_POLLING: Mapping[str, Value] = {
    "initial_delay": 1.0,
    "multiplier": 1.25,
    "max_delay": 60.0,
}
FIRST_DELAY, GROWTH, LONGEST_DELAY = 1.0, 1.25, 60.0


class HttpConnectors:
    """Connectors of one execution.

    Args:
        context: Clock and addresses.
        web: Sends requests.
        children: Runs other workflows.
    """

    def __init__(self, context: Context, web: Web, children: Children) -> None:
        self._context = context
        self._web = web
        self._children = children
        self._helpers: Mapping[str, Callable[[dict[str, Value]], Awaitable[Value]]] = {
            catalog.RUN_V1: self._run_job_v1,
            catalog.ACCESS_STRING: self._access_string,
            catalog.RUN_EXECUTION: self._run_execution,
        }

    async def call(self, name: str, arguments: Mapping[str, Value]) -> Value:
        """Return what a service answers.

        Raises:
            WorkflowError: HttpError and the like; OperationError for a failed operation;
                SystemError for a connector that is not supported here.
        """
        if name in self._helpers:
            return await self._helpers[name](dict(arguments))
        method = catalog.METHODS.get(name)
        if method is None:
            raise failure("SystemError", f"the connector {name} is not supported here")
        return await self._call(method, dict(arguments))

    async def _run_job_v1(self, arguments: dict[str, Value]) -> Value:
        # The older surface names a job by namespace and takes the location apart.
        name = text_of(arguments.get("name"), "name").split("/")
        location = text_of(arguments.pop("location", self._context.location), "location")
        arguments["name"] = f"projects/{name[1]}/locations/{location}/jobs/{name[-1]}"
        return await self.call("googleapis.run.v2.projects.locations.jobs.run", arguments)

    async def _access_string(self, arguments: dict[str, Value]) -> Value:
        project = map_key(arguments.pop("project_id", self._context.project))
        secret = text_of(arguments.pop("secret_id", None), "secret_id")
        version = map_key(arguments.pop("version", "latest"))
        name = f"projects/{project}/secrets/{secret}/versions/{version}"
        method = catalog.METHODS[f"{catalog.SECRETS}.versions.access"]
        answer = map_of(await self._call(method, {**arguments, "name": name}), "the answer")
        payload = map_of(answer.get("payload"), "payload")
        return b64decode(text_of(payload.get("data", ""), "data")).decode()

    async def _run_execution(self, arguments: dict[str, Value]) -> Value:
        return await self._children.run(arguments, arguments.get("argument"))

    async def _call(self, method: catalog.Method, arguments: dict[str, Value]) -> Value:
        parameters = map_of(arguments.pop("connector_params", None) or {}, "connector_params")
        timeout = number_of(parameters.get("timeout", DEFAULT_TIMEOUT), "timeout")
        deadline = self._context.clock.now() + timeout
        body = arguments.pop("body", None)
        address = address_of(method.service, self._context.addresses)
        if address is None:
            raise failure("ConnectionFailedError", f"{method.service} does not run here")
        path = _filled(method.path, arguments)
        url = f"http://{address}{path}"
        request = Request(method.verb, url, query=arguments, body=body, timeout_seconds=timeout)
        answer = await self._retried(request)
        if method.operation is None or parameters.get("skip_polling") is True:
            return answer
        poll = Request("GET", f"http://{address}{method.operation}")
        return await self._awaited(map_of(answer, "an operation"), poll, parameters, deadline)

    async def _retried(self, request: Request) -> Value:
        idempotent = request.method == "GET"
        retry = default_retry_predicate if idempotent else default_retry_predicate_non_idempotent
        delay = FIRST_DELAY
        for _ in range(MAX_RETRIES):
            try:
                return map_of(await self._web.send(request), "an answer")["body"]
            except WorkflowError as error:
                if not retry(error.payload):
                    raise
            await self._context.clock.sleep(delay)
            delay = min(delay * GROWTH, LONGEST_DELAY)
        return map_of(await self._web.send(request), "an answer")["body"]

    async def _awaited(
        self,
        operation: dict[str, Value],
        poll: Request,
        parameters: Mapping[str, Value],
        deadline: float,
    ) -> Value:
        given = map_of(parameters.get("polling_policy") or {}, "polling_policy")
        policy = {k: number_of(v, k) for k, v in {**DEFAULT_POLLING, **given}.items()}
        delay, clock = float(policy["initial_delay"]), self._context.clock
        name = text_of(operation.get("name"), "an operation's name")
        request = replace(poll, url=poll.url.replace("{operation}", name))
        while not operation.get("done"):
            if clock.now() + delay > deadline:
                raise failure("TimeoutError", f"operation {name} took too long")
            await clock.sleep(delay)
            delay = min(delay * policy["multiplier"], policy["max_delay"])
            operation = map_of(await self._retried(request), "an operation")
        return _outcome(operation)


def _outcome(operation: dict[str, Value]) -> Value:
    error = operation.get("error")
    if error is None:
        return operation.get("response")
    message = f"Long-running operation failed: {operation.get('name')!r}"
    raise failure("OperationError", message, operation=operation, error=error)


def _filled(path: str, arguments: dict[str, Value]) -> str:
    """Return a path with its arguments in place; they are taken out of ``arguments``."""
    names = [name for _, name, _, _ in Formatter().parse(path) if name]
    missing = [name for name in names if name not in arguments]
    if missing:
        raise type_error(f"the argument {missing[0]!r} is missing")
    values = {name: text_of(arguments.pop(name), name) for name in names}
    return path.format(**{name: quote(value, safe="/") for name, value in values.items()})
