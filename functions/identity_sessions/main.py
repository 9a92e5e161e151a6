"""/api/v1/auth/sessions and /auth/logout: where a user is signed in, and the end of it."""

from shared.adapters import probes
from shared.identity.accounts_wishes import LogOut, Session, SessionList, WhichSession
from shared.identity.step_up import must_be_self
from shared.kernel.errors import NotFoundError
from shared.runtime import http
from shared.runtime.account_acts import acts_of
from shared.runtime.audit import note
from shared.runtime.issuing import sessions
from shared.runtime.viewer import authorize

PRIVATE = {"cache-control": "no-store"}


@http.describes(answer=SessionList)
def list_sessions(request: http.Request) -> http.Reply:
    """Answer with the caller's sessions, the one used last first."""
    who = request.principal
    lines = sessions().of(who.sub)
    items = [Session(**vars(line), current=line.id == who.session) for line in lines]
    return http.reply(SessionList(items=items), headers=PRIVATE)


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
    end_session,
    log_out,
    authorize=authorize,
    probes=[probes.database, probes.redis],
)
