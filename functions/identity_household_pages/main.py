"""/account: the viewers of a household, what may be seen and when, and the PIN."""

from shared.adapters import probes
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.pages import told
from shared.runtime.pages_desk import PageDesk
from shared.runtime.pages_household import HouseholdPages
from shared.runtime.pages_member import Members

clock = SystemClock()
desk = PageDesk(clock)
members = Members(desk)
pages = HouseholdPages(desk, members)


@told
def show_household(request: http.Request) -> http.Reply:
    """Show the profiles of a household."""
    return pages.show_household(request)


@told
def submit_household(request: http.Request) -> http.Reply:
    """Add a profile."""
    return pages.submit_household(request)


@told
def show_household_profile(request: http.Request) -> http.Reply:
    """Show a profile, to be changed."""
    return pages.show_profile(request)


@told
def submit_household_profile(request: http.Request) -> http.Reply:
    """Change a profile, or remove it."""
    return pages.submit_profile(request)


@told
def show_parental_controls(request: http.Request) -> http.Reply:
    """Show what holds for a whole account."""
    return pages.show_controls(request)


@told
def submit_parental_controls(request: http.Request) -> http.Reply:
    """Change what holds for a whole account."""
    return pages.submit_controls(request)


@told
def show_pin(request: http.Request) -> http.Reply:
    """Ask for a new PIN."""
    return pages.show_pin(request)


@told
def submit_pin(request: http.Request) -> http.Reply:
    """Set the PIN, or take it away."""
    return pages.submit_pin(request)


handle = http.resource(
    __file__,
    *(show_household, submit_household, show_household_profile),
    *(submit_household_profile, show_parental_controls, submit_parental_controls),
    *(show_pin, submit_pin),
    probes=[probes.database, probes.redis, desk.secrets, probes.pubsub],
)
