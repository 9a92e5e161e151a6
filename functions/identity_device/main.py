"""Devices that ask to be let in (RFC 8628), and their users' decisions."""

from shared.adapters import probes
from shared.adapters.redis.device_codes import RedisDeviceCodes
from shared.adapters.sql.identity.clients import SqlClients
from shared.identity.device import Started, TriedCodes, approval_of
from shared.identity.device_answers import Decision, DeviceRequest, WhichDevice
from shared.identity.own_applications import must_be_at_home
from shared.identity.protocol_answers import DeviceAnswer, DeviceForm
from shared.kernel.clock import SystemClock
from shared.runtime import http, oauth
from shared.runtime.audit import audit_event, note
from shared.runtime.viewer import authorize

clock = SystemClock()
codes = RedisDeviceCodes()
clients = SqlClients()
tried = TriedCodes(codes)


@http.describes(form=DeviceForm, answer=DeviceAnswer)
def start_device(request: http.Request) -> http.Reply:
    """Give a device a code for itself and one for its screen."""
    return oauth.start_device(request)


@http.describes(query=WhichDevice, answer=DeviceRequest, refusals=[409])
def show_device(request: http.Request) -> http.Reply:
    """Show who asks to be let in, and to what."""
    typed = request.query(WhichDevice).user_code
    waiting = tried.find(request.principal.sub, typed, clock.now())
    return http.reply(_shown(waiting), headers={"cache-control": "no-store"})


@http.describes(body=Decision, status=204, media_type="", refusals=[409])
def decide_device(request: http.Request) -> http.Reply:
    """Let a device in, or not."""
    said, who, now = request.json(Decision), request.principal, clock.now()
    must_be_at_home(who)
    waiting = tried.find(who.sub, said.user_code, now)
    approved = said.decision == "approve"
    approval = approval_of(who, waiting, said.scopes, now) if approved else None
    tried.decide(said.user_code, approval, now)
    details = {"client": waiting.client_id, "approved": approved}
    note(audit_event(request, who, "AUTH_LOGIN", resource_type="device", details=details))
    return http.Reply(status=204, media_type="")


def _shown(waiting: Started) -> DeviceRequest:
    client = clients.find(waiting.client_id)
    return DeviceRequest(
        client_name=client.name if client else waiting.client_id,
        device_name=waiting.device_name,
        network=waiting.network,
        scopes=waiting.scopes,
        requested_at=waiting.requested_at,
    )


handle = http.resource(
    __file__,
    start_device,
    show_device,
    decide_device,
    authorize=authorize,
    probes=[probes.database, probes.redis, oauth.secrets],
)
