"""Calls to addresses that strangers choose, so that none of them leads back to us.

A name is resolved once, every address it has must be a public one, and the connection goes to the
address that was judged: what the name says a moment later does not matter. TLS still checks the
certificate against the name. Nothing is followed, and nothing is read but the status, or as many
bytes as somebody asks for.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from shared.kernel.errors import FieldIssue, InvalidInputError, TooLargeError, UnavailableError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    import httpx2

TIMEOUT_SECONDS = 5.0
"""Of a whole call, however slowly its parts come (spec/ingestion §5.10)."""
STEP_SHARE = 0.3
"""Of that time, what finding the name, connecting, TLS and each wait for bytes may take: the first
three end by themselves before the whole does, since a handshake that is cancelled leaves its socket
to the garbage collector."""
HTTPS = 443
"""The one port that we call; any other may be a service that knows us."""
LONGEST_URL = 2000
_DENIED = tuple(
    ip_network(text)
    for text in (
        # IANA IPv4 special-purpose address registry (RFC 6890), multicast and the reserved rest
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        # IPv6 within 2000::/3: Teredo and the protocol assignments, documentation, 6to4, AS112
        "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    )
)  # fmt: skip
_GLOBAL_UNICAST = ip_network("2000::/3")
"""All of IPv6 that anybody was given (RFC 4291 §2.4); what embeds IPv4 lies outside, or above."""


class AddressDeniedError(InvalidInputError):
    """The address is none that we call."""

    code = "address-denied"

    def __init__(self, message: str) -> None:
        super().__init__(message, issues=[FieldIssue("url", "address-denied", message)])


@dataclass(frozen=True)
class Place:
    """Where a call goes: the address that was judged, under the name that was asked for."""

    url: httpx2.URL
    address: str

    @property
    def pinned(self) -> httpx2.URL:
        """The same with the address instead of the name, which nobody resolves again."""
        return self.url.copy_with(host=self.address)


@dataclass(frozen=True)
class Fetched:
    """What a stranger answered: header fields by name in lower case, the body as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Egress:
    """Calls to strangers.

    Args:
        allow_loopback: Loopback on any port is an address like another; for tests alone, which is
            why no setting leads here.
        trusted: Whose certificates are good; the system's by default.
    """

    def __init__(
        self, *, allow_loopback: bool = False, trusted: ssl.SSLContext | None = None
    ) -> None:
        self._allow_loopback = allow_loopback
        self._trusted = trusted

    async def place(self, url: str) -> Place:
        """Return where a call to ``url`` goes.

        Raises:
            AddressDeniedError: It is no https URL, or leads to an address that is not public.
            UnavailableError: Nobody says in time where the name leads.
        """
        parsed = self._parsed(url)
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS * STEP_SHARE):
                found = await _addresses(parsed.host, parsed.port or HTTPS)
        except TimeoutError:
            raise UnavailableError(f"nobody says where {parsed.host} is") from None
        if not found:
            raise AddressDeniedError(f"{parsed.host} has no address")
        for address in found:
            if not (is_public(address) or (self._allow_loopback and address.is_loopback)):
                raise AddressDeniedError(f"{parsed.host} is no public address")
        return Place(parsed, str(found[0]))

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Send a body and return the status of the answer.

        Raises:
            AddressDeniedError: As for `place`; judged anew each time.
            UnavailableError: There was no answer within `TIMEOUT_SECONDS`.
        """
        return (await self._answered("POST", url, headers, body)).status

    async def status(self, method: str, url: str, headers: Mapping[str, str]) -> int:
        """Return the status of a page without its body, HEAD or GET; errors as for `post`."""
        return (await self._answered(method, url, headers, None)).status

    async def fetch(self, url: str, headers: Mapping[str, str], *, most_bytes: int) -> Fetched:
        """Return a page with its body, asked for as it is; errors as for `post`.

        Raises:
            TooLargeError: The body has more than ``most_bytes``.
        """
        plain = {**headers, "accept-encoding": "identity"}
        return await self._answered("GET", url, plain, None, most_bytes=most_bytes)

    async def _answered(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        *,
        most_bytes: int = 0,
    ) -> Fetched:
        import httpx2  # noqa: PLC0415 - 60 ms, only where strangers are called

        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                place = await self.place(url)
                return await self._send(method, place, headers, body, most_bytes=most_bytes)
        except TimeoutError:
            raise UnavailableError(f"no answer within {TIMEOUT_SECONDS:.0f} s") from None
        except httpx2.TransportError as error:
            raise UnavailableError(f"{type(error).__name__}: {error}") from error

    async def _send(
        self,
        method: str,
        place: Place,
        headers: Mapping[str, str],
        body: bytes | None,
        *,
        most_bytes: int,
    ) -> Fetched:
        import httpx2  # noqa: PLC0415 - as above

        verify: Any = True if self._trusted is None else self._trusted
        given = {**headers, "host": place.url.netloc.decode("ascii")}
        options = {"sni_hostname": place.url.host}
        step = TIMEOUT_SECONDS * STEP_SHARE
        client = httpx2.AsyncClient(
            verify=verify, trust_env=False, follow_redirects=False, timeout=step
        )
        async with (
            client,
            client.stream(
                method, place.pinned, headers=given, content=body, extensions=options
            ) as answer,
        ):
            read = await _read(answer, most_bytes) if most_bytes else b""
            return Fetched(int(answer.status_code), dict(answer.headers), read)

    def _parsed(self, url: str) -> httpx2.URL:
        if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
            raise AddressDeniedError("the URL is too long, or not ASCII without blanks")
        import httpx2  # noqa: PLC0415 - as above

        try:
            found = httpx2.URL(url)
        except (httpx2.InvalidURL, ValueError) as error:
            raise AddressDeniedError(f"the URL cannot be read: {error}") from None
        if found.scheme != "https" or not found.host:
            raise AddressDeniedError("the URL is not https")
        if found.userinfo:
            raise AddressDeniedError("the URL carries a name or password")
        if found.port not in {None, HTTPS} and not self._allow_loopback:
            raise AddressDeniedError(f"the URL's port is not {HTTPS}")
        return found


async def _read(answer: httpx2.Response, most_bytes: int) -> bytes:
    body = b""
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > most_bytes:
            raise TooLargeError(f"the answer has more than {most_bytes} bytes")
    return body


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address is somebody's on the Internet, and not ours.

    An address that embeds another (mapped, compatible, translated by NAT64, 6to4, Teredo) is none:
    whoever routes it decides where it ends.
    """
    if isinstance(address, IPv6Address) and (
        address.scope_id is not None or address not in _GLOBAL_UNICAST
    ):
        return False
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    return not any(address in network for network in _of_kind(address))


def _of_kind(address: IPv4Address | IPv6Address) -> list[IPv4Network | IPv6Network]:
    return [network for network in _DENIED if network.version == address.version]


async def _addresses(host: str, port: int) -> list[IPv4Address | IPv6Address]:
    """Return the addresses of a name, each once, in the resolver's order."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [ip_address(each) for each in dict.fromkeys(str(info[4][0]) for info in found)]
