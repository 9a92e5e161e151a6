"""The proxy: TLS for Google's host names ends here, and what was inside goes to an emulator."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulators.core.hosts import is_google, is_name, place_of
from emulators.core.server import HOST, Running, serve
from emulators.core.splice import Splice
from emulators.proxy.behind import refusal, under_prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from emulators.core.hosts import Place
    from emulators.proxy.authority import Authority

logger = logging.getLogger(__name__)

HTTPS = 443
_GREETING_SECONDS = 10.0
_PAUSE_SECONDS = 0.1
_LONGEST_HEAD = 16 * 1024
_HEAD_END = b"\r\n\r\n"
_TLS_HANDSHAKE = b"\x16"  # the type of a record that holds one, RFC 8446 §5.1
_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


class UnreachableError(Exception):
    """What was asked for is not reached through this proxy.

    Attributes:
        status: Status line of the answer, with the reason.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.status = f"{code} {reason}"


class Proxy:
    """Answers CONNECT, and TLS as it comes, on a port of 127.0.0.1.

    A host of Google's that no emulator stands for is answered all the same, by a refusal with its
    name in the form that clients understand; any other host is refused at CONNECT.

    Args:
        authority: Gives who vouches for the hosts; asked when the first client comes.
        addresses: Of the emulators, by service.
    """

    def __init__(self, authority: Callable[[], Authority], addresses: Mapping[str, str]) -> None:
        self._authority = authority
        self._addresses = addresses
        self._connections: set[Splice] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._behind: dict[Place | None, Running] = {}
        self._listener: socket.socket

    async def start(self, port: int) -> Proxy:
        """Listen.

        Args:
            port: Where; 0 takes any free port.

        Raises:
            OSError: The port is taken.
        """
        self._behind[None] = await serve(refusal(), 0)
        self._listener = socket.create_server((HOST, port), backlog=1024)
        self._listener.setblocking(False)
        self._spawn(self._accept())
        return self

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""
        return int(self._listener.getsockname()[1])

    @property
    def address(self) -> str:
        """``127.0.0.1:port``."""
        return f"{HOST}:{self.port}"

    async def stop(self) -> None:
        """Close the port and end what is under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._listener.close()
        for connection in list(self._connections):
            connection.abort()
        await asyncio.sleep(0)  # for what is closed to be gone
        for running in self._behind.values():
            await running.stop()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                client, _ = await loop.sock_accept(self._listener)
                client.setblocking(False)
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as error:
                # It left while it came, or too many are here: those that leave make room.
                logger.warning("proxy.accept-failed", extra={"error": str(error)})
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            self._spawn(self._greet(client))

    async def _greet(self, client: socket.socket) -> None:
        """Take a client as far as its first word inside TLS."""
        try:
            async with asyncio.timeout(_GREETING_SECONDS):
                greeted = await self._greeted(client)
                await self._join(client, greeted)
        except UnreachableError as refused:
            logger.info("proxy.refused", extra={"status": refused.status})
            await _answer(
                client, f"HTTP/1.1 {refused.status}\r\nContent-Length: 0\r\n\r\n".encode()
            )
            client.close()
        except (OSError, TimeoutError):
            # It left, or does not trust the authority.
            client.close()

    async def _greeted(self, client: socket.socket) -> _Greeting:
        """Return how to speak TLS with this client, and with whom it wants to speak."""
        first = await _peek(client)
        if first == _TLS_HANDSHAKE:
            return self._by_name()
        host = asked_host(await _head(client))
        await asyncio.get_running_loop().sock_sendall(client, _ESTABLISHED)
        return _Greeting(self._authority().context(host), [host])

    def _by_name(self) -> _Greeting:
        """Whoever comes without CONNECT says in the greeting whom they want (SNI)."""
        context, hosts = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), list[str]()

        def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
            host = (name or "").lower()
            if not (is_name(host) and is_google(host)):
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            hosts.append(host)
            connection.context = self._authority().context(host)
            return None

        context.sni_callback = choose
        return _Greeting(context, hosts)

    async def _join(self, client: socket.socket, greeting: _Greeting) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_accepted_socket(
            _Held, client, ssl=greeting.context, ssl_handshake_timeout=_GREETING_SECONDS
        )
        port = await self._port(greeting.hosts[0])
        Splice(transport, b"", self._connections).connect(
            lambda make: loop.create_connection(make, HOST, port)
        )

    async def _port(self, host: str) -> int:
        """Return where the requests for a host are answered."""
        place = place_of(host)
        address = self._addresses.get(place.service) if place else None
        if place is None or address is None:
            logger.info("proxy.host-refused", extra={"host": host})
            return self._behind[None].port
        if not place.prefix:
            return int(address.rpartition(":")[2])
        if place not in self._behind:
            self._behind[place] = await serve(under_prefix(address, place.prefix), 0)
        return self._behind[place].port


@dataclass(frozen=True)
class _Greeting:
    """How TLS with a client begins.

    Attributes:
        context: What we speak.
        hosts: Whom it wants first of all; filled by the time TLS is spoken.
    """

    context: ssl.SSLContext
    hosts: list[str]


class _Held(asyncio.Protocol):
    """Reads nothing until somebody is there to read for."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hold what the client says."""
        if isinstance(transport, asyncio.Transport):
            transport.pause_reading()


def asked_host(head: bytes) -> str:
    """Return the host that a proxy's client asks for.

    Args:
        head: The request's first lines (RFC 9110 §9.3.6).

    Raises:
        UnreachableError: It is no CONNECT to port 443 of one of Google's hosts; it says which.
    """
    method, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
    target = rest.partition(" ")[0]
    host, _, port = target.lower().rpartition(":")
    if method != "CONNECT":
        raise UnreachableError(
            405, "only CONNECT is served here: this proxy is for https addresses"
        )
    if not is_name(host):
        raise UnreachableError(400, "CONNECT needs a host name and a port")
    if port != str(HTTPS):
        raise UnreachableError(403, f"{host} is reached at port {HTTPS} alone")
    if not is_google(host):
        raise UnreachableError(
            403, f"{host} is not Google's: name it in NO_PROXY to reach it directly"
        )
    return host


async def _peek(client: socket.socket) -> bytes:
    """Return the first byte a client sends and leave it where it is."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(client, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(client)
    return client.recv(1, socket.MSG_PEEK)


async def _head(client: socket.socket) -> bytes:
    loop, head = asyncio.get_running_loop(), b""
    while _HEAD_END not in head:
        more = await loop.sock_recv(client, _LONGEST_HEAD)
        head += more
        if not more:
            raise ConnectionResetError("the client left before it said what it wants")
        if len(head) > _LONGEST_HEAD:
            raise UnreachableError(431, "the request is too long")
    # TLS begins when CONNECT is answered; what came before that would be lost.
    if not head.endswith(_HEAD_END):
        raise UnreachableError(400, "nothing may follow CONNECT before its answer")
    return head


async def _answer(client: socket.socket, content: bytes) -> None:
    with contextlib.suppress(OSError):
        await asyncio.get_running_loop().sock_sendall(client, content)
