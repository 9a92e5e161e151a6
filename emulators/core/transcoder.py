"""REST over the same implementations as gRPC, by the HTTP rules in clients' REST transports."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from aiohttp import web
from google.protobuf import json_format

from emulators.core import errors
from emulators.core.binding import Binding
from emulators.core.methods import Method, Proto, rules_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from multidict import MultiMapping

    from emulators.core.context import Context

_VARIABLE = re.compile(r"\{([\w.]+)(?:=([^}]+))?\}")
# Parameters of Google's front end, not of the request message.
_SYSTEM_PARAMETERS = frozenset(
    {"alt", "$alt", "key", "prettyPrint", "fields", "callback", "quotaUser"}
)


def rest_routes(
    rest_base_class: type, implementation: object, *, service: str, context: Context
) -> list[web.RouteDef]:
    """Serve every REST method of a client from ``implementation``, the same as for gRPC.

    Args:
        rest_base_class: The client's ``_Base<Service>RestTransport``.
        implementation: What `emulators.core.wire.grpc_handler` takes; it sees None as context.
        service: Name of the emulator, as fault rules call it.
        context: The local cloud.

    Returns:
        Routes, the most specific path first. Methods the implementation lacks answer 501.
    """
    binding = Binding(implementation, service, context)
    rules = sorted(rules_of(rest_base_class), key=lambda rule: -len(rule[1]["uri"]))
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
    async def handle(request: web.Request) -> web.Response:
        as_number = "enum-encoding=int" in request.query.get("$alt", "")
        try:
            message = await _read(request, method, rule.get("body"))
            if method.kind == "unary_unary":
                reply = await binding.unary(method, message, None)
                return web.json_response(_to_json(reply, as_number))
            replies = [_to_json(r, as_number) async for r in binding.stream(method, message, None)]
        except errors.EmulatorError as error:
            status, body = errors.to_rest(error)
            return web.json_response(body, status=status)
        return web.json_response(replies)

    return handle


def _to_json(message: Proto, as_number: bool) -> dict[str, Any]:
    found: dict[str, Any] = json_format.MessageToDict(message, use_integers_for_enums=as_number)
    return found


async def _read(request: web.Request, method: Method, body: str | None) -> Proto:
    message = method.request()
    _merge(_from_query(request.query, message), message)
    if body and (raw := await request.read()):
        content = _parse(raw)
        _merge(content if body == "*" else {body: content}, message)
    for name, value in request.match_info.items():
        _set_path(message, name.split("__"), value)
    return message


def _parse(raw: bytes) -> Proto:
    try:
        return json.loads(raw)
    except ValueError as error:
        raise errors.invalid_argument(f"Invalid JSON payload received: {error}") from error


def _merge(content: Proto, message: Proto) -> None:
    try:
        json_format.ParseDict(content, message)
    except (json_format.ParseError, AttributeError, TypeError) as error:
        raise errors.invalid_argument(f"Invalid JSON payload received. {error}") from error


def _from_query(query: MultiMapping[str], message: Proto) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for name in dict.fromkeys(query):
        if name not in _SYSTEM_PARAMETERS:
            _put(content, name.split("."), query.getall(name), message.DESCRIPTOR)
    return content


def _put(content: dict[str, Any], path: list[str], values: list[str], descriptor: Proto) -> None:
    field = _field(descriptor, path[0])
    if field is None:
        raise errors.invalid_argument(f'Invalid JSON payload received. Unknown name "{path[0]}"')
    if len(path) > 1:
        _put(content.setdefault(path[0], {}), path[1:], values, field.message_type)
        return
    coerced = [_coerce(field, value) for value in values]
    content[path[0]] = coerced if field.is_repeated else coerced[-1]


def _field(descriptor: Proto, name: str) -> Proto:
    if descriptor is None:
        return None
    return descriptor.fields_by_camelcase_name.get(name) or descriptor.fields_by_name.get(name)


def _coerce(field: Proto, value: str) -> str | bool | int:
    if field.type == field.TYPE_BOOL:
        return value.lower() == "true"
    if field.type == field.TYPE_ENUM and value.lstrip("-").isdigit():
        return int(value)
    return value


def _set_path(message: Proto, path: list[str], value: str) -> None:
    for name in path[:-1]:
        message = getattr(message, name)
    setattr(message, path[-1], value)
