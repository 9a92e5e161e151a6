"""What the proxy and its authority refuse."""

from __future__ import annotations

import asyncio
import ssl
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import grpc
import pytest
import pytest_asyncio
from aiohttp import web

from emulators.core.clock import VirtualClock
from emulators.core.server import HOST, Endpoint, serve
from emulators.proxy.authority import AUTHORITY_LIFE, HOST_LIFE, Authority
from emulators.proxy.tunnel import Proxy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

# asyncio ends the connection before it sends the alert.
REFUSED = (ssl.SSLError, ConnectionResetError)
PUBSUB = "pubsub.googleapis.com"


@dataclass(frozen=True)
class Lab:
    """A proxy before one service that says whom it was called for."""

    proxy: Proxy
    authority: Authority

    async def connect(self, target: str, method: str = "CONNECT") -> str:
        """Return the status line that a proxy's client reads."""
        reader, writer = await asyncio.open_connection(HOST, self.proxy.port)
        writer.write(f"{method} {target} HTTP/1.1\r\n\r\n".encode())
        line = (await reader.readline()).decode().strip()
        writer.close()
        await writer.wait_closed()
        return line

    async def greet(self, name: str, trusted: str, protocols: list[str] | None = None) -> str:
        """Speak TLS at once, without CONNECT; return what was agreed to be spoken inside."""
        context = ssl.create_default_context(cadata=trusted)
        context.set_alpn_protocols(protocols or ["h2", "http/1.1"])
        _, writer = await asyncio.open_connection(
            HOST, self.proxy.port, ssl=context, server_hostname=name
        )
        agreed: str = writer.get_extra_info("ssl_object").selected_alpn_protocol()
        writer.transport.abort()  # the service behind waits for a request, not for a goodbye
        return agreed


@pytest_asyncio.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async def name(request: web.Request) -> web.Response:
        return web.Response(text=request.host)

    service = await serve(Endpoint("pubsub", routes=lambda: [web.get("/who", name)]), 0)
    authority = Authority(tmp_path, VirtualClock())
    proxy = await Proxy(lambda: authority, {"pubsub": service.address}).start(0)
    yield Lab(proxy, authority)
    await proxy.stop()
    await service.stop()


@pytest.mark.parametrize(
    ("target", "method", "answer"),
    [
        (f"{PUBSUB}:443", "CONNECT", "200 Connection established"),
        ("example.com:443", "CONNECT", "403 example.com is not Google's"),
        ("googleapis.com.example.com:443", "CONNECT", "403 googleapis.com.example.com is not"),
        (f"{PUBSUB}:80", "CONNECT", "403 pubsub.googleapis.com is reached at port 443 alone"),
        ("127.0.0.1:443", "CONNECT", "400 CONNECT needs a host name and a port"),
        ("a" * 20_000, "CONNECT", "431 the request is too long"),
        ("http://pubsub.googleapis.com/", "GET", "405 only CONNECT is served here"),
    ],
)
async def test_only_googles_hosts_are_connected_to(
    lab: Lab, target: str, method: str, answer: str
) -> None:
    assert (await lab.connect(target, method)).startswith(f"HTTP/1.1 {answer}")


async def test_rest_is_spoken_by_who_can_and_grpc_by_who_speaks_nothing_else(lab: Lab) -> None:
    assert await lab.greet(PUBSUB, lab.authority.certificate) == "http/1.1"
    assert await lab.greet(PUBSUB, lab.authority.certificate, ["h2"]) == "h2"


async def test_no_other_authority_is_taken_for_ours(lab: Lab, tmp_path: Path) -> None:
    foreign = Authority(tmp_path / "foreign", VirtualClock())

    with pytest.raises(ssl.SSLCertVerificationError, match="verify failed"):
        await lab.greet(PUBSUB, foreign.certificate)


async def test_a_host_that_is_not_googles_is_not_greeted(lab: Lab) -> None:
    with pytest.raises(REFUSED):
        await lab.greet("example.com", lab.authority.certificate)


async def test_another_host_than_was_asked_for_is_not_greeted(lab: Lab) -> None:
    loop = asyncio.get_running_loop()
    reader, writer = await asyncio.open_connection(HOST, lab.proxy.port)
    writer.write(f"CONNECT {PUBSUB}:443 HTTP/1.1\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    context = ssl.create_default_context(cadata=lab.authority.certificate)

    with pytest.raises(REFUSED):
        await loop.start_tls(
            writer.transport,
            writer.transport.get_protocol(),
            context,
            server_hostname="firestore.googleapis.com",
        )
    writer.transport.abort()


async def test_the_authority_vouches_for_nothing_but_googles_names(lab: Lab) -> None:
    context = ssl.create_default_context(cadata=lab.authority.certificate)
    server = await asyncio.start_server(
        lambda _, writer: writer.close(), HOST, 0, ssl=lab.authority.context("example.com")
    )
    port = server.sockets[0].getsockname()[1]

    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        await asyncio.open_connection(HOST, port, ssl=context, server_hostname="example.com")
    server.close()


async def test_what_nobody_stands_for_is_refused_in_googles_form(lab: Lab) -> None:
    context = ssl.create_default_context(cadata=lab.authority.certificate)
    url = "https://firestore.googleapis.com/v1/projects/p"
    async with (
        aiohttp.ClientSession() as http,
        http.get(url, proxy=f"http://{lab.proxy.address}", ssl=context) as answer,
    ):
        error = (await answer.json())["error"]

    assert (error["code"], error["status"]) == (501, "UNIMPLEMENTED")
    assert error["message"].startswith("firestore.googleapis.com is not emulated here")


@pytest.mark.parametrize("is_direct", [True, False])
async def test_a_call_that_nobody_stands_for_is_refused_by_its_name(
    lab: Lab, is_direct: bool
) -> None:
    trusted = grpc.ssl_channel_credentials(lab.authority.certificate.encode())
    host = "logging.googleapis.com"
    where, options = f"dns:///{host}", [("grpc.http_proxy", f"http://{lab.proxy.address}")]
    if is_direct:
        where, options = lab.proxy.address, [("grpc.ssl_target_name_override", host)]
    async with grpc.aio.secure_channel(where, trusted, options) as channel:
        call = cast("Any", channel).unary_unary("/google.logging.v2.LoggingServiceV2/ListLogs")
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call(b"", timeout=20)

    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert "google.logging.v2.LoggingServiceV2.ListLogs" in (refused.value.details() or "")


async def test_who_leaves_at_once_leaves_nothing_behind(lab: Lab) -> None:
    context = ssl.create_default_context(cadata=lab.authority.certificate)
    for _ in range(20):
        _, writer = await asyncio.open_connection(
            HOST, lab.proxy.port, ssl=context, server_hostname=PUBSUB
        )
        writer.transport.abort()

    async with aiohttp.ClientSession() as http:
        url, proxy = f"https://{PUBSUB}/who", f"http://{lab.proxy.address}"
        async with http.get(url, proxy=proxy, ssl=context) as answer:
            assert await answer.text() == PUBSUB


def test_keys_are_for_us_alone_and_kept(tmp_path: Path) -> None:
    made = Authority(tmp_path, VirtualClock())
    again = Authority(tmp_path, VirtualClock())

    assert stat.S_IMODE((tmp_path / "authority.pem").stat().st_mode) == 0o600
    assert again.certificate == made.certificate


def test_an_authority_about_to_end_is_made_anew(tmp_path: Path) -> None:
    clock = VirtualClock()
    made = Authority(tmp_path, clock)
    first = made.context(PUBSUB)
    assert made.context(PUBSUB) is first

    clock.advance(HOST_LIFE.total_seconds())
    assert made.context(PUBSUB) is not first
    clock.advance(AUTHORITY_LIFE.total_seconds())
    assert Authority(tmp_path, clock).certificate != made.certificate
