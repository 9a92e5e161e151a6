"""Pages on which a browser signs in by a password, and out again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from shared.identity.accounts import (
    AccountSuspendedError,
    CredentialsError,
    EmailNotVerifiedError,
    normalized_email,
)
from shared.identity.browser import FormForgedError, form_token
from shared.identity.deletion import AccountLeavingError
from shared.identity.pages_return import SIGN_IN
from shared.identity.pages_texts import missing
from shared.identity.passwords import RAW_MOST
from shared.identity.throttle import TooManyTriesError
from shared.runtime import browser
from shared.runtime.account_acts import acts_of, visitor_of
from shared.runtime.audit import note
from shared.runtime.forms import form
from shared.runtime.pages import Wrong, go, known, page
from shared.runtime.pages_desk import FACTOR, onward_of, targets, waiting_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.identity.pages_return import Onward
    from shared.runtime.messages import Reply, Request
    from shared.runtime.pages_desk import PageDesk

ADDRESS = "Enter your mail address as name@example.com"
PASSWORD = "Enter your password"  # noqa: S105 - what to do
SAID = {
    "closed": "Your account is closed. A mail says how to have it back.",
    "reset": "You have a new password. Sign in with it.",
    "restored": "Your account is open again. Sign in.",
    "signed_out": "You are signed out.",
    "verified": "Your mail address is verified. Sign in.",
}
"""What was done just before, by the word that the address has for it."""
_TOLD = (
    AccountLeavingError,
    CredentialsError,
    EmailNotVerifiedError,
    AccountSuspendedError,
    FormForgedError,
    TooManyTriesError,
)


@dataclass(frozen=True)
class SignInPages:
    """The form of mail address and password, and signing out."""

    desk: PageDesk

    def show(self, request: Request) -> Reply:
        """Show the form, unless the browser is signed in and nobody asks it to be so again."""
        onward = onward_of(dict(request.pairs))
        if not onward.request and browser.current(request):
            return go(onward.path)
        return self._form(request, onward)

    def submit(self, request: Request) -> Reply:
        """Sign in, or show the form again with what is wrong."""
        sent = form(request)
        onward = onward_of(sent)
        try:
            browser.must_be_own(request, sent)
            wrong = _incomplete(sent)
            if wrong is None:
                return self._prove(request, sent, onward)
        except _TOLD as error:
            wrong = Wrong.of(error, request)
        return self._form(request, onward, email=sent.get("email", ""), wrong=wrong)

    def _prove(self, request: Request, sent: Mapping[str, str], onward: Onward) -> Reply:
        """Judge a password; go on to the second factor, or to where the browser wants to."""
        signing, email = self.desk.factors.signing_in, normalized_email(sent["email"]) or ""
        proof = signing.prove(email, sent["password"], acts_of(request), visitor_of(request))
        more = signing.more_needed(proof)
        if more is None:
            return self.desk.enter(request, proof, onward)
        ways = urlencode({**onward.carried, "ways": " ".join(more.methods)})
        return go(f"{FACTOR}?{ways}", browser.keep(more.mfa_token))

    def _form(
        self, request: Request, onward: Onward, *, email: str = "", wrong: Wrong | None = None
    ) -> Reply:
        cookie, given = known(request)
        waiting = waiting_for(request, onward)
        return page(
            "sign_in",
            wrong=wrong,
            headers=given,
            forms=targets(waiting),
            notice=SAID.get(dict(request.pairs).get("done", ""), ""),
            csrf=form_token(cookie),
            carried=onward.carried,
            query=onward.query,
            return_query=urlencode({"return_to": onward.path}),
            client=waiting.client_name if waiting else "",
            email=email,
            providers=self.desk.federation.offered(),
        )

    def sign_out(self, request: Request) -> Reply:
        """End the session of a browser."""
        browser.own_form(request)
        session = browser.current(request)
        if session:
            browser.sessions().end(browser.cookie_of(request))
            note(acts_of(request)("AUTH_LOGOUT", session.user_id))
        return go(f"{SIGN_IN}?done=signed_out", browser.drop())


def _incomplete(sent: Mapping[str, str]) -> Wrong | None:
    fields = {}
    if normalized_email(sent.get("email", "")) is None:
        fields["email"] = ADDRESS
    if not 0 < len(sent.get("password", "")) <= RAW_MOST:
        fields["password"] = PASSWORD
    return Wrong(missing(**fields)) if fields else None
