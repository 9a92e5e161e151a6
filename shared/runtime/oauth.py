"""OAuth 2.0 at the edge: forms in, answers and errors as RFC 6749 §5 has them out."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters import jwks, qr, sealing
from shared.adapters.oauth.code_grant import AuthorizationCode, Challenge
from shared.adapters.oauth.endpoints import Desk, DeviceStart, Introspection, Revocation
from shared.adapters.oauth.exchange import TokenExchange
from shared.adapters.oauth.grants import DeviceGrant, RefreshGrant
from shared.adapters.oauth.server import Answer, FormRequest, Server
from shared.adapters.redis.authorizations import RedisCodes
from shared.adapters.redis.device_codes import RedisDeviceCodes
from shared.adapters.redis.revocations import RedisRevocations
from shared.adapters.redis.throttle import RedisThrottle
from shared.adapters.sql.identity.clients import SqlClients
from shared.adapters.sql.identity.consents import SqlConsents
from shared.adapters.sql.identity.exchange import live_session
from shared.adapters.sql.identity.families import SqlFamilies
from shared.identity.authorization_exchange import Exchange
from shared.identity.protocol import VERIFICATION, resources
from shared.identity.refreshing import Refresher
from shared.kernel.errors import (
    AppError,
    DeniedError,
    ExhaustedError,
    MalformedError,
    UnauthenticatedError,
    UnavailableError,
)
from shared.kernel.principal import FUNCTION, Kind, Principal
from shared.runtime import auth_tally, issuing
from shared.runtime.account_acts import visitor_of
from shared.runtime.audit import audit_event, note
from shared.runtime.forms import form
from shared.runtime.messages import Reply, Request
from shared.runtime.problems import headers_of
from shared.runtime.viewer import Trust, Validator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shared.adapters.jwks import PublicKey
    from shared.identity.families import Family
    from shared.kernel.audit import AuditEvent

NEVER_KEPT = {"cache-control": "no-store", "pragma": "no-cache"}
"""RFC 6749 §5.1."""
RESOURCE = "session"
_ERRORS: tuple[tuple[type[AppError], int, str], ...] = (
    (MalformedError, 400, "invalid_request"),
    (DeniedError, 400, "access_denied"),
    (ExhaustedError, 429, "temporarily_unavailable"),
    (UnavailableError, 503, "temporarily_unavailable"),
)


def token(request: Request) -> Reply:
    """Answer the token endpoint (RFC 6749 §3.2)."""
    return _answered(request, lambda sent: _tokens(request, sent))


def revoke(request: Request) -> Reply:
    """Answer the revocation endpoint (RFC 7009)."""
    return _answered(request, lambda sent: _endpoint(request, "revocation", sent))


def introspect(request: Request) -> Reply:
    """Answer the introspection endpoint (RFC 7662)."""
    return _answered(request, lambda sent: _endpoint(request, "introspection", sent))


def start_device(request: Request) -> Reply:
    """Answer the device authorization endpoint (RFC 8628 §3.1)."""

    def run(sent: FormRequest) -> Answer:
        made, server = issuing.issuer(), Server(SqlClients())
        uri = made.name.rstrip("/") + VERIFICATION
        start = DeviceStart(server, RedisDeviceCodes(), made.clock, uri, picture=qr.svg)
        return server.run(start, sent)

    return _answered(request, run)


def _tokens(request: Request, sent: FormRequest) -> Answer:
    found: Answer = _server(request).create_token_response(sent)
    auth_tally.issued(sent.form.get("grant_type", ""), found.status)
    return found


def _endpoint(request: Request, name: str, sent: FormRequest) -> Answer:
    found: Answer = _server(request).create_endpoint_response(name, sent)
    return found


def _answered(request: Request, run: Callable[[FormRequest], Answer]) -> Reply:
    """Answer a form; errors that are not Authlib's get the shape of RFC 6749 §5.2 too."""
    try:
        answer = run(_sent(request))
    except AppError as error:
        answer = _refusal(error)
    kept = {n: v for n, v in answer.headers.items() if n not in {"content-type", *NEVER_KEPT}}
    said = orjson.dumps(dict(answer.body)) if answer.body else b""
    kind = "application/json" if said else ""
    return Reply(said, answer.status, {**kept, **NEVER_KEPT}, kind)


def _sent(request: Request) -> FormRequest:
    visitor = visitor_of(request)
    authorization = request.headers.get("authorization", "")
    return FormRequest(form(request), authorization, visitor.kept_network, visitor.user_agent)


def _refusal(error: AppError) -> Answer:
    for kind, status, code in _ERRORS:
        if isinstance(error, kind):
            later = {"retry-after": "1"} if kind is UnavailableError else {}
            said = {"error": code, "error_description": error.message}
            return Answer(status, said, later | headers_of(error))
    raise error


def _server(request: Request) -> Server:
    """Return the server of one request: what it notes in the audit log names the request."""
    server, desk = Server(SqlClients()), _desk()
    named = {"issuer": issuing.issuer(), "resources": _resources()}
    rotating = {"refresher": _refresher(request), "resources": named["resources"]}
    server.register_grant(RefreshGrant, [partial(_hand, **rotating)])
    codes = {"exchange": _exchange(request), **named}
    server.register_grant(AuthorizationCode, [partial(_hand, **codes), Challenge()])
    device = {"codes": RedisDeviceCodes(), "clock": desk.clock}
    kept = {"families": desk.families, "sessions": desk.sessions}
    server.register_grant(DeviceGrant, [partial(_hand, **device, **kept)])
    own = {"read": desk.read, "is_dead": desk.revocations.is_dead, "session": live_session}
    server.register_grant(TokenExchange, [partial(_hand, **own, **named)])
    for endpoint in (Revocation(server), Introspection(server)):
        endpoint.desk = desk
        server.register_endpoint(endpoint)
    return server


def _hand(grant: object, **given: object) -> None:
    """Hand a grant what it works with; Authlib makes a new one for each request."""
    for name, value in given.items():
        setattr(grant, name, value)


def _refresher(request: Request) -> Refresher:
    def noted(family: Family) -> AuditEvent:
        auth_tally.reused()
        said: dict[str, Any] = {"resource_type": RESOURCE, "resource_id": family.id}
        said["details"] = {"user": family.subject.user_id, "client": family.client_id}
        return audit_event(request, FUNCTION, "TOKEN_REUSE_DETECTED", **said)

    desk = _desk()
    sealer = sealing.sealer(sealing.IDENTITY)
    return Refresher(desk.families, desk.revocations, issuing.issuer(), sealer, noted)


def _exchange(request: Request) -> Exchange:
    def noted(session: str) -> AuditEvent:
        said: dict[str, Any] = {"resource_type": RESOURCE, "resource_id": session}
        return audit_event(request, FUNCTION, "CODE_REUSED", **said)

    def begun(family: Family) -> None:
        who = Principal(Kind.USER, sub=family.subject.user_id)
        said: dict[str, Any] = {"resource_type": RESOURCE, "resource_id": family.id}
        said["details"] = {"client": family.client_id}
        note(audit_event(request, who, "AUTH_LOGIN", **said))

    desk = _desk()
    return Exchange(
        codes=RedisCodes(),
        consents=SqlConsents(desk.revocations),
        families=desk.families,
        sessions=desk.sessions,
        revocations=desk.revocations,
        throttle=_throttle(),
        clock=desk.clock,
        noted=noted,
        begun=begun,
    )


def _resources() -> dict[str, str]:
    made = issuing.issuer()
    return resources(made.name, made.audience)


@cache
def _throttle() -> RedisThrottle:
    return RedisThrottle(_desk().clock)


@cache
def _desk() -> Desk:
    made = issuing.issuer()
    return Desk(
        families=SqlFamilies(),
        sessions=issuing.sessions(),
        revocations=RedisRevocations(),
        read=_read,
        clock=made.clock,
        issuer=made.name,
        audience=made.audience,
    )


class _OwnKeys:
    """`shared.runtime.viewer.KeyFinder` over the keys of this process."""

    due_at = datetime.max.replace(tzinfo=UTC)
    generation = 0

    def __init__(self, keys: Mapping[str, PublicKey]) -> None:
        self._keys = keys

    async def renew(self) -> None:
        """Do nothing: they do not change."""

    async def find(self, kid: str) -> PublicKey | None:
        """Return the key of that name."""
        return self._keys.get(kid)


def _read(token: str) -> Principal | None:
    """Return whom an access token of ours speaks of, None where it is not good."""
    try:
        return asyncio.run(_own_validator().check(token))
    except UnauthenticatedError:
        return None


@cache
def _own_validator() -> Validator:
    made = issuing.issuer()
    keys = jwks.public_keys(issuing.keys().public)
    return Validator(_OwnKeys(keys), Trust(made.name, made.audience), made.clock)


def secrets() -> None:
    """Make sure that tokens can be signed and their successors sealed."""
    issuing.issuer()
    sealing.sealer(sealing.IDENTITY)


def reset() -> None:
    """Forget what was made of the settings, for tests."""
    _throttle.cache_clear()
    _desk.cache_clear()
    _own_validator.cache_clear()
    issuing.reset()
    sealing.sealer.cache_clear()
