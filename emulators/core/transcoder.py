"""REST over the same implementations as gRPC, by the HTTP rules in clients' REST transports."""

from __future__ import annotations

import contextlib
import json
import re
from typing import TYPE_CHECKING, Any

from aiohttp import web
from google.protobuf import json_format

from emulators.core import errors, query, replies
from emulators.core.binding import Binding
from emulators.core.plain_http import through_binding

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Mapping

    from emulators.core.context import Context
    from emulators.core.methods import Method, Proto

_VARIABLE = re.compile(r"\{([\w.]+)(?:=([^}]+))?\}")


def rest_routes(
    methods: Iterable[Method], implementation: object, *, service: str, context: Context
) -> list[web.RouteDef]:
    """Serve every method of a client that has an HTTP rule, the same as for gRPC.

    Args:
        methods: Of the client, with their rules, from `emulators.core.methods`.
        implementation: What `emulators.core.wire.grpc_handler` takes; it sees None as context.
        service: Name of the emulator, as fault rules call it.
        context: The local cloud.

    Returns:
        Routes, the most specific path first. Methods the implementation lacks answer 501.
    """
    binding = Binding(implementation, service, context)
    rules = [(method, rule) for method in methods for rule in method.rules]
    rules.sort(key=lambda rule: -len(rule[1]["uri"]))
    return [
        web.route(
            rule["method"].upper(), path_pattern(rule["uri"]), _handler(method, rule, binding)
        )
        for method, rule in rules
    ]


def path_pattern(template: str) -> str:
    """Return aiohttp's form of a path template: ``{name=a/*}`` matches ``a/`` and one segment."""
    return _VARIABLE.sub(_variable_pattern, template)


def _variable_pattern(found: re.Match[str]) -> str:
    name = found[1].replace(".", "__")
    inner = found[2] or "*"
    # "/**" may match nothing, but behind "/*" it tells a document from its collection.
    inner = re.sub(r"(?<!\*)/\*\*", "\1", inner).replace("**", "\0").replace("*", "[^/:]+")
    expression = inner.replace("\0", ".+").replace("\1", "(?:/.+)?")
    return f"{{{name}:{expression}}}"


def _handler(method: Method, rule: Mapping[str, str], binding: Binding) -> Callable[..., Any]:
    async def handle(request: web.Request) -> web.StreamResponse:
        as_number = query.enums_as_numbers(request.query)
        if method.kind == "unary_unary":
            if replies.is_by_event(request):
                raise errors.invalid_argument(f"alt=sse is for streams: {method.name} is none")
            message = await _read(request, method, rule.get("body"))
            return replies.one(await binding.unary(method, message, None), as_number=as_number)
        return await replies.many(request, streamed(request), as_number=as_number)

    async def streamed(request: web.Request) -> AsyncGenerator[Proto, None]:
        message = await _read(request, method, rule.get("body"))
        async with contextlib.aclosing(binding.stream(method, message, None)) as found:
            async for reply in found:
                yield reply

    return through_binding(handle)


async def _read(request: web.Request, method: Method, body: str | None) -> Proto:
    message = method.request()
    _merge(query.content(request.query, message), message)
    if raw := await request.read():
        if not body:
            if _parse(raw) != {}:
                raise errors.invalid_argument(f"{method.name} takes no body.")
        else:
            content = _parse(raw)
            _merge(content if body == "*" else {body: content}, message)
    for name, value in request.match_info.items():
        _set_path(message, name.split("__"), value)
    return message


def _parse(raw: bytes) -> Proto:
    try:
        content = json.loads(raw)
    except (RecursionError, ValueError) as error:
        raise errors.invalid_argument(f"Invalid JSON payload received: {error}") from error
    if not isinstance(content, dict):
        raise errors.invalid_argument("Invalid JSON payload received: it must be an object.")
    return content


def _merge(content: Proto, message: Proto) -> None:
    try:
        json_format.ParseDict(content, message)
    except (
        json_format.ParseError,
        ArithmeticError,
        AttributeError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise errors.invalid_argument(f"Invalid JSON payload received. {error}") from error


def _set_path(message: Proto, path: list[str], value: str) -> None:
    for name in path[:-1]:
        message = getattr(message, name)
    setattr(message, path[-1], value)
