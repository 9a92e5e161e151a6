"""Binding of an implementation to gRPC, from what the installed client packages know."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import grpc

from emulators.core import errors
from emulators.core.binding import Binding, ServicerContext, not_supported
from emulators.core.methods import Method, Proto, pool_types

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping

    from emulators.core.context import Context

__all__ = ["ServicerContext", "fallback_handler", "grpc_handler"]


def grpc_handler(
    methods: Iterable[Method], implementation: object, *, service: str, context: Context
) -> Handlers:
    """Serve every method of a client from ``implementation``.

    Args:
        methods: Of the client, from `emulators.core.methods`.
        implementation: ``async def Publish(request, context)`` and so on, on raw messages; streamed
            requests arrive as an async iterator, streamed replies are async generators.
        service: Name of the emulator, as fault rules call it.
        context: The local cloud.

    Returns:
        A handler; methods the implementation lacks answer UNIMPLEMENTED with their full name.
    """
    binding = Binding(implementation, service, context)
    found = list(methods)
    # A mix-in method that is absent here may be another service's of the same port.
    own = {m.service for m in found if pool_types(m.path) is None}
    bound = [m for m in found if binding.implements(m) or m.service in own]
    for method in bound:
        binding.know(method)
    supported = {m: binding.implements(m) for m in bound}
    return Handlers({m.path: _rpc_handler(m, binding) for m in bound}, supported)


class Handlers(grpc.GenericRpcHandler):  # type: ignore[type-arg]  # not generic at run time
    """Handlers by path.

    Attributes:
        supported: Whether the implementation has it, by method.
    """

    def __init__(
        self,
        handlers: Mapping[str, grpc.RpcMethodHandler[Any, Any]],
        supported: Mapping[Method, bool],
    ) -> None:
        self._handlers = handlers
        self.supported = supported

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """Return the handler of the called path, if it is ours."""
        return self._handlers.get(handler_call_details.method)


def _rpc_handler(method: Method, binding: Binding) -> grpc.RpcMethodHandler[Any, Any]:
    behavior = (
        _streamed(method, binding) if method.kind.endswith("stream") else _unary(method, binding)
    )
    make: Any = getattr(grpc, f"{method.kind}_rpc_method_handler")
    handler: grpc.RpcMethodHandler[Any, Any] = make(
        behavior,
        request_deserializer=method.request.FromString,
        response_serializer=method.response.SerializeToString,
    )
    return handler


def _unary(method: Method, binding: Binding) -> Callable[[Any, ServicerContext], Awaitable[Any]]:
    async def call(request: Proto, caller: ServicerContext) -> Proto:
        try:
            return await binding.unary(method, request, caller)
        except errors.EmulatorError as error:
            failure = error
        return await errors.abort(caller, failure)

    return call


def _streamed(
    method: Method, binding: Binding
) -> Callable[[Any, ServicerContext], AsyncIterator[Any]]:
    async def call(request: Proto, caller: ServicerContext) -> AsyncIterator[Any]:
        try:
            async with contextlib.aclosing(binding.stream(method, request, caller)) as replies:
                async for reply in replies:
                    yield reply
        except errors.EmulatorError as error:
            failure = error
        else:
            return
        await errors.abort(caller, failure)

    return call


def fallback_handler() -> grpc.GenericRpcHandler[Any, Any]:
    """Answer UNIMPLEMENTED with the full method name to whatever no other handler took."""
    return _Fallback()


class _Fallback(grpc.GenericRpcHandler):  # type: ignore[type-arg]  # not generic at run time
    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler[Any, Any]:
        """Return a handler that refuses."""
        failure = not_supported(handler_call_details.method)

        async def refuse(_requests: Proto, caller: ServicerContext) -> AsyncIterator[bytes]:
            await errors.abort(caller, failure)
            yield b""

        handler: grpc.RpcMethodHandler[Any, Any] = grpc.stream_stream_rpc_method_handler(refuse)
        return handler
