"""What the account endpoints make of a request: where it is from, what the log says of it."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from shared.identity.accounts import RESOURCE
from shared.kernel.audit import Outcome, network
from shared.kernel.principal import ANONYMOUS, Kind, Principal
from shared.runtime.audit import audit_event
from shared.runtime.settings import settings

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    from shared.identity.accounts import Act
    from shared.kernel.audit import AuditEvent
    from shared.runtime.messages import Request

NETWORK = "x-client-network"
"""Header by which the gateway says where its caller is; nobody else can call a function."""
AGENT_LENGTH = 512


def network_of(request: Request) -> str:
    """Return what the gateway said its caller's network is, empty where it said nothing."""
    return request.headers.get(NETWORK, "")[:128]


def kept_network(request: Request) -> str:
    """Return as much of the network as is kept, /24 or /48 of version 6; empty for none."""
    return network(_address(network_of(request))) or ""


def agent_of(request: Request) -> str:
    """Return the caller's user agent, as much of it as is kept."""
    return request.headers.get("user-agent", "")[:AGENT_LENGTH]


def acts_of(request: Request) -> Act:
    """Return what says for the audit log what a request does.

    Nobody's id is written where an address was all that was known: the log must not tell whether
    the address has an account.
    """

    def act(action: str, user_id: str = "", *, denied: bool = False) -> AuditEvent:
        who = Principal(Kind.USER, sub=user_id) if user_id else ANONYMOUS
        return audit_event(
            request,
            who,
            action,
            ip=_address(network_of(request)),
            resource_type=RESOURCE,
            resource_id=user_id,
            outcome=Outcome.DENIED if denied else Outcome.SUCCESS,
        )

    return act


def verified_mail_only() -> bool:
    """Tell whether a mail address has to be verified before its account gets tokens."""
    return settings().verified_mail_only


def _address(said: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(said.partition("/")[0])
    except ValueError:
        return None
