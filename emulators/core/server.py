"""One port per service for gRPC and REST, told apart by the first bytes a client sends.

REST is made when its first client comes: until then nothing of aiohttp is loaded.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import shutil
import socket
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc

from emulators.core.connections import OPEN
from emulators.core.splice import Splice
from emulators.core.wire import fallback_handler

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from aiohttp import web

    from emulators.core.recorder import Recorder
    from emulators.core.splice import Closable, Pipe

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
# HTTP/2 opens with "PRI * HTTP/2.0" (RFC 9113 section 3.4); no HTTP/1 method begins so.
_HTTP2 = b"PRI"
_GRPC_OPTIONS = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.so_reuseport", 0),
)
_GRACE_SECONDS = 0.5
_NUMBERS = itertools.count(1)  # of connections, in this process


async def _nothing() -> None:
    """Neither start nor stop needs anything."""


def _no_routes() -> Sequence[web.RouteDef]:
    """A service of gRPC alone."""
    return ()


@dataclass
class Endpoint:
    """What one service answers.

    Attributes:
        name: The service, as addresses and fault rules call it.
        grpc_handlers: From `emulators.core.wire.grpc_handler`.
        routes: Makes those of `emulators.core.transcoder.rest_routes`, and the service's own;
            called once, when the first client of HTTP/1 comes.
        on_start: Awaited before the port opens.
        on_stop: Awaited after it is closed; ends open streams and background work.
        recorder: Notes the plain HTTP requests that change something.
    """

    name: str
    grpc_handlers: Sequence[grpc.GenericRpcHandler[Any, Any]] = ()
    routes: Callable[[], Sequence[web.RouteDef]] = _no_routes
    on_start: Callable[[], Awaitable[None]] = field(default=_nothing)
    on_stop: Callable[[], Awaitable[None]] = field(default=_nothing)
    recorder: Recorder | None = None


class Running:
    """A service that answers.

    Attributes:
        endpoint: What it serves.
        port: Where it listens, on 127.0.0.1.
    """

    def __init__(self, endpoint: Endpoint, parts: _Parts) -> None:
        self.endpoint = endpoint
        self.port: int = parts.listener.sockets[0].getsockname()[1]
        self._parts = parts

    @property
    def address(self) -> str:
        """``127.0.0.1:port``."""
        return f"{HOST}:{self.port}"

    async def stop(self) -> None:
        """Close the port, end what is under way and give back every resource."""
        self._parts.listener.close()
        await self.endpoint.on_stop()
        await self._parts.stop()


@dataclass
class _Parts:
    listener: asyncio.Server
    grpc_server: grpc.aio.Server
    rest: _Rest
    socket_folder: Path
    connections: set[Closable]

    async def stop(self) -> None:
        await self.grpc_server.stop(_GRACE_SECONDS)
        for connection in list(self.connections):
            connection.close()
        await asyncio.sleep(0)  # for what is closed to be gone
        await self.rest.stop()
        await self.listener.wait_closed()
        shutil.rmtree(self.socket_folder, ignore_errors=True)


async def serve(endpoint: Endpoint, port: int) -> Running:
    """Start a service on 127.0.0.1.

    Args:
        endpoint: What it answers.
        port: Where; 0 takes any free port.

    Raises:
        OSError: The port is taken.
    """
    loop = asyncio.get_running_loop()
    # A short path: the address of a UNIX socket holds 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="mg-"))
    connections: set[Closable] = set()
    rest = _Rest(endpoint)
    grpc_server = await _grpc_server(endpoint, folder)
    await endpoint.on_start()
    listener = await loop.create_server(
        lambda: _Mux(str(folder / "grpc"), rest, connections), HOST, port, backlog=1024
    )
    return Running(endpoint, _Parts(listener, grpc_server, rest, folder, connections))


async def _grpc_server(endpoint: Endpoint, folder: Path) -> grpc.aio.Server:
    server = grpc.aio.server(options=_GRPC_OPTIONS)
    server.add_generic_rpc_handlers((*endpoint.grpc_handlers, fallback_handler()))
    server.add_insecure_port(f"unix:{folder / 'grpc'}")
    await server.start()
    return server


class _Rest:
    """The REST side of an endpoint, once somebody asked for it."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._starting: asyncio.Task[web.Server] | None = None
        self._runner: web.AppRunner | None = None

    def server(self) -> asyncio.Task[web.Server]:
        """Return what makes a protocol for each connection, made at the first call."""
        if self._starting is None:
            self._starting = asyncio.get_running_loop().create_task(self._start())
        return self._starting

    async def _start(self) -> web.Server:
        from emulators.core.rest_server import started  # noqa: PLC0415 - with it comes aiohttp

        self._runner, server = await started(self._endpoint, _GRACE_SECONDS)
        return server

    async def stop(self) -> None:
        """End what is open."""
        if self._starting is not None:
            await asyncio.wait([self._starting])
        if self._runner is not None:
            await self._runner.cleanup()


class _Mux(asyncio.Protocol):
    """Reads the first bytes of a connection, then hands it to gRPC or to REST for good."""

    def __init__(self, grpc_path: str, rest: _Rest, connections: set[Closable]) -> None:
        self._grpc_path = grpc_path
        self._rest = rest
        self._connections = connections
        self._first = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for what the client says first."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
            self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Forget a client that left without a word."""
        self._connections.discard(self)

    def close(self) -> None:
        """Drop a client that has said nothing yet."""
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Decide as soon as the bytes differ from, or complete, HTTP/2's opening."""
        self._first += data
        if self._first.startswith(_HTTP2):
            self._connections.discard(self)
            _splice(self._transport, self._first, self._connections, self._grpc_path)
        elif not _HTTP2.startswith(self._first):
            # What else it says waits in its socket.
            self._transport.pause_reading()
            self._rest.server().add_done_callback(self._become_http)

    def _become_http(self, made: asyncio.Task[web.Server]) -> None:
        self._connections.discard(self)
        if self._transport.is_closing():  # it left meanwhile, or the service ends
            return
        if made.cancelled() or (error := made.exception()) is not None:
            logger.error("rest.failed", exc_info=None if made.cancelled() else error)
            self.close()
            return
        protocol = made.result()()
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)
        protocol.data_received(self._first)
        self._transport.resume_reading()


def _splice(client: asyncio.Transport, first: bytes, connections: set[Closable], path: str) -> None:
    """Lead a client to gRPC by a socket with a name, which calls are told as their peer."""
    name = Path(path).with_name(f"c{next(_NUMBERS)}")
    splice = Splice(client, first, connections, on_close=lambda: OPEN.pop(f"unix:{name}", None))
    OPEN[f"unix:{name}"] = splice

    async def opened(make: Callable[[], Pipe]) -> tuple[asyncio.Transport, Pipe]:
        own = await _named_socket(name, path)
        return await asyncio.get_running_loop().create_unix_connection(make, sock=own)

    splice.connect(opened)


def _unlink(name: Path) -> None:
    name.unlink(missing_ok=True)


async def _named_socket(name: Path, path: str) -> socket.socket:
    own = socket.socket(socket.AF_UNIX)
    own.setblocking(False)
    try:
        own.bind(str(name))
        await asyncio.get_running_loop().sock_connect(own, path)
    except OSError:
        own.close()
        raise
    finally:
        _unlink(name)
    return own
