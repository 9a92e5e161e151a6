"""/account: a copy of what is kept, leaving, and coming back within the grace."""

from shared.adapters import probes
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.pages import told
from shared.runtime.pages_desk import PageDesk
from shared.runtime.pages_life import LifePages
from shared.runtime.pages_member import Members

clock = SystemClock()
desk = PageDesk(clock)
members = Members(desk)
pages = LifePages(desk, members)


@told
def show_data(request: http.Request) -> http.Reply:
    """Offer a copy of what is kept, what may be kept and used, and the way out."""
    return pages.show_data(request)


@told
def submit_data(request: http.Request) -> http.Reply:
    """Have a copy made, or decide what may be kept and used."""
    return pages.submit_data(request)


@told
def show_leave(request: http.Request) -> http.Reply:
    """Say what closing an account means."""
    return pages.show_leave(request)


@told
def submit_leave(request: http.Request) -> http.Reply:
    """Close an account."""
    return pages.submit_leave(request)


@told
def show_restore_account(request: http.Request) -> http.Reply:
    """Ask for the code that was mailed, or for the password."""
    return pages.show_restore(request)


@told
def submit_restore_account(request: http.Request) -> http.Reply:
    """Give an account back."""
    return pages.submit_restore(request)


@told
def show_download_export(request: http.Request) -> http.Reply:
    """Ask for the code that was mailed."""
    return pages.show_download(request)


@told
def submit_download_export(request: http.Request) -> http.Reply:
    """Give the copy that a mail told of."""
    return pages.submit_download(request)


handle = http.resource(
    __file__,
    *(show_data, submit_data, show_leave),
    *(submit_leave, show_restore_account, submit_restore_account),
    *(show_download_export, submit_download_export),
    probes=[probes.database, probes.redis, desk.secrets, probes.pubsub],
)
