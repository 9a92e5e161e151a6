"""/api/v1/auth/password: forgotten, chosen anew by mail, or changed by who knows it."""

from functools import cache

from shared.adapters import probes
from shared.identity.accounts_wishes import Address, Change, Ended, Message, Reset
from shared.identity.own_applications import must_be_at_home
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.account_acts import acts_of
from shared.runtime.accounts import AccountRules
from shared.runtime.viewer import authorize

clock = SystemClock()
rules = cache(lambda: AccountRules(clock))
PRIVATE = {"cache-control": "no-store"}


@http.describes(body=Address, answer=Message, status=202, refusals=(429,))
def forgot_password(request: http.Request) -> http.Reply:
    """Send a mail by which a new password can be chosen, where there is an account."""
    rules().passwords.forget(request.json(Address).email, acts_of(request))
    return http.reply(Message.on_its_way(), status=202, headers=PRIVATE)


@http.describes(body=Reset, answer=Ended, refusals=(400, 410))
def reset_password(request: http.Request) -> http.Reply:
    """Choose a new password with the token of a mail; the old one's sessions end."""
    ended = rules().passwords.reset(request.json(Reset), acts_of(request), request.principal)
    return http.reply(Ended(sessions_revoked=ended), headers=PRIVATE)


@http.describes(body=Change, answer=Ended, refusals=(429,))
def change_password(request: http.Request) -> http.Reply:
    """Replace a password by one who knows it; the old one's other sessions end."""
    must_be_at_home(request.principal)
    ended = rules().passwords.change(request.json(Change), acts_of(request), request.principal)
    return http.reply(Ended(sessions_revoked=ended), headers=PRIVATE)


def secrets() -> None:
    """Make sure that addresses can be sealed."""
    _ = rules().letters


handle = http.resource(
    __file__, forgot_password, reset_password, change_password,
    authorize=authorize, probes=[probes.database, secrets, probes.pubsub, probes.redis],
)  # fmt: skip
