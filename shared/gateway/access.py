"""The door: who comes in, from where, and which of their headers are believed.

The check of tokens is handed in: it is the one that every service makes again.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, NamedTuple, Protocol

from shared.kernel.errors import NotFoundError
from shared.kernel.principal import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.kernel.principal import Principal

INTERNAL_PREFIXES = (
    "x-appengine-",
    "x-client-cert-",
    "x-envoy-",
    "x-forwarded-",
    "x-goog-",
    "x-internal-",
    "x-original-",
    "x-serverless-",
    "x-user-",
)
EDGE_PLACE = "x-edge-place"
"""What the load balancer says of where a caller is (terraform/edge.tf)."""
INTERNAL_NAMES = frozenset(
    {"forwarded", "x-real-ip", "x-request-deadline-ms", "x-tier", EDGE_PLACE}
)
"""What only we and Google say, and no caller (spec/gateway §5.1)."""

UNKNOWN = "unknown"
_PLACE = re.compile(r"-?\d{1,3}(?:\.\d{1,9})?,-?\d{1,3}(?:\.\d{1,9})?")
LONGEST_ADDRESS = 128
"""Most characters of an address with its zone and port; what is longer is none."""


class Authorize(Protocol):
    """Says who calls a route; `shared.runtime.viewer.authorize` is one."""

    async def __call__(
        self, auth: str, scopes: Sequence[str], headers: Mapping[str, str]
    ) -> Principal:
        """Return who calls, or raise the error of which the caller is told."""


class Caller(NamedTuple):
    """Who came in, and from where.

    Attributes:
        principal: Verified.
        network: Address that limits count by: of IPv6 the first 64 bits, since one household has
            as many addresses as it likes.
    """

    principal: Principal
    network: str

    @property
    def key(self) -> str:
        """By whom quotas and idempotency keys are kept: the user or client, else the network."""
        if self.principal.kind is Kind.ANONYMOUS:
            return f"ip:{self.network}"
        return f"{self.principal.kind}:{self.principal.sub}"

    @property
    def view(self) -> str:
        """What an answer that is made for this caller depends on, for private cache entries."""
        who = self.principal
        seen = f"{who.max_rating}|{','.join(who.blocked_genres)}|{who.viewing}"
        return f"{who.kind}|{who.sub}|{who.pid}|{who.tier}|{seen}|{who.region}"

    @property
    def limits(self) -> str:
        """What this caller may not see, as text; empty where they may see everything."""
        who = self.principal
        if not who.max_rating and not who.blocked_genres:
            return ""
        return f"limits|{who.max_rating}|{','.join(sorted(who.blocked_genres))}"


async def enter(
    route: tuple[str, Sequence[str]],
    headers: Mapping[str, str],
    *,
    network: str,
    authorize: Authorize,
) -> Caller:
    """Let a caller in, or raise what they are told.

    Args:
        route: Mode and scopes of the route.
        headers: Of the request, names in lower case, repeated ones joined by commas.
        network: As `client_network` says.
        authorize: Checks the token.

    Raises:
        NotFoundError: The route is for functions, which do not come this way.
        UnauthenticatedError: A token is bad or missing.
        DeniedError: The caller may not come here.
    """
    auth, scopes = route
    if auth == "service":
        raise NotFoundError("there is nothing here")
    return Caller(await authorize(auth, scopes, headers), network)


def believed(headers: Mapping[str, str]) -> dict[str, str]:
    """Return a request's headers without those that no caller may set.

    Args:
        headers: Names in lower case.
    """
    return {name: value for name, value in headers.items() if not is_internal(name)}


def is_internal(name: str) -> bool:
    """Tell whether only we and Google may set a header; an underscore passes for a hyphen."""
    plain = name.lower().replace("_", "-")
    return plain in INTERNAL_NAMES or plain.startswith(INTERNAL_PREFIXES)


def client_network(forwarded_for: str, peer: str, *, hops: int) -> str:
    """Return the address that a caller's limits count by.

    Google's load balancer appends two entries to ``X-Forwarded-For``, ``CLIENT, BALANCER``, to
    whatever came in; only those from the right are true. Fewer entries than hops mean that the
    request came by another way, so the connection's own address counts.

    Args:
        forwarded_for: All of the header's values, joined by commas.
        peer: Address at the other end of the connection.
        hops: Entries that trusted proxies append; 0 where there is none.
    """
    entries = [entry.strip() for entry in forwarded_for.split(",")] if forwarded_for else []
    trusted = entries[-hops] if 0 < hops <= len(entries) else ""
    return _network(trusted) or _network(peer) or UNKNOWN


def client_place(said: str, *, hops: int) -> str:
    """Return where the edge says that a caller is, ``latitude,longitude``, or empty.

    Args:
        said: Values of `EDGE_PLACE`, joined by commas. Two of them, one of which would be the
            caller's own, are none.
        hops: As `client_network`; where no proxy is ours, a caller says it, and is not believed.
    """
    return said if hops and _PLACE.fullmatch(said) else ""


def _network(text: str) -> str:
    return _known_network(text) if 0 < len(text) <= LONGEST_ADDRESS else ""


@lru_cache(maxsize=4096)
def _known_network(text: str) -> str:
    """Return the network of an address, empty where it is none; who comes once comes again."""
    address = _address(text)
    if address is None:
        return ""
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((address, 64), strict=False))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Return an address that may have a port; one of IPv4 inside IPv6 is that of IPv4."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
