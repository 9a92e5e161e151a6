"""/api/v1/admin/users: who there is, what they may, and acting as one of them."""

from functools import cache

from shared.adapters import connect, probes
from shared.adapters.redis.revocations import RedisRevocations
from shared.adapters.sql.identity.administration import SqlAdministration
from shared.identity import administration as users
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.administration import RESOURCE, AdminDesk
from shared.runtime.audit import noting_refusals
from shared.runtime.issuing import issuer
from shared.runtime.viewer import authorize

clock = SystemClock()
desk = cache(lambda: AdminDesk(SqlAdministration(RedisRevocations()), clock, connect.engine))
PRIVATE = {"cache-control": "no-store"}


@http.describes(query=users.UsersQuery, answer=users.UserPage)
def list_users(request: http.Request) -> http.Reply:
    """Answer with one page of users."""
    return http.reply(desk().users(request, request.query(users.UsersQuery)), headers=PRIVATE)


@http.describes(query=users.WhichUser, answer=users.UserDetails)
def get_user(request: http.Request) -> http.Reply:
    """Answer with a user."""
    return http.reply(desk().user(request, request.query(users.WhichUser).id), headers=PRIVATE)


@http.describes(
    query=users.WhichUser, body=users.UserChange, answer=users.UserDetails, refusals=(409,)
)
def change_user(request: http.Request) -> http.Reply:
    """Give a user another role, suspend them, or let them in again."""
    which, wish = request.query(users.WhichUser).id, request.json(users.UserChange)
    return http.reply(desk().change(request, which, wish), headers=PRIVATE)


@http.describes(query=users.DeletedUser, status=204, media_type="", refusals=(409,))
def delete_user(request: http.Request) -> http.Reply:
    """Delete a user with all that is kept of them, at once and for good."""
    desk().delete(request, request.query(users.DeletedUser))
    return http.Reply(status=204, headers=PRIVATE, media_type="")


@http.describes(query=users.WhichUser, body=users.Impersonation, answer=users.ActingToken)
def impersonate_user(request: http.Request) -> http.Reply:
    """Answer with a token with which the administrator acts as a user."""
    which, wish = request.query(users.WhichUser).id, request.json(users.Impersonation)
    return http.reply(desk().impersonate(request, which, wish), headers=PRIVATE)


def secrets() -> None:
    """Make sure that tokens can be signed."""
    issuer()


handle = http.resource(
    __file__, list_users, get_user, change_user, delete_user, impersonate_user,
    authorize=noting_refusals(authorize, RESOURCE),
    probes=[probes.database, probes.redis, secrets],
)  # fmt: skip
