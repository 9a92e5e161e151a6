"""Calls of an implementation, the same from gRPC and REST."""

from __future__ import annotations

import contextlib
import copy
import logging
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import grpc

from emulators.core import errors
from emulators.core.connections import cut
from emulators.core.faults import DisconnectedError
from emulators.core.resources import resources_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable

    from aiohttp import web

    from emulators.core.context import Context
    from emulators.core.methods import Method, Proto
    from emulators.core.rules import Kind

logger = logging.getLogger(__name__)

ServicerContext = grpc.aio.ServicerContext[Any, Any]

REQUEST: ContextVar[web.Request | None] = ContextVar("request", default=None)
"""The HTTP request under way, which a fault may have to disconnect."""

_STALE = b"stale"


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
        self._recorder = context.recorder

    def implements(self, method: Method) -> bool:
        """Whether the implementation has this RPC."""
        return hasattr(self._implementation, method.name)

    def know(self, method: Method) -> None:
        """Let fault rules and replays name a method, if it is implemented."""
        if self.implements(method):
            streamed = method.kind.endswith("stream")
            kind: Kind = "listen" if method.name == "Listen" else "stream" if streamed else "call"
            self._faults.know(self._service, {method.name: kind})
            self._recorder.bind(method, self)

    async def unary(self, method: Method, request: Proto, caller: ServicerContext | None) -> Proto:
        """Answer with one message.

        Raises:
            EmulatorError: The call failed; INTERNAL when the emulator is at fault.
        """
        try:
            if self._faults.active:
                return await self._disturbed(method, request, caller)
            return await self._call(method, request, caller)
        except Exception as error:
            raise _told(error, method, caller) from error

    async def _disturbed(
        self, method: Method, request: Proto, caller: ServicerContext | None
    ) -> Proto:
        about = self._service, method.name, resources_of(request)
        twin = copy.deepcopy(request) if self._faults.strikes("duplicate", *about) else None
        await self._faults.before(*about)
        reply = await self._call(method, request, caller)
        if twin is not None:
            with contextlib.suppress(errors.EmulatorError):
                await self._call(method, twin, caller)
        await self._faults.after(*about)
        return reply

    async def _call(self, method: Method, request: Proto, caller: ServicerContext | None) -> Proto:
        answer = self._find(method)
        # JSON of no message comes by plain HTTP, which is noted where it arrives.
        if not self._recorder.active or isinstance(request, dict):
            return await answer(request, caller)
        async with self._recorder.call(self._service, method, request) as call:
            reply = await answer(request, caller)
            call.replied(reply)
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
            first = request
            if method.kind.startswith("stream"):
                first = await anext(aiter(request), None)
            about = self._service, method.name, resources_of(first)
            await self._faults.before(*about)
            answers = self._answers(method, first, request, caller)
            async with (
                contextlib.aclosing(answers),
                contextlib.aclosing(self._turned(answers, about)) as replies,
            ):
                async for reply in replies:
                    yield reply
            await self._faults.after(*about)
        except Exception as error:
            raise _told(error, method, caller) from error

    async def _answers(
        self, method: Method, first: Proto, rest: Proto, caller: ServicerContext | None
    ) -> AsyncGenerator[Proto, None]:
        answer = self._find(method)
        requests = self._requests(first, rest, method) if rest is not first else first
        if not self._recorder.active:
            async with contextlib.aclosing(answer(requests, caller)) as replies:
                async for reply in replies:
                    yield reply
            return
        async with self._recorder.call(self._service, method, first) as call:
            if rest is not first:
                requests = call.noted(requests)
            async with contextlib.aclosing(answer(requests, caller)) as replies:
                async for reply in replies:
                    call.replied(reply)
                    yield reply
                    call.note({"sent": True})

    async def _requests(
        self, first: Proto, rest: AsyncIterator[Proto], method: Method
    ) -> AsyncIterator[Proto]:
        """Yield what a client says on a stream, with resume tokens that faults made stale."""
        if first is None:
            return
        about = self._service, method.name, resources_of(first)
        yield self._stale(first, about)
        async for request in rest:
            yield self._stale(request, about)

    def _stale(self, request: Proto, about: tuple[str, str, tuple[str, ...]]) -> Proto:
        if not self._faults.active or not _resumes(request):
            return request
        if not self._faults.strikes("stale", *about):
            return request
        changed = copy.deepcopy(request)
        changed.add_target.resume_token = _STALE
        return changed

    async def _turned(
        self, replies: AsyncIterator[Proto], about: tuple[str, str, tuple[str, ...]]
    ) -> AsyncGenerator[Proto, None]:
        """Yield replies, those that faults strike lost, twice, or behind the next one."""
        number, held = 0, []
        async for reply in replies:
            number += 1
            struck = await self._faults.reply(*about, number) if self._faults.active else ()
            if "drop" in struck:
                continue
            copies = [reply, reply] if "duplicate" in struck else [reply]
            if "reorder" in struck:
                held += copies
                continue
            for each in (*copies, *held):
                yield each
            held = []
        for each in held:
            yield each

    def _find(self, method: Method) -> Callable[..., Any]:
        found: Callable[..., Any] | None = getattr(self._implementation, method.name, None)
        if found is None:
            raise not_supported(method.path)
        return found


def _resumes(request: Proto) -> bool:
    target = getattr(request, "add_target", None)
    return target is not None and target.WhichOneof("resume_type") is not None


def not_supported(path: str) -> errors.EmulatorError:
    """UNIMPLEMENTED, with the full name of the method."""
    return errors.unimplemented(f"{path.strip('/').replace('/', '.')} is not supported here")


def _told(error: Exception, method: Method, caller: ServicerContext | None) -> errors.EmulatorError:
    if isinstance(error, DisconnectedError):
        _disconnect(caller)
    if isinstance(error, errors.EmulatorError):
        return error
    if isinstance(error, grpc.aio.AbortError):
        raise error
    logger.error("call.failed", exc_info=error, extra={"method": method.path})
    return errors.internal(f"{method.name} failed inside the emulator: {error!r}")


def _disconnect(caller: ServicerContext | None) -> None:
    if caller is not None:
        cut(caller.peer())
    elif (request := REQUEST.get()) is not None and request.transport is not None:
        request.transport.abort()
