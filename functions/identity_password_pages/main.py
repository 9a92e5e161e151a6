"""/account: a password that is forgotten, chosen anew by mail, or changed."""

from shared.adapters import probes
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.pages import told
from shared.runtime.pages_desk import PageDesk
from shared.runtime.pages_member import Members
from shared.runtime.pages_password import PasswordPages

clock = SystemClock()
desk = PageDesk(clock)
passwords = PasswordPages(desk, Members(desk))


@told
def show_forgot_password(request: http.Request) -> http.Reply:
    """Ask for the address of an account."""
    return passwords.show_forgot(request)


@told
def submit_forgot_password(request: http.Request) -> http.Reply:
    """Send a mail by which a new password can be chosen, where there is an account."""
    return passwords.submit_forgot(request)


@told
def show_reset_password(request: http.Request) -> http.Reply:
    """Ask for the code that was mailed, and a new password."""
    return passwords.show_reset(request)


@told
def submit_reset_password(request: http.Request) -> http.Reply:
    """Choose a new password by a mailed code."""
    return passwords.submit_reset(request)


@told
def show_password(request: http.Request) -> http.Reply:
    """Ask for the old password and a new one."""
    return passwords.show_change(request)


@told
def submit_password(request: http.Request) -> http.Reply:
    """Change a password; every other session ends."""
    return passwords.submit_change(request)


handle = http.resource(
    __file__,
    *(show_forgot_password, submit_forgot_password, show_reset_password),
    *(submit_reset_password, show_password, submit_password),
    probes=[probes.database, probes.redis, desk.secrets, probes.pubsub],
)
