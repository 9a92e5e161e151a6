"""/auth/consent, /auth/device/enter and /account/security: what users decide on our own pages."""

from shared.adapters import probes
from shared.adapters.redis.revocations import RedisRevocations
from shared.adapters.sql.identity.consents import SqlConsents
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.pages import told
from shared.runtime.pages_account import AccountPages
from shared.runtime.pages_decide import DecidePages
from shared.runtime.pages_desk import PageDesk

clock = SystemClock()
desk = PageDesk(clock)
deciding, account = DecidePages(desk), AccountPages(desk, SqlConsents(RedisRevocations()))


@told
def show_consent(request: http.Request) -> http.Reply:
    """Show which application asks for what."""
    return deciding.show_consent(request)


@told
def submit_consent(request: http.Request) -> http.Reply:
    """Let an application have what its user ticked, or nothing."""
    return deciding.submit_consent(request)


@told
def show_device_page(request: http.Request) -> http.Reply:
    """Ask for the code of a device, or show which one waits with it."""
    return deciding.show_device(request)


@told
def submit_device_page(request: http.Request) -> http.Reply:
    """Let a device in, or not."""
    return deciding.submit_device(request)


@told
def show_security(request: http.Request) -> http.Reply:
    """Show what opens the account, and where it is open."""
    return account.show(request)


@told
def submit_security(request: http.Request) -> http.Reply:
    """End a session, all of them, or a consent."""
    return account.submit(request)


def secrets() -> None:
    """Make sure that second factors can be told of."""
    _ = desk.factors.factors


handle = http.resource(
    __file__,
    *(show_consent, submit_consent, show_device_page, submit_device_page),
    *(show_security, submit_security),
    probes=[probes.database, probes.redis, secrets, probes.pubsub],
)
