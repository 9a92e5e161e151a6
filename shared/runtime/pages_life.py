"""Pages on which an account leaves, comes back, and gives its user a copy of their data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from shared.identity.accounts_wishes import MailToken
from shared.identity.deletion import GRACE
from shared.identity.deletion_wishes import Restore
from shared.identity.pages_return import SIGN_IN
from shared.identity.pages_texts import FIELDS, PURPOSES, missing
from shared.identity.privacy import PrivacyChange
from shared.runtime import browser
from shared.runtime.forms import form
from shared.runtime.life import LifeDesk
from shared.runtime.messages import Reply
from shared.runtime.pages import NEVER_KEPT, Wrong, go, tried
from shared.runtime.pages_member import wish_of
from shared.runtime.pages_register import TICKED, open_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.runtime.messages import Request
    from shared.runtime.pages_desk import PageDesk
    from shared.runtime.pages_member import Member, Members

DATA = "/account/data"
RESTORE = "/account/restore-account"
ZIP = "application/zip"
FILE = {**NEVER_KEPT, "content-disposition": 'attachment; filename="media-gateway-export.zip"'}
SAID = {
    "asked": "The copy is being made. A mail tells you when it is ready, and how to get it.",
    "decided": "Your choice is kept, and in force within seconds.",
}
CERTAIN = "Say that you are certain"


@dataclass
class LifePages:
    """Leaving, coming back, a copy, and what may be kept and used."""

    desk: PageDesk
    members: Members

    @cached_property
    def life(self) -> LifeDesk:
        """What the endpoints of leaving ask, too."""
        return LifeDesk(self.desk.rules)

    def show_data(self, request: Request) -> Reply:
        """Offer a copy of what is kept, what may be kept and used, and the way out."""
        return self._data(self.members.of(request), dict(request.pairs).get("done", ""))

    def submit_data(self, request: Request) -> Reply:
        """Have a copy made, or decide what may be kept and used."""
        member, sent = self.members.sending(request)

        def work() -> Reply:
            if sent.get("do") == "decide":
                self._decide(member, sent)
                return go(f"{DATA}?done=decided")
            self.life.export(member.request)
            return go(f"{DATA}?done=asked")

        return tried(request, work, lambda wrong: self._data(member, wrong=wrong))

    def _decide(self, member: Member, sent: Mapping[str, str]) -> None:
        """Keep what a form decides otherwise than before: what stays was not decided by it."""
        before = self._allowed(member)
        wish = {purpose: sent.get(purpose) == TICKED for purpose in PURPOSES}
        changed = {purpose: it for purpose, it in wish.items() if it != before[purpose]}
        self.life.decide(member.request, PrivacyChange(**changed))

    def _allowed(self, member: Member) -> dict[str, bool]:
        found = self.life.privacy(member.request)
        return {purpose: getattr(found, purpose).granted for purpose in PURPOSES}

    def _data(self, member: Member, done: str = "", wrong: Wrong | None = None) -> Reply:
        notice, allowed = SAID.get(done, ""), self._allowed(member)
        return member.page("data", wrong=wrong, notice=notice, purposes=PURPOSES, allowed=allowed)

    def show_leave(self, request: Request) -> Reply:
        """Say what closing an account means."""
        return self._leave(self.members.fresh(request))

    def submit_leave(self, request: Request) -> Reply:
        """Close an account."""
        member, sent = self.members.sending(request)

        def work() -> Reply:
            if sent.get("certain") != TICKED:
                return self._leave(member, Wrong(missing(certain=CERTAIN)))
            self.life.leave(member.request)
            return go(f"{SIGN_IN}?done=closed", browser.drop())

        return tried(request, work, lambda wrong: self._leave(member, wrong))

    def _leave(self, member: Member, wrong: Wrong | None = None) -> Reply:
        return member.page("leave", wrong=wrong, days=GRACE.days)

    def show_restore(self, request: Request) -> Reply:
        """Ask for the code of a mail, or for address and password."""
        return open_page(request, "restore_account")

    def submit_restore(self, request: Request) -> Reply:
        """Give an account back."""
        sent = form(request)

        def work() -> Reply:
            browser.must_be_own(request, sent)
            if (wrong := _incomplete(sent)) is not None:
                return open_page(request, "restore_account", sent, wrong)
            self.life.restore(request, wish_of(Restore, _trimmed(sent)))
            return go(f"{SIGN_IN}?done=restored")

        return tried(
            request, work, lambda wrong: open_page(request, "restore_account", sent, wrong)
        )

    def show_download(self, request: Request) -> Reply:
        """Ask for the code of a mail."""
        return open_page(request, "download_export")

    def submit_download(self, request: Request) -> Reply:
        """Give the copy that a mail told of."""
        sent = form(request)

        def work() -> Reply:
            browser.must_be_own(request, sent)
            token = wish_of(MailToken, _trimmed(sent)).token.get_secret_value()
            return Reply(self.life.download(request, token), headers=FILE, media_type=ZIP)

        return tried(
            request, work, lambda wrong: open_page(request, "download_export", sent, wrong)
        )


def _incomplete(sent: dict[str, str]) -> Wrong | None:
    """Return what is said of a form that has neither a code nor both of address and password."""
    if "token" in sent or {"email", "password"} <= sent.keys():
        return None
    if "email" in sent:
        return Wrong(missing(password=FIELDS["password"]))
    field = "email" if "password" in sent else "token"
    return Wrong(missing(**{field: FIELDS[field]}))


def _trimmed(sent: dict[str, str]) -> dict[str, str]:
    """Return a form whose code has no blanks around it, as they come with it from a mail."""
    return {**sent, "token": sent["token"].strip()} if "token" in sent else sent
