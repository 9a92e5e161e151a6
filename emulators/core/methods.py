"""The methods of a service, found in its installed client package.

The packages ship no service descriptors. Their gRPC transports, however, name every method with its
kind and message types when given a channel that only takes notes. Nothing here knows one service.

Looking so loads the whole client. A service that has to start quickly reads what was found from its
``methods.json``, which ``python -m emulators.method_tables`` writes.
"""

from __future__ import annotations

import importlib
import json
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, get_args, get_type_hints

from google.protobuf import descriptor_pool, message_factory

from emulators.core.client_types import types_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

TABLE = "methods.json"
_EMULATORS = Path(__file__).parents[1]
_KINDS = ("unary_unary", "unary_stream", "stream_unary", "stream_stream")
# Properties of a transport that are no methods of the service.
_NO_METHODS = frozenset({"grpc_channel", "host", "kind", "operations_client"})


# Protobuf's Python packages are untyped: a message, its class or its descriptor.
Proto: TypeAlias = Any


@dataclass(frozen=True)
class Method:
    """One method of a service as its official client calls it.

    Attributes:
        path: ``/google.pubsub.v1.Publisher/Publish``.
        kind: ``unary_unary``, ``unary_stream``, ``stream_unary`` or ``stream_stream``.
        request: Raw message class of the request.
        response: Raw message class of the response.
        rules: Its HTTP rules (`rules_of`); none where nobody looked for them.
    """

    path: str
    kind: str
    request: Proto
    response: Proto
    rules: tuple[Mapping[str, str], ...] = field(default=(), compare=False)

    @property
    def name(self) -> str:
        """The RPC's name: ``Publish``."""
        return self.path.rpartition("/")[2]

    @property
    def service(self) -> str:
        """The full name of the service: ``google.pubsub.v1.Publisher``."""
        return self.path[1:].rpartition("/")[0]


@lru_cache
def methods(transport_class: type) -> Mapping[str, Method]:
    """Return every method a client's gRPC transport can call, mix-ins included, by RPC name."""
    notes = _NoteTaker()
    transport: Any = object.__new__(transport_class)
    transport._stubs = {}  # noqa: SLF001 - the transport's constructor would open a channel
    transport._grpc_channel = transport._logged_channel = notes  # noqa: SLF001 - likewise
    for name in dir(transport_class):
        found = getattr(transport_class, name)
        if name not in _NO_METHODS and isinstance(found, property):
            notes.hint = get_type_hints(found.fget).get("return")
            getattr(transport, name)
    return {method.name: method for method in notes.methods}


class _NoteTaker:
    """A channel that writes down what would be called."""

    def __init__(self) -> None:
        self.methods: list[Method] = []
        self.hint: Any = None  # Callable[[Request], Reply], as the property under way says

    def __getattr__(self, kind: str) -> Callable[..., None]:
        if kind not in _KINDS:
            raise AttributeError(kind)

        def note(path: str, *, request_serializer: Proto, response_deserializer: Proto) -> None:
            request, response = get_args(self.hint)
            types = pool_types(path) or (
                _owner(request_serializer) or request[0],
                _owner(response_deserializer) or response,
            )
            self.methods.append(Method(path, kind, *types))

        return note


def pool_types(path: str) -> tuple[Proto, Proto] | None:
    """Return request and reply class of a mix-in method; None for a service of its own package.

    Mix-in services (IAM, operations, locations) do have descriptors.
    """
    service, _, name = path[1:].partition("/")
    try:
        method = descriptor_pool.Default().FindServiceByName(service).methods_by_name[name]
    except KeyError:
        return None
    types = (method.input_type, method.output_type)
    return message_factory.GetMessageClass(types[0]), message_factory.GetMessageClass(types[1])


def _owner(converter: Proto) -> Proto:
    # Protobuf's own classes pass an unbound method, which does not know its class.
    owner: Proto = getattr(converter, "__self__", None)
    return owner.pb() if hasattr(owner, "pb") else owner


def rules_of(rest_base_class: type) -> Iterator[tuple[Method, dict[str, str]]]:
    """Yield each method of a ``_Base<Service>RestTransport`` with every HTTP rule of it.

    A rule has ``method``, ``uri`` (a path template) and perhaps ``body``
    (https://google.aip.dev/127).
    """
    known = methods(transport_beside(rest_base_class))
    for name, inner in vars(rest_base_class).items():
        method = known.get(name.removeprefix("_Base"))
        options = getattr(inner, "_get_http_options", None)
        if method is not None and options is not None:
            yield from ((method, rule) for rule in options())


def rest_rules(transport_class: type) -> Iterator[tuple[Method, dict[str, str]]]:
    """Yield what `rules_of` finds beside a gRPC transport; nothing where its client has no REST."""
    package = transport_class.__module__.rpartition(".")[0]
    name = transport_class.__name__.replace("GrpcTransport", "RestTransport")
    try:
        beside = importlib.import_module(f"{package}.rest_base")
    except ModuleNotFoundError:
        return
    yield from rules_of(getattr(beside, f"_Base{name}"))


def transport_beside(rest_base_class: type) -> type:
    """Return the gRPC transport class that belongs to a ``_Base<Service>RestTransport``."""
    package = rest_base_class.__module__.rpartition(".")[0]
    name = rest_base_class.__name__.removeprefix("_Base").replace("RestTransport", "GrpcTransport")
    found: type = getattr(importlib.import_module(f"{package}.grpc"), name)
    return found


def described(transport_class: type) -> list[Method]:
    """Return what `methods` finds, with its HTTP rules, in the order that the client has."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for method, rule in rest_rules(transport_class):
        found.setdefault(method.name, []).append(rule)
    known = methods(transport_class)
    names = dict.fromkeys((*found, *known))
    return [replace(known[name], rules=tuple(found.get(name, ()))) for name in names]


def stored(service: str) -> dict[str, list[Method]]:
    """Return the methods that an emulator's table has, by the full name of their client's service.

    Args:
        service: The emulator's package: ``pubsub``.
    """
    table = json.loads((_EMULATORS / service / TABLE).read_text(encoding="utf-8"))
    return {name: list(_read(client)) for name, client in table.items()}


def _read(client: Mapping[str, Any]) -> Iterator[Method]:
    types_of(client["package"])
    for module in client["imports"]:
        importlib.import_module(module)
    for said in client["methods"]:
        types = _message_class(said["request"]), _message_class(said["response"])
        yield Method(said["path"], said["kind"], *types, tuple(said["rules"]))


def _message_class(name: str) -> Proto:
    found = descriptor_pool.Default().FindMessageTypeByName(name)
    return message_factory.GetMessageClass(found)


def written(found: Iterable[Method], package: str) -> dict[str, Any]:
    """Return methods of one client as a table has them, JSON.

    Args:
        found: By `described`.
        package: The client's: ``google.pubsub_v1``.
    """
    listed = list(found)
    # The client's own messages say no module.
    modules = {kind.__module__ or "" for each in listed for kind in (each.request, each.response)}
    return {
        "package": package,
        "imports": sorted(module for module in modules if module.endswith("_pb2")),
        "methods": [
            {
                "path": each.path,
                "kind": each.kind,
                "request": each.request.DESCRIPTOR.full_name,
                "response": each.response.DESCRIPTOR.full_name,
                "rules": [dict(rule) for rule in each.rules],
            }
            for each in listed
        ],
    }
