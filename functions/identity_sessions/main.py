"""/api/v1/auth/sessions and /auth/logout: where a user is signed in, and the end of it."""

from shared.adapters import probes
from shared.identity.accounts_wishes import LogOut, Session, SessionList, WhichSession
from shared.identity.step_up import must_be_self
from shared.kernel.errors import NotFoundError
from shared.kernel.principal import Principal
from shared.runtime import http
from shared.runtime.account_acts import acts_of
from shared.runtime.audit import note
from shared.runtime.issuing import sessions
from shared.runtime.viewer import authorize

PRIVATE = {"cache-control": "no-store"}


@http.describes(answer=SessionList)
def list_sessions(request: http.Request) -> http.Reply:
    """Answer with the caller's sessions, the one used last first."""
    return http.reply(SessionList(items=_own(request.principal)), headers=PRIVATE)


@http.describes(query=WhichSession, answer=Session)
def read_session(request: http.Request) -> http.Reply:
    """Answer with one of the caller's sessions."""
    which = request.query(WhichSession).id
    found = next((each for each in _own(request.principal) if each.id == which), None)
    if found is None:
        raise NotFoundError(f"there is no session {which}")
    return http.reply(found, headers=PRIVATE)


def _own(who: Principal) -> list[Session]:
    lines = sessions().of(who.sub)
    return [Session(**vars(line), current=line.id == who.session) for line in lines]


@http.describes(query=WhichSession, status=204, media_type="")
def end_session(request: http.Request) -> http.Reply:
    """End a session of the caller's."""
    which, who = request.query(WhichSession).id, request.principal
    must_be_self(who)
    if which not in {line.id for line in sessions().of(who.sub)}:
        raise NotFoundError(f"there is no session {which}")
    sessions().end(which, "ended_by_user")
    note(acts_of(request)("AUTH_LOGOUT", who.sub))
    return http.Reply(status=204, headers=PRIVATE, media_type="")


@http.describes(body=LogOut, body_optional=True, status=204, media_type="")
def log_out(request: http.Request) -> http.Reply:
    """End the session that asks, or every session of its user."""
    wish, who = request.json(LogOut) if request.body else LogOut(), request.principal
    must_be_self(who)
    if wish.all_devices:
        sessions().end_all(who.sub, reason="logout")
    else:
        sessions().end(who.session, "logout")
    note(acts_of(request)("AUTH_LOGOUT", who.sub))
    return http.Reply(status=204, headers=PRIVATE, media_type="")


handle = http.resource(
    __file__,
    list_sessions,
    read_session,
    end_session,
    log_out,
    authorize=authorize,
    probes=[probes.database, probes.redis],
)
