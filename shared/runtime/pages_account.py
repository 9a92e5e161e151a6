"""The page on which users see how safe their account is, and end what they do not know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.identity.consents import WITHDRAWN
from shared.identity.factors import APP
from shared.identity.pages_return import HOME, SIGN_IN
from shared.identity.pages_texts import SCOPES
from shared.runtime import authorizing, browser, issuing
from shared.runtime.account_acts import acts_of
from shared.runtime.audit import note
from shared.runtime.pages import go, page
from shared.runtime.pages_desk import first_sign_in, principal_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.identity.browser import BrowserSession
    from shared.identity.consents import Consents
    from shared.runtime.messages import Reply, Request
    from shared.runtime.pages_desk import PageDesk

SAID = {
    "on": "It is done.",
    "app_removed": "The authenticator app is off. Delete its entry in the app too.",
    "password": "Your password is changed, and every other session has ended.",
}
"""What was done just before, by the word that the address has for it."""


@dataclass(frozen=True)
class AccountPages:
    """Account security."""

    desk: PageDesk
    consents: Consents

    def show(self, request: Request) -> Reply:
        """Show what opens the account, and where it is open."""
        signed_in = browser.current(request)
        if signed_in is None:
            return first_sign_in(request)
        user, account = signed_in.user_id, self.desk.account(signed_in)
        who = principal_of(signed_in, account)
        return page(
            "security",
            notice=SAID.get(dict(request.pairs).get("done", ""), ""),
            csrf=signed_in.csrf,
            own=signed_in.id,
            email=account.email,
            has_password=account.password_hash is not None,
            app=APP in self.desk.factors.factors.needed(user),
            passkeys=self.desk.factors.own_passkeys.of(who),
            identities=self.desk.federation.identities.of(user),
            sessions=issuing.sessions().of(user),
            browsers=browser.sessions().of(user),
            consents=self.consents.of(user),
            texts=SCOPES,
        )

    def submit(self, request: Request) -> Reply:
        """End a session, or all of them, or a consent."""
        sent, signed_in = browser.own_form(request), browser.current(request)
        if signed_in is None:
            return go(SIGN_IN)
        if "everything" in sent:
            issuing.sessions().end_all(signed_in.user_id, reason="ended_by_user")
            note(acts_of(request)("AUTH_LOGOUT", signed_in.user_id))
            return go(f"{SIGN_IN}?done=signed_out", browser.drop())
        self._end(request, signed_in, sent)
        return go(f"{HOME}?done=on")

    def _end(self, request: Request, signed_in: BrowserSession, sent: Mapping[str, str]) -> None:
        """End one of the user's own; what is nobody's, or another's, is passed over."""
        user, session, browser_id = signed_in.user_id, sent.get("session"), sent.get("browser")
        if session in {line.id for line in issuing.sessions().of(user)}:
            issuing.sessions().end(str(session), "ended_by_user")
            note(acts_of(request)("AUTH_LOGOUT", user))
        if browser_id in {line.id for line in browser.sessions().of(user)}:
            browser.sessions().end_one(user, str(browser_id))
            note(acts_of(request)("AUTH_LOGOUT", user))
        for one in self.consents.of(user):
            if one.id == sent.get("consent"):
                said = {"client": one.client_id}
                event = authorizing.acts_of(request)(WITHDRAWN, user, said)
                now = self.desk.clock.now()
                self.consents.withdraw(user, one.client_id, now=now, event=event)
