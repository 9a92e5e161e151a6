"""The authorization endpoint at the edge: requests in, redirects out."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from shared.adapters.egress import Egress
from shared.adapters.oauth.authorize import TellsError, asked, judged
from shared.adapters.oauth.client_documents import ClientDocuments
from shared.adapters.oauth.directory import ClientDirectory
from shared.adapters.oauth.server import Server
from shared.adapters.redis.authorizations import RedisCodes, RedisRequests
from shared.adapters.redis.revocations import RedisRevocations
from shared.adapters.sql.identity.clients import SqlClients
from shared.adapters.sql.identity.consents import SqlConsents
from shared.identity.authorization_desk import Authorizations, answered
from shared.identity.protocol import resources
from shared.kernel.clock import SystemClock
from shared.kernel.ids import TimeOrderedIds
from shared.kernel.principal import Kind, Principal
from shared.runtime import browser, pages
from shared.runtime.audit import audit_event
from shared.runtime.messages import Reply, Request
from shared.runtime.settings import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.identity.authorization_desk import Act
    from shared.kernel.audit import AuditEvent

FOUND, SEE_OTHER = 302, 303
PRIVATE = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
"""A code stands in the address: no cache keeps it, and no page hears where its visitor was."""
RESOURCE = "consent"
WAITS = "request"
clock = SystemClock()
ids = TimeOrderedIds(clock)


@pages.told
def begin(request: Request) -> Reply:
    """Answer the authorization endpoint (RFC 6749 §3.1)."""
    server, found = Server(directory()), settings()
    wish = asked(server, request.pairs)
    names = resources(found.issuer, found.audience)
    try:
        wanted = judged(server, wish, request_id=str(ids.new()), now=clock.now(), resources=names)
    except TellsError as told:
        said = {"error": told.code, "error_description": told.description, "state": wish.state}
        return sent(answered(wish.redirect_uri, **said, iss=found.issuer))
    return sent(authorizations(request).begin(wanted, browser.current(request)))


@pages.told
def proceed(request: Request) -> Reply:
    """Go on with a request that waited, after its user signed in."""
    waits = dict(request.pairs).get(WAITS, "")
    return sent(authorizations(request).proceed(waits, browser.current(request)))


def authorizations(request: Request) -> Authorizations:
    """Return what decides about requests for access, and notes who asked it to."""
    return Authorizations(
        requests=RedisRequests(),
        codes=RedisCodes(),
        consents=SqlConsents(RedisRevocations()),
        directory=directory(),
        clock=clock,
        issuer=settings().issuer,
        act=acts_of(request),
    )


def acts_of(request: Request) -> Act:
    """Return what says for the audit log what a user decides about an application."""

    def act(action: str, user_id: str, details: Mapping[str, Any]) -> AuditEvent:
        who = Principal(Kind.USER, sub=user_id)
        return audit_event(request, who, action, resource_type=RESOURCE, details=dict(details))

    return act


@cache
def directory() -> ClientDirectory:
    """Return the applications there are."""
    return ClientDirectory(SqlClients(), ClientDocuments(Egress(), clock), clock)


def sent(address: str) -> Reply:
    """Send a browser on: to a page of ours, or back to an application (RFC 9700 §4.12)."""
    status = SEE_OTHER if address.startswith("/") else FOUND
    return Reply(b"", status, {**PRIVATE, "location": address}, "")
