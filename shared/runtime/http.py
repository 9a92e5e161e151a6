"""HTTP at the edge: the framework's types come in here and go no further.

A handler is a plain function from `Request` to `Reply`; it runs in a bounded pool of threads. One
that only waits may be a coroutine function and stays on the event loop. What functions-framework
calls is the coroutine that `endpoint` or `resource` returns.
"""

import asyncio
import inspect
import logging
import os
import re
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from functools import cache
from http import HTTPStatus
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar, get_origin

import orjson
import yaml
from pydantic import BaseModel, ValidationError
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response, StreamingResponse
from starlette.routing import compile_path
from starlette.types import Receive, Scope, Send

from shared.kernel.errors import (
    AppError,
    MalformedError,
    MethodNotAllowedError,
    NotFoundError,
    TooLargeError,
)
from shared.kernel.principal import ANONYMOUS, FUNCTION, Principal
from shared.runtime import metrics, telemetry
from shared.runtime.logging import request_id as current_request_id
from shared.runtime.metrics import Seen
from shared.runtime.problems import document, headers_of, invalid_input, problem
from shared.runtime.settings import settings, use_settings

logger = logging.getLogger(__name__)

Model = TypeVar("Model", bound=BaseModel)
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_PROBLEM = "application/problem+json"
DEFAULT_BODY_LIMIT = 1 << 20
"""Most bytes of a body, where the manifest names no other limit."""
FORWARD_LIMIT = 8 << 20
"""Most bytes of a body that is handed on; the route's own limit is judged with the route."""


@dataclass(frozen=True)
class Request:
    """One request, read whole.

    Attributes:
        method: Upper case.
        path: As the caller sent it, without the service's own prefix.
        params: Values of the path template.
        pairs: Query parameters in order, repeated ones repeated.
        headers: Names in lower case.
        body: Raw bytes.
        target: Path and query as they stood in the request line.
        request_id: Accepted from the caller where it has the right form, else new.
        deadline: Monotonic second after which nobody waits for the answer, or None.
        principal: Who calls, verified; nobody where the route does not look at the caller.
        peer: Address at the other end of the connection.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    pairs: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    target: str = ""
    request_id: str = ""
    deadline: float | None = None
    principal: Principal = ANONYMOUS
    peer: str = ""

    def query(self, model: type[Model]) -> Model:
        """Return the query and path parameters as ``model``.

        A field that takes several values may be repeated or written with commas.

        Raises:
            InvalidInputError: Naming every field that is not acceptable.
        """
        given: dict[str, Any] = dict(self.params)
        for name, value in self.pairs:
            found = model.model_fields.get(name)
            if found is not None and get_origin(found.annotation) in {tuple, list}:
                given.setdefault(name, []).extend(v for v in value.split(",") if v)
            else:
                given[name] = value
        return _validated(model, given, "query")

    def json(self, model: type[Model]) -> Model:
        """Return the body as ``model``.

        Raises:
            MalformedError: The body is no JSON.
            InvalidInputError: Naming every field that is not acceptable.
        """
        try:
            given = orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise MalformedError(f"the body is not JSON: {error}") from None
        return _validated(model, given, "body")


@dataclass(frozen=True)
class Reply:
    """One answer.

    Attributes:
        stream: Sent piece by piece as it comes, instead of `body`; closed when the caller is gone.
    """

    body: bytes = b""
    status: int = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"
    stream: AsyncGenerator[bytes] | None = None


Handler = Callable[[Request], Reply] | Callable[[Request], Awaitable[Reply]]
Target = Callable[[StarletteRequest], Awaitable[Response]]
Authorize = Callable[[str, Sequence[str], Mapping[str, str]], Awaitable[Principal]]
_LOOKS = frozenset({"optional", "user", "admin"})
"""Modes of a route that look at the caller's token."""


def reply(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:  # noqa: ANN401 - whatever JSON can say
    """Return ``value`` (a model, dataclass, mapping or list) as JSON."""
    body = orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS)
    return Reply(body=body, status=status, headers=headers or {})


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever orjson does not know
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _validated(model: type[Model], given: Any, where: str) -> Model:  # noqa: ANN401 - raw JSON
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise invalid_input(error, where) from None


@dataclass(frozen=True)
class _Operation:
    method: str
    path: str
    body_limit: int
    handler: Handler
    auth: str = "public"
    scopes: tuple[str, ...] = ()


def resource(
    main_file: str,
    *handlers: Handler,
    otherwise: Handler | None = None,
    headers: Mapping[str, str] | None = None,
    authorize: Authorize | None = None,
) -> Target:
    """Return what the framework calls for a folder: each handler answers its manifest's operation.

    Args:
        main_file: The folder's ``main.py``; its ``function.yaml`` lies beside it.
        handlers: Plain or coroutine functions, named as the manifest names the operations. A
            single one may have any name.
        otherwise: Answers every request that no operation matches.
        headers: Stand on every problem that is answered.
        authorize: Says who calls; `shared.runtime.viewer.authorize` where a route looks at that.

    Raises:
        LookupError: Manifest and handlers do not name the same operations, or a route looks at the
            caller and nobody says who that is.
    """
    use_settings()
    manifest = Path(main_file).with_name("function.yaml")
    routes = yaml.safe_load(manifest.read_bytes())["http"]
    by_name = {getattr(handler, "__name__", ""): handler for handler in handlers}
    if len(routes) == len(handlers) == 1:
        by_name = {routes[0]["operation"]: handlers[0]}
    if {route["operation"] for route in routes} != by_name.keys():
        raise LookupError(f"{manifest}: operations and handlers differ")
    if authorize is None and any(route["auth"] in _LOOKS for route in routes):
        raise LookupError(f"{manifest}: a route looks at the caller; hand in viewer.authorize")
    operations = [
        _Operation(
            r["method"],
            r["path"],
            r.get("body_limit", DEFAULT_BODY_LIMIT),
            by_name[r["operation"]],
            r["auth"],
            tuple(r.get("scopes", ())),
        )
        for r in routes
    ]
    # A static route beats a template, whatever the order in the manifest.
    operations.sort(key=lambda operation: operation.path.count("{"))
    rest = None if otherwise is None else _Operation("", "", FORWARD_LIMIT, otherwise)
    compiled = [(compile_path(o.path)[0], o) for o in operations]
    made = _Resource(compiled, rest, headers or {}, authorize)

    # functions-framework wants a plain function, not a bound method.
    async def handle(request: StarletteRequest) -> Response:
        return await made.answer(request)

    return handle


@dataclass(frozen=True)
class _Resource:
    """The operations of one folder, as the framework calls them."""

    compiled: Sequence[tuple[re.Pattern[str], _Operation]]
    otherwise: _Operation | None
    headers: Mapping[str, str]
    authorize: Authorize | None

    async def answer(self, request: StarletteRequest) -> Response:
        """Answer one request; every failure becomes a problem document."""
        identifier = _request_id(request.headers.get("x-request-id", ""))
        current_request_id.set(identifier)
        headers = _headers(request)
        # The gateway is where strangers call; whoever calls another function is one of us.
        async with telemetry.request(
            request.method, headers, public=self.otherwise is not None
        ) as seen:
            answer = await self._answered(request, headers, seen, identifier)
            seen.status = answer.status
        marked = {**answer.headers, "x-request-id": identifier}
        if answer.stream is not None:
            pieces = telemetry.streamed(answer.stream)
            return _Stream(pieces, answer.status, marked, answer.media_type)
        return Response(answer.body, answer.status, marked, answer.media_type)

    async def _answered(
        self, request: StarletteRequest, headers: dict[str, str], seen: Seen, identifier: str
    ) -> Reply:
        try:
            operation, params = self._chosen(request.method, request.url.path)
            seen.route = operation.path or seen.route
            principal = await self._principal(operation, headers)
            body = await _read(request, operation)
            given = _request(request, headers, params, body)
            given = replace(given, request_id=identifier, principal=principal)
            return await _answer(operation, given)
        except AppError as error:
            return refused(error, identifier, self.headers)
        except Exception:
            logger.exception("request.failed")
            return _problem(_internal(identifier), self.headers)

    async def _principal(self, operation: _Operation, headers: Mapping[str, str]) -> Principal:
        if self.authorize is None or operation.auth not in _LOOKS:
            return FUNCTION if operation.auth == "service" else ANONYMOUS
        return await self.authorize(operation.auth, operation.scopes, headers)

    def _chosen(self, method: str, path: str) -> tuple[_Operation, dict[str, str]]:
        matched = [(o, m.groupdict()) for pattern, o in self.compiled if (m := pattern.match(path))]
        for operation, params in matched:
            if operation.method == method:
                return operation, params
        if self.otherwise is not None and not matched:
            return self.otherwise, {}
        if not matched:
            raise NotFoundError(f"there is nothing at {path}")
        raise MethodNotAllowedError(path, sorted({o.method for o, _ in matched}))


class _Stream(StreamingResponse):
    """Sends pieces as they come, and closes their source whether or not all were wanted."""

    def __init__(
        self, pieces: AsyncGenerator[bytes], status: int, headers: Mapping[str, str], media: str
    ) -> None:
        super().__init__(pieces, status, headers, media)
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._pieces.aclose()


def refused(error: AppError, identifier: str, headers: Mapping[str, str]) -> Reply:
    """Return the problem that a caller is told, and count it."""
    logger.info("request.refused", extra={"code": error.code, "detail": error.message})
    metrics.count(metrics.REFUSED, service=settings().service, code=error.code)
    return _problem(problem(error, trace_id=identifier), {**headers, **headers_of(error)})


def _headers(request: StarletteRequest) -> dict[str, str]:
    """Return all headers, a repeated one joined by commas (RFC 9110 §5.2)."""
    found: dict[str, str] = {}
    for name, value in request.headers.items():
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


async def _read(request: StarletteRequest, operation: _Operation) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > operation.body_limit:
            raise TooLargeError(f"the body has more than {operation.body_limit} bytes")
    return body


def _request(
    request: StarletteRequest, headers: dict[str, str], params: dict[str, str], body: bytes
) -> Request:
    return Request(
        method=request.method,
        path=request.url.path,
        params=params,
        pairs=request.query_params.multi_items(),
        headers=headers,
        body=body,
        target=_target(request),
        deadline=_deadline(headers.get("x-request-deadline-ms", "")),
        peer=request.client.host if request.client else "",
    )


def _target(request: StarletteRequest) -> str:
    path: str = request.scope.get("raw_path", b"").decode("latin-1") or request.url.path
    return f"{path.partition('?')[0]}?{request.url.query}" if request.url.query else path


def _deadline(milliseconds: str) -> float | None:
    return monotonic() + int(milliseconds) / 1000 if milliseconds.isdecimal() else None


def _request_id(given: str) -> str:
    return (
        given if _REQUEST_ID.fullmatch(given) else str(uuid.UUID(bytes=os.urandom(16), version=4))
    )


async def _answer(operation: _Operation, request: Request) -> Reply:
    if inspect.iscoroutinefunction(operation.handler):
        found: Reply = await operation.handler(request)
        return found
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_pool(), copy_context().run, operation.handler, request)  # type: ignore[arg-type]


@cache
def _pool() -> ThreadPoolExecutor:
    """Return the threads of the handlers: four a core, at most 32."""
    return ThreadPoolExecutor(min(32, 4 * (os.cpu_count() or 1)), "handler")


def _problem(found: dict[str, Any], headers: Mapping[str, str]) -> Reply:
    return Reply(orjson.dumps(found), found["status"], headers, _PROBLEM)


def _internal(identifier: str) -> dict[str, Any]:
    detail = "something is wrong on our side; the trace_id helps us find it"
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return document(status, "internal", detail, trace_id=identifier)
