"""The front router: ``/{service}/rest`` reaches the function's process with the prefix stripped.

It sits between every two functions, so it reads heads only: bodies and answers pass as bytes.
Requests on one connection are answered one after the other.
"""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

import httptools

from emulators.cloud_run.access import (
    AUTHORIZATION,
    SERVERLESS,
    Access,
    Refusal,
    without_signature,
)
from emulators.cloud_run.functions import Function
from emulators.cloud_run.slots import Slots, State

HOP_BY_HOP = frozenset({b"connection", b"keep-alive", b"proxy-connection", b"te", b"upgrade"})
FINAL_STATUS = 200
REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
}


@dataclass(frozen=True)
class Target:
    """A function and where its process listens."""

    function: Function
    port: int


@dataclass(frozen=True)
class Call:
    """A request the router answers itself."""

    method: str
    path: str
    body: bytes


Answer = tuple[int, object]
Local = Callable[[Call], Awaitable[Answer]]


@dataclass
class Routes:
    """What the router knows.

    Attributes:
        targets: By service.
        slots: State of each function's process.
        access: Checks identity tokens.
        local: Answers by first segment of the path: the run API, the host's own pages.
    """

    targets: Mapping[str, Target]
    slots: Slots
    access: Access
    local: Mapping[str, Local] = field(default_factory=dict)
    idle: dict[str, list["Backend"]] = field(default_factory=dict)


class Backend(asyncio.Protocol):
    """One connection to a function's process, used by one exchange at a time."""

    def __init__(self, routes: Routes, service: str) -> None:
        self._idle = routes.idle.setdefault(service, [])
        self._parser: httptools.HttpResponseParser | None = None
        self._client: Client | None = None
        self._is_head = False
        self.transport: asyncio.Transport
        self.begun = False
        self._done = False
        self._keep = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        self.transport = cast("asyncio.Transport", transport)

    def begin(self, client: "Client", *, is_head: bool) -> None:
        """Serve ``client`` until its answer is complete."""
        self._client, self._is_head = client, is_head
        self._parser = httptools.HttpResponseParser(self)
        self.begun = self._done = self._keep = False

    def data_received(self, data: bytes) -> None:
        """Pass the answer on and notice its end."""
        if self._client is None or self._parser is None:
            self.transport.abort()  # it speaks without being asked
            return
        self.begun = True
        client, parser = self._client, self._parser
        client.transport.write(data)
        try:
            parser.feed_data(data)
        except httptools.HttpParserError:
            self.transport.abort()
            client.transport.close()
            return
        if self._done:
            self._release(client, keep=self._keep)

    def on_headers_complete(self) -> None:
        """An answer to HEAD ends with its head, whatever length it names."""
        if self._is_head:
            self._done = self._keep = True

    def on_message_complete(self) -> None:
        """The answer is complete, unless it was an interim one (RFC 9110, 15.2)."""
        if self._parser is not None and self._parser.get_status_code() >= FINAL_STATUS:
            self._done = True
            self._keep = self._keep or self._parser.should_keep_alive()

    def _release(self, client: "Client", *, keep: bool) -> None:
        self._client = self._parser = None
        if keep and not self._is_head:  # the parser cannot tell about a head without its body
            self._idle.append(self)
        else:
            self.transport.close()
        client.answered(keep=keep)

    def pause_writing(self) -> None:
        """The function reads slowly: stop reading from the client."""
        if self._client:
            self._client.transport.pause_reading()

    def resume_writing(self) -> None:
        """There is room again."""
        if self._client:
            self._client.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Tell whoever waits; an idle connection is just forgotten."""
        if self in self._idle:
            self._idle.remove(self)
        client, self._client = self._client, None
        if client is not None:
            client.lost(begun=self.begun)


class Client(asyncio.Protocol):
    """One connection from a caller."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes
        self._parser = httptools.HttpRequestParser(self)
        self.transport: asyncio.Transport
        self._busy = False
        self._held = b""
        self._forget()

    def _forget(self) -> None:
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._waiting: list[bytes] = []
        self._backend: Backend | None = None
        self._refusal: Refusal | None = None
        self._local: Local | None = None
        self._target: Target | None = None
        self._chunked = False
        self._work: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Read a request; what comes before its answer is complete waits."""
        if self._busy and self._complete:
            self._held += data
            self.transport.pause_reading()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._reply(400, {"error": "upgrades are not supported"}, keep=False)
        except httptools.HttpParserError as error:
            self._reply(400, {"error": f"not a request: {error}"}, keep=False)

    def on_message_begin(self) -> None:
        """A request starts."""
        if self._busy:
            raise ValueError("a request before the answer to the one before it")
        self._busy, self._complete = True, False
        self._forget()

    def on_url(self, url: bytes) -> None:
        """Its target, perhaps in pieces."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Choose who answers and send the head on."""
        path, mark, query = self._url.partition(b"?")
        first, _, rest = path.lstrip(b"/").partition(b"/")
        service = first.decode("latin-1")
        self._local = self._routes.local.get(service)
        if self._local is not None:
            return
        self._target = self._routes.targets.get(service)
        self._refusal = self._refused(service)
        if self._refusal is None and self._target is not None:
            self._send_head(b"/" + rest + mark + query, self._target)

    def _refused(self, service: str) -> Refusal | None:
        if self._target is None:
            return Refusal(404, f"there is no service {service!r} here")
        if self._routes.slots.state(self._target.function.name) is State.FAILED:
            name = self._target.function.name
            return Refusal(503, f"{name} does not start: see its log {name}.log")
        if self._target.function.is_public:
            return None
        return self._routes.access.check(service, dict(self._headers))

    def _send_head(self, path: bytes, target: Target) -> None:
        headers = dict(self._headers)
        self._chunked = b"chunked" in headers.get(b"transfer-encoding", b"").lower()
        method = self._parser.get_method()
        lines = [method + b" " + path + b" HTTP/1.1"]
        lines += [k + b": " + v for k, v in _passed(self._headers)]
        self._forward(b"\r\n".join(lines) + b"\r\n\r\n")
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(target.function.timeout_seconds, self._time_out)
        self._connect(target, is_head=method == b"HEAD")

    def _connect(self, target: Target, *, is_head: bool) -> None:
        idle = self._routes.idle.get(target.function.service)
        if idle:
            self._attach(idle.pop(), is_head=is_head)
            return
        self._work = asyncio.get_running_loop().create_task(self._open(target, is_head=is_head))

    async def _open(self, target: Target, *, is_head: bool) -> None:
        loop, service = asyncio.get_running_loop(), target.function.service
        try:
            _, backend = await loop.create_connection(
                lambda: Backend(self._routes, service), "127.0.0.1", target.port
            )
        except OSError:
            self._reply(503, {"error": f"{service} cannot be reached"}, keep=False)
            return
        self._attach(backend, is_head=is_head)

    def _attach(self, backend: Backend, *, is_head: bool) -> None:
        backend.begin(self, is_head=is_head)
        self._backend = backend
        if self._waiting:
            backend.transport.write(b"".join(self._waiting))
            self._waiting = []

    def _forward(self, data: bytes) -> None:
        if self._backend is not None:
            self._backend.transport.write(data)
        else:
            self._waiting.append(data)

    def on_body(self, data: bytes) -> None:
        """A piece of the body."""
        if self._local is not None:
            self._waiting.append(data)
        elif self._refusal is None:
            self._forward(b"%x\r\n%s\r\n" % (len(data), data) if self._chunked else data)

    def on_message_complete(self) -> None:
        """The request is complete: what the router answers itself is answered now."""
        self._complete = True
        if self._refusal is not None:
            self._reply(self._refusal.status, {"error": self._refusal.message})
        elif self._local is not None:
            self._work = asyncio.get_running_loop().create_task(self._answer(self._local))
        elif self._chunked:
            self._forward(b"0\r\n\r\n")

    async def _answer(self, local: Local) -> None:
        path = self._url.partition(b"?")[0].decode("latin-1")
        method = self._parser.get_method().decode()
        try:
            status, body = await local(Call(method, path, b"".join(self._waiting)))
        except ValueError as error:
            status, body = 400, {"error": {"code": 400, "message": str(error)}}
        self._reply(status, body)

    def _reply(self, status: int, body: object, *, keep: bool = True) -> None:
        content = json.dumps(body).encode()
        reason = REASONS.get(status, "Unknown")
        connection = "keep-alive" if keep else "close"
        head = (
            f"HTTP/1.1 {status} {reason}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(content)}\r\nconnection: {connection}\r\n\r\n"
        )
        self.transport.write(head.encode() + content)
        self.answered(keep=keep)

    def _time_out(self) -> None:
        """Cloud Run's own answer to a request that takes too long."""
        backend, self._backend = self._backend, None
        begun = backend is not None and backend.begun
        if backend is not None:
            backend.transport.abort()
        if begun:
            self.transport.abort()
        else:
            self._reply(504, {"error": "the request took longer than its timeout"}, keep=False)

    def answered(self, *, keep: bool) -> None:
        """The answer is complete: take the next request, or end."""
        if self._timer:
            self._timer.cancel()
        self._busy, self._backend = False, None
        if not keep or not self._parser.should_keep_alive():
            self.transport.close()
            return
        held, self._held = self._held, b""
        if held:
            self.transport.resume_reading()
            self.data_received(held)

    def lost(self, *, begun: bool) -> None:
        """The function's process is gone in the middle of an exchange."""
        if self._timer:
            self._timer.cancel()
        if not self._busy or self._backend is None:
            return
        if begun:
            self.transport.close()
        else:
            self._reply(503, {"error": "the function ended before it answered"}, keep=False)

    def pause_writing(self) -> None:
        """The caller reads slowly: stop reading from the function."""
        if self._backend:
            self._backend.transport.pause_reading()

    def resume_writing(self) -> None:
        """There is room again."""
        if self._backend:
            self._backend.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """A caller that leaves ends the work done for it."""
        if self._timer:
            self._timer.cancel()
        backend, self._backend = self._backend, None
        if backend is not None:
            backend.transport.abort()
        elif self._work is not None and self._local is None:
            self._work.cancel()


def _passed(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return the headers a function sees: identity tokens without their signature."""
    names = {name for name, _ in headers}
    used = SERVERLESS if SERVERLESS in names else AUTHORIZATION
    kept = [(k, v) for k, v in headers if k not in HOP_BY_HOP]
    return [(k, without_signature(v) if k == used else v) for k, v in kept]


async def serve(routes: Routes, listener: socket.socket) -> asyncio.Server:
    """Answer on a listening socket until the server returned is closed."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Client(routes), sock=listener)
