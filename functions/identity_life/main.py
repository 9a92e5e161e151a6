"""/api/v1/users/me: what is kept and used, a copy of it, leaving, and coming back in the grace."""

from functools import cache

from shared.adapters import probes
from shared.identity.deletion_wishes import Download, ExportAsked, Leaving, Restore
from shared.identity.privacy import PrivacyChange, PrivacyShown
from shared.kernel.clock import SystemClock
from shared.runtime import http
from shared.runtime.accounts import AccountRules
from shared.runtime.issuing import issuer
from shared.runtime.life import LifeDesk
from shared.runtime.viewer import authorize

clock = SystemClock()
rules = cache(lambda: AccountRules(clock))
desk = cache(lambda: LifeDesk(rules()))
PRIVATE = {"cache-control": "no-store"}
FILE = {**PRIVATE, "content-disposition": 'attachment; filename="media-gateway-export.zip"'}
ZIP = "application/zip"


@http.describes(answer=Leaving, refusals=(404, 409))
def delete_account(request: http.Request) -> http.Reply:
    """Close the caller's account, and delete it for good after thirty days."""
    return http.reply(Leaving(deletion_scheduled_at=desk().leave(request)), headers=PRIVATE)


@http.describes(body=Restore, status=204, media_type="", refusals=(400, 401, 403, 409, 410, 429))
def restore_account(request: http.Request) -> http.Reply:
    """Give an account back, by the code of its mail or by its password."""
    desk().restore(request, request.json(Restore))
    return http.Reply(status=204, headers=PRIVATE, media_type="")


@http.describes(answer=ExportAsked, status=202, refusals=(429,))
def ask_for_export(request: http.Request) -> http.Reply:
    """Have a copy built of what is kept of the caller; a mail tells when it is ready."""
    return http.reply(desk().export(request), status=202, headers=PRIVATE)


@http.describes(body=Download, media_type=ZIP, refusals=(400, 404, 410))
def download_export(request: http.Request) -> http.Reply:
    """Answer with the copy that a mail told of."""
    token = request.json(Download).token.get_secret_value()
    return http.Reply(desk().download(request, token), headers=FILE, media_type=ZIP)


@http.describes(answer=PrivacyShown)
def get_privacy(request: http.Request) -> http.Reply:
    """Answer with what the caller lets be kept and used."""
    return http.reply(desk().privacy(request), headers=PRIVATE)


@http.describes(body=PrivacyChange, answer=PrivacyShown, refusals=(404,))
def change_privacy(request: http.Request) -> http.Reply:
    """Decide on what may be kept and used; what is refused is in force within seconds."""
    return http.reply(desk().decide(request, request.json(PrivacyChange)), headers=PRIVATE)


def secrets() -> None:
    """Make sure that tokens can be signed and addresses sealed."""
    issuer()
    _ = rules().letters


handle = http.resource(
    __file__,
    delete_account, restore_account, ask_for_export, download_export, get_privacy, change_privacy,
    authorize=authorize, probes=[probes.database, secrets, probes.pubsub, probes.redis],
)  # fmt: skip
