"""/api/v1/users/me/profiles: the viewers of an account, and as whom a session goes on."""

from functools import cache

from shared.adapters import probes
from shared.adapters.pubsub import PubSubPublisher
from shared.identity import household_wishes as asked
from shared.identity.household import most_of
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.household import HouseholdRules
from shared.runtime.household_acts import shown_by, wish_of
from shared.runtime.viewer import authorize

clock = SystemClock()
rules = cache(lambda: HouseholdRules(clock, PubSubPublisher()))
PRIVATE = {"cache-control": "no-store"}


@http.describes(answer=asked.ProfileList, refusals=(404,))
def list_profiles(request: http.Request) -> http.Reply:
    """Answer with the household, its owner first."""
    who = request.principal
    items = [asked.shown(each, who.pid) for each in rules().profiles.all_of(who.sub)]
    return http.reply(asked.ProfileList(items=items, most=most_of(who.tier)), headers=PRIVATE)


@http.describes(body=asked.NewProfile, answer=asked.ProfileShown, status=201, refusals=(404, 409))
def add_profile(request: http.Request) -> http.Reply:
    """Add a viewer."""
    wish, made = wish_of(request, asked.NewProfile), str(rules().ids.new())
    found = rules().desk.add(wish, shown_by(request, "USER_PROFILE_ADD", profile=made), made)
    where = {**PRIVATE, "location": f"/api/v1/users/me/profiles/{made}"}
    return http.reply(asked.shown(found, request.principal.pid), status=201, headers=where)


@http.describes(query=asked.WhichProfile, answer=asked.ProfileShown)
def read_profile(request: http.Request) -> http.Reply:
    """Answer with one viewer."""
    which, who = request.query(asked.WhichProfile).id, request.principal
    found = rules().profiles.one_of(who.sub, which)
    return http.reply(asked.shown(found, who.pid), headers=PRIVATE)


@http.describes(
    query=asked.WhichProfile, body=asked.ProfileChange, answer=asked.ProfileShown, refusals=(409,)
)
def edit_profile(request: http.Request) -> http.Reply:
    """Change a viewer; to let them see more, the PIN has to be shown where there is one."""
    which, wish = request.query(asked.WhichProfile).id, wish_of(request, asked.ProfileChange)
    by = shown_by(request, "USER_PROFILE_CHANGE", profile=which, fields=wish.fields())
    found = rules().desk.change(which, wish, by)
    return http.reply(asked.shown(found, request.principal.pid), headers=PRIVATE)


@http.describes(query=asked.WhichProfile, status=204, media_type="", refusals=(409,))
def remove_profile(request: http.Request) -> http.Reply:
    """Forget a viewer; their sessions end."""
    which = request.query(asked.WhichProfile).id
    rules().desk.remove(which, shown_by(request, "USER_PROFILE_REMOVE", profile=which))
    return http.Reply(status=204, headers=PRIVATE, media_type="")


@http.describes(query=asked.WhichProfile, answer=asked.SelectedToken)
def select_profile(request: http.Request) -> http.Reply:
    """Let this session go on as another viewer; the token that asked ends with it."""
    which = request.query(asked.WhichProfile).id
    found = rules().desk.select(which, shown_by(request, "USER_PROFILE_SELECT", profile=which))
    return http.reply(found, headers=PRIVATE)


handle = http.resource(
    __file__,
    list_profiles, add_profile, read_profile, edit_profile, remove_profile, select_profile,
    authorize=authorize, probes=[probes.database, probes.redis],
)  # fmt: skip
