"""What the account endpoints make of a request: where it is from, what the log says of it."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from shared.gateway.headers import CLIENT_NETWORK, CLIENT_PLACE
from shared.identity.accounts import RESOURCE, Visitor
from shared.identity.places import place_of
from shared.kernel.audit import USER_AGENT_LENGTH, Outcome, network
from shared.kernel.principal import ANONYMOUS, Kind, Principal
from shared.kernel.text import clean
from shared.runtime.audit import audit_event
from shared.runtime.settings import settings

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    from shared.identity.accounts import Act
    from shared.kernel.audit import AuditEvent
    from shared.runtime.messages import Request

LONGEST_NETWORK = 128


def visitor_of(request: Request) -> Visitor:
    """Return where a request is from, as the gateway says; nobody else can call a function."""
    said = request.headers.get(CLIENT_NETWORK, "")[:LONGEST_NETWORK]
    kept = network(_address(said)) or ""
    agent = clean(request.headers.get("user-agent", ""))[:USER_AGENT_LENGTH]
    place = place_of(request.headers.get(CLIENT_PLACE, ""))
    return Visitor(said if kept else "", kept, agent, place)


def acts_of(request: Request) -> Act:
    """Return what says for the audit log what a request does.

    Nobody's id is written where an address was all that was known: the log must not tell whether
    the address has an account.
    """

    def act(action: str, user_id: str = "", *, denied: bool = False) -> AuditEvent:
        who = Principal(Kind.USER, sub=user_id) if user_id else ANONYMOUS
        if user_id and request.principal.sub == user_id:
            who = request.principal  # it may be somebody else who acts
        return audit_event(
            request,
            who,
            action,
            ip=_address(visitor_of(request).network),
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
