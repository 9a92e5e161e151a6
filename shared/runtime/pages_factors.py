"""Pages on which users set up and take off their second factors."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from shared.adapters.qr import svg
from shared.identity.factors import APP, FactorUnknownError, FactorWrongError
from shared.identity.factors_judge import Typed
from shared.identity.pages_return import HOME
from shared.identity.passkeys import PasskeyKnownError
from shared.identity.passkeys_wishes import PasskeyName, WhichPasskey
from shared.runtime.pages import go, tried
from shared.runtime.pages_factor import answer_of
from shared.runtime.pages_member import ONCE, wish_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shared.identity.passkeys import Passkey
    from shared.runtime.messages import Reply, Request
    from shared.runtime.pages import Wrong
    from shared.runtime.pages_desk import PageDesk
    from shared.runtime.pages_member import Member, Members

AUTHENTICATOR = "/account/authenticator"
BACKUP_CODES = "/account/backup-codes"
PASSKEYS = "/account/passkeys"
NEW_PASSKEY = "/account/passkeys/new"
SCAN = "scan"
DO = "do"
"""Name of the buttons of a page with several."""


@dataclass(frozen=True)
class FactorsPages:
    """Authenticator app, backup codes, passkeys."""

    desk: PageDesk
    members: Members

    def show_app(self, request: Request) -> Reply:
        """Show whether there is an app, or the secret of the one that waits for its first code."""
        member = self.members.proven(request)
        return self._app(member, scan=SCAN in dict(request.pairs))

    def submit_app(self, request: Request) -> Reply:
        """Begin with an app, put it to use by its first code, or take it off."""
        member, sent = self.members.sending(request)
        do, own = sent.get(DO), self.desk.factors.own

        def work() -> Reply:
            code = sent.get("code", "").replace(" ", "")
            if do == "begin":
                own.enroll(member.caller, Typed(code), member.act)
                return go(f"{AUTHENTICATOR}?{SCAN}=on")
            if do == "remove":
                own.remove(member.caller, Typed(), member.act)
                return go(f"{HOME}?done=app_removed")
            return _codes(member, own.activate(member.caller, code, member.act))

        def again(wrong: Wrong) -> Reply:
            return self._app(self.members.proven(request), wrong, scan=do == "activate")

        return tried(request, work, again)

    def _app(self, member: Member, wrong: Wrong | None = None, *, scan: bool) -> Reply:
        if scan:
            try:
                made = self.desk.factors.own.waiting(member.caller, member.act)
            except FactorUnknownError:
                return go(AUTHENTICATOR)
            parts = [made.secret[at : at + 4] for at in range(0, len(made.secret), 4)]
            shown = {"picture": svg(made.address), "secret": " ".join(parts)}
            return member.page("authenticator_scan", wrong=wrong, **shown)
        active = APP in self.desk.factors.factors.needed(member.caller.sub)
        return member.page("authenticator", wrong=wrong, active=active)

    def show_backups(self, request: Request) -> Reply:
        """Offer new backup codes."""
        return self._backups(self.members.proven(request), None)

    def submit_backups(self, request: Request) -> Reply:
        """Make new backup codes, and show them this once."""
        member, sent = self.members.sending(request)

        def work() -> Reply:
            self.members.take_form(member, sent)
            made = self.desk.factors.own.renew_backups(member.caller, Typed(), member.act)
            return _codes(member, made)

        return tried(request, work, lambda wrong: self._backups(member, wrong))

    def _backups(self, member: Member, wrong: Wrong | None) -> Reply:
        needed = self.desk.factors.factors.needed(member.caller.sub)
        once = {ONCE: self.members.form_for(member)} if needed else {}
        return member.page("backup_codes_ask", wrong=wrong, carried=once, needed=bool(needed))

    def show_passkeys(self, request: Request) -> Reply:
        """Show the member's passkeys."""
        return self._passkeys(self.members.proven(request), dict(request.pairs).get("done", ""))

    def submit_passkeys(self, request: Request) -> Reply:
        """Keep a new passkey, name one, or forget it."""
        member, sent = self.members.sending(request)
        do = sent.get(DO, "")

        def work() -> Reply:
            if do == "add":
                return self._add(member, sent)
            which = wish_of(WhichPasskey, sent).id
            if do == "remove":
                self.desk.factors.own_passkeys.remove(member.caller, which, member.act)
            else:
                name = wish_of(PasskeyName, sent).name
                self.desk.factors.own_passkeys.rename(member.caller, which, name)
            return go(f"{PASSKEYS}?done={'removed' if do == 'remove' else 'named'}")

        return tried(request, work, lambda wrong: self._passkeys(member, wrong=wrong))

    def _add(self, member: Member, sent: Mapping[str, str]) -> Reply:
        """Keep a new passkey; of the same one sent twice, the second changes nothing."""
        name = wish_of(PasskeyName, sent).name if sent.get("name", "").strip() else ""
        shown, desk = answer_of(sent), self.desk.factors.own_passkeys
        try:
            _made, codes = desk.finish(member.caller, shown, name, member.act)
        except PasskeyKnownError:
            return go(PASSKEYS)
        except FactorWrongError:
            if _is_kept(desk.of(member.caller), shown):
                return go(PASSKEYS)
            raise
        return _codes(member, codes) if codes else go(f"{PASSKEYS}?done=added")

    def _passkeys(self, member: Member, done: str = "", wrong: Wrong | None = None) -> Reply:
        found = self.desk.factors.own_passkeys.of(member.caller)
        return member.page("passkeys", wrong=wrong, notice=SAID.get(done, ""), passkeys=found)

    def show_new_passkey(self, request: Request) -> Reply:
        """Ask the browser for a new passkey."""
        member = self.members.proven(request)
        options = self.desk.factors.own_passkeys.begin(member.caller, member.act)
        return member.page("passkey_new", options=orjson.dumps(options).decode())


SAID = {
    "added": "You have a new passkey.",
    "named": "The passkey has its new name.",
    "removed": "The passkey is removed here. Delete it on its device too.",
}
"""What was done just before, by the word that the address has for it."""


def _codes(member: Member, codes: Iterable[str]) -> Reply:
    return member.page("backup_codes", codes=list(codes))


def _is_kept(passkeys: Iterable[Passkey], shown: Mapping[str, Any]) -> bool:
    """Tell whether what was shown makes a passkey that is there already."""
    ids = {urlsafe_b64encode(one.key.credential_id).rstrip(b"=").decode() for one in passkeys}
    return shown.get("id") in ids
