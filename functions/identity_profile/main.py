"""/api/v1/users/me: the caller's own account; a change may ask that it is still as it was read."""

from shared.adapters import probes
from shared.gateway.conditional import etag_of, is_known
from shared.identity.profile import Profile, ProfileChange
from shared.kernel.clock import SystemClock
from shared.kernel.errors import StaleError
from shared.runtime import http, profile_change
from shared.runtime.profile_change import profile_of
from shared.runtime.viewer import authorize

clock = SystemClock()


@http.describes(answer=Profile, refusals=(404,))
def get_profile(request: http.Request) -> http.Reply:
    """Answer with the caller's account."""
    return _shown(profile_of(request.principal.sub))


@http.describes(body=ProfileChange, answer=Profile, refusals=(404, 412))
def change_profile(request: http.Request) -> http.Reply:
    """Change the caller's account; with ``If-Match`` only where nobody else did meanwhile."""
    condition = request.headers.get("if-match")

    def judge(kept: Profile) -> None:
        _must_match(condition, _shown(kept))

    wish = request.json(ProfileChange)
    return _shown(profile_change.change_profile(request, wish, clock.now(), judge))


def _must_match(condition: str | None, now: http.Reply) -> None:
    """Refuse a change of what the caller has not seen (RFC 9110 §13.1.1)."""
    weak = condition is not None and "W/" in condition  # never equal by the strong comparison
    if condition is not None and (weak or not is_known(condition, now.headers["etag"])):
        raise StaleError("the account was changed since it was read; read it again")


def _shown(profile: Profile) -> http.Reply:
    found = http.reply(profile)
    return found._replace(headers={"etag": etag_of(found.body), "cache-control": "no-store"})


handle = http.resource(
    __file__, get_profile, change_profile, authorize=authorize, probes=[probes.database]
)
