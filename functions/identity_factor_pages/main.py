"""/account/confirm and second factors: a fresh proof, apps, backup codes and passkeys."""

from shared.adapters import probes
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.pages import told
from shared.runtime.pages_confirm import ConfirmPages
from shared.runtime.pages_desk import PageDesk
from shared.runtime.pages_factors import FactorsPages
from shared.runtime.pages_member import Members

clock = SystemClock()
desk = PageDesk(clock)
members = Members(desk)
confirming, factors = ConfirmPages(desk, members), FactorsPages(desk, members)


@told
def show_confirm(request: http.Request) -> http.Reply:
    """Ask who is signed in to prove again who they are."""
    return confirming.show(request)


@told
def submit_confirm(request: http.Request) -> http.Reply:
    """Go on with a fresh proof."""
    return confirming.submit(request)


@told
def show_authenticator(request: http.Request) -> http.Reply:
    """Show whether there is an authenticator app, or the secret of a new one."""
    return factors.show_app(request)


@told
def submit_authenticator(request: http.Request) -> http.Reply:
    """Set an authenticator app up, or take it off."""
    return factors.submit_app(request)


@told
def show_backup_codes(request: http.Request) -> http.Reply:
    """Offer new backup codes."""
    return factors.show_backups(request)


@told
def submit_backup_codes(request: http.Request) -> http.Reply:
    """Make new backup codes, which are shown once."""
    return factors.submit_backups(request)


@told
def show_passkeys(request: http.Request) -> http.Reply:
    """Show the passkeys of an account."""
    return factors.show_passkeys(request)


@told
def submit_passkeys(request: http.Request) -> http.Reply:
    """Keep a passkey, name one, or forget it."""
    return factors.submit_passkeys(request)


@told
def show_new_passkey(request: http.Request) -> http.Reply:
    """Ask the browser for a new passkey."""
    return factors.show_new_passkey(request)


handle = http.resource(
    __file__,
    *(show_confirm, submit_confirm, show_authenticator),
    *(submit_authenticator, show_backup_codes, submit_backup_codes),
    *(show_passkeys, submit_passkeys, show_new_passkey),
    probes=[probes.database, probes.redis, desk.secrets, probes.pubsub],
)
