"""Calls of an implementation, the same from gRPC and REST."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, Any

import grpc

from emulators.core import errors

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from emulators.core.context import Context
    from emulators.core.methods import Method, Proto

logger = logging.getLogger(__name__)

ServicerContext = grpc.aio.ServicerContext[Any, Any]


class Binding:
    """Calls an implementation's methods with faults, and turns what goes wrong into EmulatorError.

    Args:
        implementation: Has a coroutine (unary reply) or async generator (streamed reply) per RPC.
        service: Name of the emulator, as fault rules call it.
        context: The local cloud.
    """

    def __init__(self, implementation: object, service: str, context: Context) -> None:
        self._implementation = implementation
        self._service = service
        self._faults = context.faults

    def implements(self, method: Method) -> bool:
        """Whether the implementation has this RPC."""
        return hasattr(self._implementation, method.name)

    async def unary(self, method: Method, request: Proto, caller: ServicerContext | None) -> Proto:
        """Answer with one message.

        Raises:
            EmulatorError: The call failed; INTERNAL when the emulator is at fault.
        """
        try:
            await self._faults.before(self._service, method.name)
            reply = await self._find(method)(request, caller)
            await self._faults.after(self._service, method.name)
        except Exception as error:
            raise _told(error, method) from error
        return reply

    async def stream(
        self,
        method: Method,
        request: Proto,
        caller: ServicerContext | None,
    ) -> AsyncGenerator[Proto, None]:
        """Answer with messages as they come.

        Raises:
            EmulatorError: The call failed; INTERNAL when the emulator is at fault.
        """
        try:
            await self._faults.before(self._service, method.name)
            async with contextlib.aclosing(self._find(method)(request, caller)) as replies:
                async for reply in replies:
                    yield reply
            await self._faults.after(self._service, method.name)
        except Exception as error:
            raise _told(error, method) from error

    def _find(self, method: Method) -> Callable[..., Any]:
        found: Callable[..., Any] | None = getattr(self._implementation, method.name, None)
        if found is None:
            raise not_supported(method.path)
        return found


def not_supported(path: str) -> errors.EmulatorError:
    """UNIMPLEMENTED, with the full name of the method."""
    return errors.unimplemented(f"{path.strip('/').replace('/', '.')} is not supported here")


def _told(error: Exception, method: Method) -> errors.EmulatorError:
    if isinstance(error, errors.EmulatorError):
        return error
    if isinstance(error, grpc.aio.AbortError):
        raise error
    logger.error("call.failed", exc_info=error, extra={"method": method.path})
    return errors.internal(f"{method.name} failed inside the emulator: {error!r}")
