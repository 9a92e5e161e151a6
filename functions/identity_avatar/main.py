"""/api/v1/users/me/avatar and /api/v1/avatars: the picture an account is known by."""

from functools import cache

from shared.adapters import connect, probes
from shared.adapters.avatars import AvatarFolder
from shared.adapters.pictures import square_webp
from shared.adapters.sql.identity.avatar import SqlAvatarNames
from shared.identity.accounts import Told
from shared.identity.avatar import FIELD, AvatarDesk, AvatarUrl, WhichAvatar
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.household_acts import CHANGE, shown_by
from shared.runtime.uploads import upload
from shared.runtime.viewer import authorize

clock = SystemClock()
PRIVATE = {"cache-control": "no-store"}
FOREVER = {"cache-control": "public, max-age=31536000, immutable"}


@cache
def desk() -> AvatarDesk:
    """Return what gives accounts their pictures."""
    folder = AvatarFolder(connect.addresses().artifacts_dir)
    return AvatarDesk(folder, SqlAvatarNames(clock), square_webp)


@http.describes(file=FIELD, answer=AvatarUrl, refusals=(404, 415, 422))
def change_avatar(request: http.Request) -> http.Reply:
    """Take a JPEG, PNG or WebP as the field ``avatar`` of a form, and answer where it is shown."""
    content = upload(request, FIELD)
    shown_at = desk().change(request.principal.sub, content, _told(request))
    return http.reply(AvatarUrl(avatar_url=shown_at), headers=PRIVATE)


@http.describes(status=204, media_type="", refusals=(404,))
def remove_avatar(request: http.Request) -> http.Reply:
    """Take the picture away."""
    desk().remove(request.principal.sub, _told(request))
    return http.Reply(status=204, headers=PRIVATE, media_type="")


@http.describes(query=WhichAvatar, media_type="image/webp", refusals=(404,))
def show_avatar(request: http.Request) -> http.Reply:
    """Answer with a picture; another one has another name."""
    content = desk().read(request.query(WhichAvatar).file)
    return http.Reply(content, headers=FOREVER, media_type="image/webp")


def _told(request: http.Request) -> Told:
    return Told(shown_by(request, CHANGE, fields=["avatar"]).noted)


handle = http.resource(
    __file__,
    change_avatar,
    remove_avatar,
    show_avatar,
    authorize=authorize,
    probes=[probes.database],
)
