"""/auth/sign-in and what belongs to it: how a browser signs in on our own pages."""

from shared.adapters import probes
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.pages import told
from shared.runtime.pages_desk import PageDesk
from shared.runtime.pages_factor import FactorPages
from shared.runtime.pages_sign_in import SignInPages

clock = SystemClock()
desk = PageDesk(clock)
pages, factors = SignInPages(desk), FactorPages(desk)


@told
def show_sign_in(request: http.Request) -> http.Reply:
    """Show the form of mail address and password."""
    return pages.show(request)


@told
def submit_sign_in(request: http.Request) -> http.Reply:
    """Sign in by a password, or go on to the second factor."""
    return pages.submit(request)


@told
def show_passkey(request: http.Request) -> http.Reply:
    """Ask for a passkey as the only proof."""
    return factors.show_passkey(request)


@told
def submit_passkey(request: http.Request) -> http.Reply:
    """Sign in whose passkey was shown."""
    return factors.submit_passkey(request)


@told
def show_factor(request: http.Request) -> http.Reply:
    """Ask for a code beside a password."""
    return factors.show(request)


@told
def submit_factor(request: http.Request) -> http.Reply:
    """Sign in by the second factor."""
    return factors.submit(request)


@told
def show_second_passkey(request: http.Request) -> http.Reply:
    """Ask for a passkey beside a password."""
    return factors.show_second_passkey(request)


@told
def submit_second_passkey(request: http.Request) -> http.Reply:
    """Sign in by a passkey beside a password."""
    return factors.submit_second_passkey(request)


@told
def sign_out(request: http.Request) -> http.Reply:
    """End the session of a browser."""
    return pages.sign_out(request)


def secrets() -> None:
    """Make sure that second factors can be judged."""
    _ = desk.factors.factors


handle = http.resource(
    __file__,
    *(show_sign_in, submit_sign_in, show_passkey, submit_passkey, show_factor, submit_factor),
    *(show_second_passkey, submit_second_passkey, sign_out),
    probes=[probes.database, probes.redis, secrets, probes.pubsub],
)
