"""/account/register and what follows it: an account is made, its mail address verified."""

from shared.adapters import probes
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.pages import told
from shared.runtime.pages_desk import PageDesk
from shared.runtime.pages_register import RegisterPages

clock = SystemClock()
desk = PageDesk(clock)
registering = RegisterPages(desk)


@told
def show_register(request: http.Request) -> http.Reply:
    """Ask for what an account is made of."""
    return registering.show_register(request)


@told
def submit_register(request: http.Request) -> http.Reply:
    """Make an account; the page says the same where its address has one."""
    return registering.submit_register(request)


@told
def show_verify_email(request: http.Request) -> http.Reply:
    """Ask for the code that was mailed."""
    return registering.show_verify(request)


@told
def submit_verify_email(request: http.Request) -> http.Reply:
    """Verify a mail address."""
    return registering.submit_verify(request)


@told
def show_resend_verification(request: http.Request) -> http.Reply:
    """Ask for the address that another mail is to verify."""
    return registering.show_resend(request)


@told
def submit_resend_verification(request: http.Request) -> http.Reply:
    """Send another mail, where there is an address to verify."""
    return registering.submit_resend(request)


handle = http.resource(
    __file__,
    *(show_register, submit_register, show_verify_email, submit_verify_email),
    *(show_resend_verification, submit_resend_verification),
    probes=[probes.database, probes.redis, desk.secrets, probes.pubsub],
)
