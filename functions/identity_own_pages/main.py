"""/account: name and picture, keys for programs, and accounts elsewhere."""

from shared.adapters import probes
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.pages import told
from shared.runtime.pages_access import AccessPages
from shared.runtime.pages_avatar import AvatarPages
from shared.runtime.pages_desk import PageDesk
from shared.runtime.pages_member import Members
from shared.runtime.pages_profile import ProfilePages

clock = SystemClock()
desk = PageDesk(clock)
members = Members(desk)
profile, access = ProfilePages(desk, members), AccessPages(desk, members)
avatar = AvatarPages(desk, members, profile)


@told
def show_profile(request: http.Request) -> http.Reply:
    """Show what an account is called, and its picture."""
    return profile.show(request)


@told
def submit_profile(request: http.Request) -> http.Reply:
    """Change name and country."""
    return profile.submit(request)


@told
def submit_avatar(request: http.Request) -> http.Reply:
    """Take a picture, or take it away."""
    return avatar.submit(request)


@told
def show_api_keys(request: http.Request) -> http.Reply:
    """Show the keys of an account."""
    return access.show_keys(request)


@told
def submit_api_keys(request: http.Request) -> http.Reply:
    """Make a key, which is shown once, or revoke one."""
    return access.submit_keys(request)


@told
def show_linked(request: http.Request) -> http.Reply:
    """Show which accounts elsewhere open this one."""
    return access.show_linked(request)


@told
def submit_linked(request: http.Request) -> http.Reply:
    """Add an account elsewhere, or remove one."""
    return access.submit_linked(request)


handle = http.resource(
    __file__,
    *(show_profile, submit_profile, submit_avatar),
    *(show_api_keys, submit_api_keys, show_linked),
    *(submit_linked,),
    probes=[probes.database, probes.redis, desk.secrets, probes.pubsub],
)
