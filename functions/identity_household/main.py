"""/api/v1/users/me/profiles: the viewers of an account, and as whom a session goes on."""

from functools import cache

from shared.adapters import probes
from shared.identity.household import most_of
from shared.identity.household_shown import ProfileList, ProfileShown, SelectedToken, shown
from shared.identity.household_wishes import NewProfile, ProfileChange, WhichProfile
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.household import HouseholdRules
from shared.runtime.household_acts import known, shown_by
from shared.runtime.viewer import authorize

clock = SystemClock()
rules = cache(lambda: HouseholdRules(clock))
PRIVATE = {"cache-control": "no-store"}


@http.describes(answer=ProfileList, refusals=(404,))
def list_profiles(request: http.Request) -> http.Reply:
    """Answer with the household, its owner first."""
    who = request.principal
    items = [shown(each, who.pid) for each in rules().profiles.all_of(who.sub)]
    return http.reply(ProfileList(items=items, most=most_of(who.tier)), headers=PRIVATE)


@http.describes(body=NewProfile, answer=ProfileShown, status=201, refusals=(404, 409))
def add_profile(request: http.Request) -> http.Reply:
    """Add a viewer."""
    wish, made = known(request.json(NewProfile)), str(rules().ids.new())
    found = rules().desk.add(wish, shown_by(request, "USER_PROFILE_ADD", profile=made), made)
    where = {**PRIVATE, "location": f"/api/v1/users/me/profiles/{made}"}
    return http.reply(shown(found, request.principal.pid), status=201, headers=where)


@http.describes(query=WhichProfile, answer=ProfileShown)
def read_profile(request: http.Request) -> http.Reply:
    """Answer with one viewer."""
    which, who = request.query(WhichProfile).id, request.principal
    found = rules().profiles.one_of(who.sub, which)
    return http.reply(shown(found, who.pid), headers=PRIVATE)


@http.describes(query=WhichProfile, body=ProfileChange, answer=ProfileShown, refusals=(409,))
def edit_profile(request: http.Request) -> http.Reply:
    """Change a viewer; to let them see more, the PIN has to be shown where there is one."""
    which, wish = request.query(WhichProfile).id, known(request.json(ProfileChange))
    by = shown_by(request, "USER_PROFILE_CHANGE", profile=which, fields=wish.fields())
    found = rules().desk.change(which, wish, by)
    return http.reply(shown(found, request.principal.pid), headers=PRIVATE)


@http.describes(query=WhichProfile, status=204, media_type="", refusals=(409,))
def remove_profile(request: http.Request) -> http.Reply:
    """Forget a viewer; their sessions end."""
    which = request.query(WhichProfile).id
    rules().desk.remove(which, shown_by(request, "USER_PROFILE_REMOVE", profile=which))
    return http.Reply(status=204, headers=PRIVATE, media_type="")


@http.describes(query=WhichProfile, answer=SelectedToken)
def select_profile(request: http.Request) -> http.Reply:
    """Let this session go on as another viewer; the token that asked ends with it."""
    which = request.query(WhichProfile).id
    found = rules().desk.select(which, shown_by(request, "USER_PROFILE_SELECT", profile=which))
    return http.reply(found, headers=PRIVATE)


handle = http.resource(
    __file__,
    list_profiles, add_profile, read_profile, edit_profile, remove_profile, select_profile,
    authorize=authorize, probes=[probes.database, probes.redis],
)  # fmt: skip
