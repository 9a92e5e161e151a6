"""/auth/authorize: who asks users for access; /api/v1/auth/consents: what they were given."""

from shared.adapters import probes
from shared.adapters.redis.revocations import RedisRevocations
from shared.adapters.sql.identity.consents import SqlConsents
from shared.identity.consents import WITHDRAWN, ConsentLine, ConsentList, WhichConsent
from shared.identity.protocol_answers import AuthorizationQuery, WaitingQuery
from shared.identity.step_up import must_be_self
from shared.kernel.errors import NotFoundError
from shared.runtime import authorizing, http
from shared.runtime.viewer import authorize

consents = SqlConsents(RedisRevocations())


@http.describes(query=AuthorizationQuery, status=302, media_type="")
def ask_for_access(request: http.Request) -> http.Reply:
    """Send a browser to where its user signs in or decides, or back with a code."""
    return authorizing.begin(request)


@http.describes(query=WaitingQuery, status=302, media_type="", refusals=[410])
def go_on(request: http.Request) -> http.Reply:
    """Go on with a request that waited for its user."""
    return authorizing.proceed(request)


@http.describes(answer=ConsentList)
def list_consents(request: http.Request) -> http.Reply:
    """Answer with what the caller allows applications of others, the last decision first."""
    found = consents.of(request.principal.sub)
    items = [ConsentLine(id=each.id, **vars(each)) for each in found]
    return http.reply(ConsentList(items=items), headers=authorizing.PRIVATE)


@http.describes(query=WhichConsent, status=204, media_type="")
def withdraw_consent(request: http.Request) -> http.Reply:
    """Take a consent back; the application's sessions end."""
    which, who = str(request.query(WhichConsent).id), request.principal
    must_be_self(who)
    found = [each.client_id for each in consents.of(who.sub) if each.id == which]
    if not found:
        raise NotFoundError(f"there is no consent {which}")
    event = authorizing.acts_of(request)(WITHDRAWN, who.sub, {"client": found[0]})
    consents.withdraw(who.sub, found[0], now=authorizing.clock.now(), event=event)
    return http.Reply(status=204, headers=authorizing.PRIVATE, media_type="")


handle = http.resource(
    __file__,
    ask_for_access,
    go_on,
    list_consents,
    withdraw_consent,
    authorize=authorize,
    probes=[probes.database, probes.redis],
)
