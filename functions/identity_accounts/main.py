"""/api/v1/auth: registering, verifying mail and signing in; the rest is the mailbox's to know."""

from functools import cache

from shared.adapters import probes
from shared.identity.accounts_wishes import (
    Address,
    LoggedIn,
    LogIn,
    MailToken,
    Message,
    Register,
)
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.account_acts import acts_of, visitor_of
from shared.runtime.accounts import AccountRules
from shared.runtime.sign_in import sign_in

clock = SystemClock()
rules = cache(lambda: AccountRules(clock))
signing_in = cache(lambda: sign_in(rules()))
PRIVATE = {"cache-control": "no-store"}


@http.describes(body=Register, answer=Message, status=202, refusals=(429,))
def register(request: http.Request) -> http.Reply:
    """Make an account; the answer is the same where its address has one."""
    rules().registration.register(request.json(Register), acts_of(request))
    return http.reply(Message.on_its_way(), status=202, headers=PRIVATE)


@http.describes(body=MailToken, status=204, media_type="", refusals=(400, 410))
def verify_email(request: http.Request) -> http.Reply:
    """Verify a mail address by the token that was sent to it."""
    wish = request.json(MailToken)
    rules().registration.verify(wish.token.get_secret_value(), acts_of(request))
    return http.Reply(status=204, headers=PRIVATE, media_type="")


@http.describes(body=Address, answer=Message, status=202, refusals=(429,))
def resend_verification(request: http.Request) -> http.Reply:
    """Send another mail that verifies an address, where there is one to verify."""
    rules().registration.ask_again(request.json(Address).email, acts_of(request))
    return http.reply(Message.on_its_way(), status=202, headers=PRIVATE)


@http.describes(body=LogIn, answer=LoggedIn, refusals=(401, 403, 429))
def log_in(request: http.Request) -> http.Reply:
    """Begin a session with a mail address and its password, or ask for a second factor."""
    wish, where = request.json(LogIn), visitor_of(request)
    found = signing_in().log_in(wish, acts_of(request), where)
    return http.reply(vars(found), headers=PRIVATE)


def secrets() -> None:
    """Make sure that tokens can be signed and addresses sealed."""
    signing_in()
    _ = rules().letters


handle = http.resource(
    __file__, register, verify_email, resend_verification, log_in,
    probes=[probes.database, secrets, probes.pubsub, probes.redis],
)  # fmt: skip
