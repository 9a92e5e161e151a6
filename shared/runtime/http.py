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
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import cache, cached_property
from http import HTTPStatus
from time import monotonic
from typing import Any

import orjson
from starlette.convertors import PathConvertor, register_url_convertor
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response
from starlette.routing import compile_path

from shared.gateway.cors import is_preflight
from shared.kernel.errors import (
    AppError,
    MethodNotAllowedError,
    NotFoundError,
    TooLargeError,
)
from shared.kernel.principal import ANONYMOUS, FUNCTION, Principal
from shared.runtime import metrics, responses, shortcut, telemetry
from shared.runtime.declaration import declared
from shared.runtime.entrance import Entrance
from shared.runtime.health import IDENTITY, OLDER, PREFIX, Health
from shared.runtime.logging import request_id as current_request_id
from shared.runtime.messages import Link, Reply, Request, describes, reply
from shared.runtime.problems import document, headers_of, problem
from shared.runtime.settings import settings, use_settings

__all__ = [
    "Entrance",
    "Link",
    "Reply",
    "Request",
    "Target",
    "describes",
    "refused",
    "reply",
    "resource",
]

logger = logging.getLogger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
_PROBLEM = "application/problem+json"
DEFAULT_BODY_LIMIT = 1 << 20
"""Most bytes of a body, where the manifest names no other limit."""
FORWARD_LIMIT = 8 << 20
"""Most bytes of a body that is handed on; the route's own limit is judged with the route."""


Handler = Callable[[Request], Reply] | Callable[[Request], Awaitable[Reply]]
Target = Callable[[StarletteRequest], Awaitable[Response]]
Authorize = Callable[[str, Sequence[str], Mapping[str, str]], Awaitable[Principal]]
_OWN = ("/metrics", PREFIX, *OLDER)
"""How the paths begin that every function answers itself."""
_READS = frozenset({"GET", "HEAD"})
_BODY = frozenset({"content-length", "transfer-encoding"})
"""Fields of a request that has a body."""
_LOOKS = frozenset({"optional", "user", "admin"})
"""Modes of a route that look at the caller's token."""
_LOOKS_AWAY = frozenset({"public", "service", "signature"})
"""Those that do not: no other mode lets anybody in unseen."""


@dataclass(frozen=True)
class _Operation:
    method: str
    path: str
    body_limit: int
    handler: Handler
    auth: str = "public"
    scopes: tuple[str, ...] = ()

    @cached_property
    def waits(self) -> bool:
        """Whether the handler stays on the event loop."""
        return inspect.iscoroutinefunction(self.handler)


def resource(
    main_file: str,
    *handlers: Handler,
    authorize: Authorize | None = None,
    probes: Sequence[Callable[[], object]] = (),
    entrance: Entrance | None = None,
) -> Target:
    """Return what the framework calls for a folder: each handler answers its manifest's operation.

    Every folder also answers ``/health/live``, ``/health/ready`` and ``/health/startup``, and
    ``/metrics`` to callers inside.

    Args:
        main_file: The folder's ``main.py``; its ``function.yaml`` lies beside it.
        handlers: Plain or coroutine functions, named as the manifest names the operations. A
            single one may have any name.
        authorize: Says who calls; `shared.runtime.viewer.authorize` where a route looks at that.
        probes: One for each dependency under ``health`` of the manifest (`shared.adapters.probes`).
        entrance: Where strangers call.

    Raises:
        LookupError: Manifest and handlers do not name the same operations, or manifest and probes
            the same dependencies, or a route does not say who may call it, or looks at the caller
            and nobody says who that is.
    """
    use_settings()
    manifest = declared(main_file)
    routes = manifest["http"]
    by_name = {getattr(handler, "__name__", ""): handler for handler in handlers}
    if len(routes) == len(handlers) == 1:
        by_name = {routes[0]["operation"]: handlers[0]}
    if {route["operation"] for route in routes} != by_name.keys():
        raise LookupError(f"{main_file}: operations and handlers differ")
    if strange := {route["auth"] for route in routes} - _LOOKS - _LOOKS_AWAY:
        raise LookupError(f"{main_file}: nobody knows whom {sorted(strange)} lets in")
    if authorize is None and any(route["auth"] in _LOOKS for route in routes):
        raise LookupError(f"{main_file}: a route looks at the caller; hand in viewer.authorize")
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
    rest = _Operation("", "", FORWARD_LIMIT, entrance.otherwise) if entrance else None
    operations.sort(key=lambda operation: operation.path.count("{"))
    templates = [(compile_path(o.path)[0], o) for o in operations if "{" in o.path]
    fixed: dict[str, list[_Operation]] = {}
    for operation in operations:
        fixed.setdefault(operation.path, []).append(operation)
    health = Health(
        manifest.get("health", {}),
        probes,
        warm=entrance.warm if entrance else (),
        details=(lambda _headers: False) if entrance else None,
    )
    register_url_convertor("path", _AnyPath())
    made = _Resource(templates, fixed, rest, authorize, health, entrance)

    # functions-framework wants a plain function, not a bound method.
    async def handle(request: StarletteRequest) -> Response:
        if "app" in request.scope:
            shortcut.take(request.app, made.answer)
        return await made.answer(request)

    return handle


class _AnyPath(PathConvertor):
    """A path with line breaks too: the framework would answer those itself, and not as we do."""

    regex = "(?s:.*)"


@dataclass(frozen=True)
class _Resource:
    """The operations of one folder, as the framework calls them.

    Attributes:
        templates: By what their path has to match, those with fewest parameters first.
        fixed: By path; these beat a template, whatever the order in the manifest.
    """

    templates: Sequence[tuple[re.Pattern[str], _Operation]]
    fixed: Mapping[str, Sequence[_Operation]]
    otherwise: _Operation | None
    authorize: Authorize | None
    health: Health
    entrance: Entrance | None

    async def answer(self, request: StarletteRequest) -> Response:
        """Answer one request; every failure becomes a problem document."""
        scope, headers = request.scope, _headers(request)
        identifier = _request_id(headers.get("x-request-id", ""))
        current_request_id.set(identifier)
        public = self.entrance is not None
        async with telemetry.request(scope["method"], headers, public=public) as seen:
            asks = _asked(request) == "GET" and scope["path"].startswith(_OWN)
            own = await self._own(request, headers) if asks else None
            answer = own or await self._answered(request, headers, identifier)
            seen.status = answer.status
        if answer.repeated is not None:
            return responses.Again(answer, answer.repeated, identifier)
        marked = {**self._dressed(headers, answer.headers), "x-request-id": identifier}
        if answer.stream is not None and scope["method"] == "HEAD":
            await answer.stream.aclose()
        elif answer.stream is not None:
            return responses.Stream(answer.stream, answer.status, marked, answer.media_type)
        return responses.Whole(answer, marked)

    def _dressed(self, asked: Mapping[str, str], answered: Mapping[str, str]) -> Mapping[str, str]:
        return self.entrance.dressed(asked, answered) if self.entrance else answered

    async def _own(self, request: StarletteRequest, headers: Mapping[str, str]) -> Reply | None:
        """Answer what every function answers: its health, and its metrics to callers inside."""
        path = request.scope["path"]
        if path == "/metrics" and self.entrance is None and IDENTITY in headers:
            telemetry.note(path)
            return Reply(metrics.exposition(), media_type=metrics.CONTENT_TYPE)
        found = await self.health.answer(path, headers)
        if found is None:
            return None
        telemetry.note(path)
        return reply(found[1], status=found[0])

    async def _answered(
        self, request: StarletteRequest, headers: dict[str, str], identifier: str
    ) -> Reply:
        try:
            method, path = _asked(request), _path(request)
            operation, params = self._chosen(method, path)
            telemetry.note(operation.path)
            principal = await self._principal(operation, headers)
            given = Request(
                method=method,
                path=path,
                params=params,
                headers=headers,
                body=await _read(request, operation) if _has_body(request, headers) else b"",
                target=_target(request, path),
                request_id=identifier,
                deadline=_deadline(headers.get("x-request-deadline-ms", "")),
                principal=principal,
                peer=_peer(request),
            )
            if operation.waits:
                found: Reply = await operation.handler(given)  # type: ignore[misc]
                return found
            return await _in_a_thread(operation, given)
        except MethodNotAllowedError as error:
            if self.entrance and is_preflight(request.method, headers):
                return self.entrance.preflight(headers, error.allowed)
            return refused(error, identifier, {})
        except AppError as error:
            return refused(error, identifier, {})
        except Exception:
            logger.exception("request.failed")
            return _problem(_internal(identifier), {})

    async def _principal(self, operation: _Operation, headers: Mapping[str, str]) -> Principal:
        if self.authorize is None or operation.auth not in _LOOKS:
            return FUNCTION if operation.auth == "service" else ANONYMOUS
        return await self.authorize(operation.auth, operation.scopes, headers)

    def _chosen(self, method: str, path: str) -> tuple[_Operation, dict[str, str]]:
        if self.otherwise is not None and path not in self.fixed and not self.templates:
            return self.otherwise, {}
        found = ((o, pattern.match(path)) for pattern, o in self.templates)
        matched = [(o, dict[str, str]()) for o in self.fixed.get(path, ())]
        matched += [(o, match.groupdict()) for o, match in found if match]
        for operation, params in matched:
            if operation.method == method:
                return operation, params
        if self.otherwise is not None and not matched:
            return self.otherwise, {}
        if not matched:
            raise NotFoundError(f"there is nothing at {path}")
        raise MethodNotAllowedError(path, sorted({o.method for o, _ in matched}))


def refused(error: AppError, identifier: str, headers: Mapping[str, str]) -> Reply:
    """Return the problem that a caller is told, and count it."""
    logger.info("request.refused", extra={"code": error.code, "detail": error.message})
    metrics.count(metrics.REFUSED, service=settings().service, code=error.code)
    return _problem(problem(error, trace_id=identifier), {**headers, **headers_of(error)})


def _asked(request: StarletteRequest) -> str:
    """Return the method that is answered: HEAD is GET, whose body the server leaves out."""
    method: str = request.scope["method"]
    return "GET" if method == "HEAD" else method


def _headers(request: StarletteRequest) -> dict[str, str]:
    """Return all headers, a repeated one joined by commas (RFC 9110 §5.2)."""
    found: dict[str, str] = {}
    for raw, content in request.scope["headers"]:
        name, value = raw.decode("latin-1"), content.decode("latin-1")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _has_body(request: StarletteRequest, headers: Mapping[str, str]) -> bool:
    """Tell whether something may follow the head (RFC 9112 §6.3)."""
    return request.scope["method"] not in _READS or not _BODY.isdisjoint(headers)


async def _read(request: StarletteRequest, operation: _Operation) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > operation.body_limit:
            raise TooLargeError(f"the body has more than {operation.body_limit} bytes")
    return body


# Starlette's own `url` is made of the Host field and parsed again, for 25 us.


def _path(request: StarletteRequest) -> str:
    path: str = request.scope["path"]
    return path.replace("?", "%3F").replace("#", "%23").replace("\\", "%5C")


def _target(request: StarletteRequest, path: str) -> str:
    scope = request.scope
    raw: str = scope.get("raw_path", b"").decode("latin-1").partition("?")[0] or path
    query: bytes = scope.get("query_string", b"")
    return f"{raw}?{query.decode('latin-1')}" if query else raw


def _peer(request: StarletteRequest) -> str:
    client = request.scope.get("client")
    return str(client[0]) if client else ""


def _deadline(milliseconds: str) -> float | None:
    return monotonic() + int(milliseconds) / 1000 if milliseconds.isdecimal() else None


def _request_id(given: str) -> str:
    return given if given and _REQUEST_ID.fullmatch(given) else _uuid4()


def _uuid4() -> str:
    """Return a random UUID (RFC 9562 §5.4); the library's own costs a request 3 us more."""
    drawn = os.urandom(16).hex()
    variant = "89ab"[int(drawn[16], 16) & 3]
    return f"{drawn[:8]}-{drawn[8:12]}-4{drawn[13:16]}-{variant}{drawn[17:20]}-{drawn[20:]}"


async def _in_a_thread(operation: _Operation, request: Request) -> Reply:
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
