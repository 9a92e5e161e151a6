"""REST of the Executions service, whose client package has no HTTP rules, and callbacks."""

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web
from google.cloud.workflows.executions_v1.services.executions.transports.grpc import (
    ExecutionsGrpcTransport,
)
from google.protobuf import json_format

from emulators.core.binding import Binding
from emulators.core.context import Context
from emulators.core.errors import EmulatorError, failed_precondition, invalid_argument, to_rest
from emulators.core.methods import methods
from emulators.core.plain_http import through_binding
from emulators.workflows.callbacks import Mailbox, received
from emulators.workflows.messages import Proto
from emulators.workflows.store import Store
from emulators.workflows.web import canonical, decoded

if TYPE_CHECKING:
    from emulators.workflows.values import Value

WORKFLOW = "/v1/{parent:projects/[^/]+/locations/[^/]+/workflows/[^/]+}/executions"
EXECUTION = "/v1/{name:projects/[^/]+/locations/[^/]+/workflows/[^/]+/executions/[^/:]+}"
QUERY = {
    "pageSize": "page_size",
    "pageToken": "page_token",
    "view": "view",
    "filter": "filter",
    "orderBy": "order_by",
}
Handler = Callable[[web.Request], Awaitable[web.Response]]


def execution_routes(implementation: object, context: Context) -> list[web.RouteDef]:
    """Serve the Executions API (https://cloud.google.com/workflows/docs/reference/executions/rest)."""
    binding = Binding(implementation, "workflows", context)
    bind = _Methods(binding).handler
    return [
        web.post(WORKFLOW, bind("CreateExecution", body="execution")),
        web.get(WORKFLOW, bind("ListExecutions")),
        web.get(EXECUTION, bind("GetExecution")),
        web.post(EXECUTION + ":cancel", bind("CancelExecution")),
    ]


def callback_routes(store: Store, mailbox: Mailbox, context: Context) -> list[web.RouteDef]:
    """Serve the endpoints of ``events.create_callback_endpoint``; any method may be asked for."""

    async def handle(request: web.Request) -> web.Response:
        try:
            await _receive(request, store, context)
        except EmulatorError as error:
            return _refusal(error)
        mailbox.event(request.match_info["name"]).set()
        return web.json_response({})

    return [web.route("*", EXECUTION.replace("[^/:]+}", "[^/:]+/callbacks/[^/:]+}"), handle)]


async def _receive(request: web.Request, store: Store, context: Context) -> None:
    name = request.match_info["name"]
    expected = store.callback(name).method
    if request.method != expected:
        raise failed_precondition(f"the callback takes {expected}, not {request.method}")
    headers: dict[str, Value] = {canonical(k): v for k, v in request.headers.items()}
    content_type = request.headers.get("Content-Type", "")
    # Without a type aiohttp's clients say octet-stream; an empty body is none.
    content = await request.read()
    seen: dict[str, Value] = {
        "body": decoded(content, content_type) if content else None,
        "headers": headers,
        "method": request.method,
        "query": dict(request.query),
        "url": request.path,
    }
    store.receive(name, received(seen, context.clock.now()))
    await store.commit()


class _Methods:
    """Makes a route's handler from a method of the service."""

    def __init__(self, binding: Binding) -> None:
        self._binding = binding
        self._methods = {m.name: m for m in methods(ExecutionsGrpcTransport).values()}

    def handler(self, name: str, body: str | None = None) -> Handler:
        method = self._methods[name]

        async def handle(request: web.Request) -> web.Response:
            try:
                message = await _read(request, method.request(), body)
                reply = await self._binding.unary(method, message, None)
            except EmulatorError as error:
                return _refusal(error)
            numbers = "enum-encoding=int" in request.query.get("$alt", "")
            return web.json_response(
                json_format.MessageToDict(reply, use_integers_for_enums=numbers)
            )

        return through_binding(handle)


async def _read(request: web.Request, message: Proto, body: str | None) -> Proto:
    content: dict[str, Any] = dict(request.match_info)
    for name, value in request.query.items():
        if name in QUERY:
            content[QUERY[name]] = value
    try:
        if body is not None:
            content[body] = json.loads(await request.read() or b"{}")
        json_format.ParseDict(content, message)
    except (ValueError, json_format.ParseError) as error:
        raise invalid_argument(f"Invalid JSON payload received. {error}") from error
    return message


def _refusal(error: EmulatorError) -> web.Response:
    status, content = to_rest(error)
    return web.json_response(content, status=status)
