"""Pages on which a user decides: what an application may do, and which device is let in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.identity.browser import FormForgedError
from shared.identity.device import (
    CodeDecidedError,
    CodeExpiredError,
    CodeUnknownError,
    approval_of,
    normalized,
    shown,
)
from shared.identity.pages_return import SIGN_IN
from shared.identity.pages_texts import ago, described
from shared.kernel.errors import ExhaustedError
from shared.runtime import browser
from shared.runtime.audit import audit_event, note
from shared.runtime.authorizing import authorizations
from shared.runtime.forms import form
from shared.runtime.pages import HOME_LINK, Wrong, go, page
from shared.runtime.pages_desk import (
    first_sign_in,
    onward_of,
    principal_of,
    targets,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.identity.browser import BrowserSession
    from shared.identity.device import Started
    from shared.runtime.messages import Reply, Request
    from shared.runtime.pages_desk import PageDesk

DEVICE = "/auth/device/enter"
SCOPE = "scope:"
"""Begins the name of each scope's own field."""
DECIDED = {
    "approve": ("The device is let in", "It goes on by itself in a few seconds."),
    "deny": ("The device is not let in", "Its screen says so in a few seconds."),
}
_TOLD = (CodeUnknownError, CodeExpiredError, CodeDecidedError, ExhaustedError, FormForgedError)


@dataclass(frozen=True)
class DecidePages:
    """Consent, and devices."""

    desk: PageDesk

    def show_consent(self, request: Request) -> Reply:
        """Show which application asks for what."""
        onward, signed_in = onward_of(dict(request.pairs)), browser.current(request)
        if signed_in is None:
            return go(f"{SIGN_IN}{onward.query}")
        account = self.desk.account(signed_in)
        waiting = authorizations(request).pending(onward.request)
        return page(
            "consent",
            forms=targets(waiting),
            csrf=signed_in.csrf,
            carried=onward.carried,
            email=account.email,
            client=waiting.client_name,
            client_host=waiting.client_host,
            redirect_host=waiting.redirect_host,
            asked=described(waiting.api_scopes),
        )

    def submit_consent(self, request: Request) -> Reply:
        """Let the application have what the user ticked, or nothing, and send the browser to it."""
        sent = browser.own_form(request)
        onward, signed_in = onward_of(sent), browser.current(request)
        if signed_in is None:
            return go(f"{SIGN_IN}{onward.query}")
        desk = authorizations(request)
        if sent.get("decision") == "allow":
            return go(desk.approve(onward.request, signed_in, _ticked(sent)))
        return go(desk.refuse(onward.request))

    def show_device(self, request: Request) -> Reply:
        """Ask for the code of a device, or show which one waits with a code."""
        signed_in, asked = browser.current(request), dict(request.pairs)
        if signed_in is None:
            return first_sign_in(request)
        if asked.get("decided") in DECIDED:
            title, text = DECIDED[asked["decided"]]
            return page("message", title=title, text=text, onward=HOME_LINK)
        return self._device(request, signed_in, asked.get("user_code", ""))

    def submit_device(self, request: Request) -> Reply:
        """Show which device waits with a code, or let it in, or not."""
        signed_in = browser.current(request)
        if signed_in is None:
            return go(DEVICE)
        sent = form(request)
        try:
            browser.must_be_own(request, sent)
            decision = sent.get("decision")
            if decision in DECIDED:
                self._decide(request, signed_in, sent, approved=decision == "approve")
                return go(f"{DEVICE}?decided={decision}")
            code = normalized(sent.get("user_code", ""))
            return go(f"{DEVICE}?user_code={shown(code)}")
        except _TOLD as error:
            wrong = Wrong.of(error, request)
        return _code_form(signed_in, sent.get("user_code", ""), wrong)

    def _device(self, request: Request, signed_in: BrowserSession, typed: str) -> Reply:
        if not typed:
            return _code_form(signed_in, "", None)
        now, account = self.desk.clock.now(), self.desk.account(signed_in)
        try:
            waiting = self.desk.codes.find(signed_in.user_id, typed, now)
        except _TOLD as error:
            return _code_form(signed_in, typed, Wrong.of(error, request))
        return page(
            "device_decide",
            csrf=signed_in.csrf,
            user_code=shown(normalized(typed)),
            client=self._client(waiting),
            device_name=waiting.device_name,
            network=waiting.network,
            age=ago(now - waiting.requested_at),
            email=account.email,
            asked=described(waiting.scopes),
        )

    def _client(self, waiting: Started) -> str:
        client = self.desk.clients.find(waiting.client_id)
        return client.name if client else waiting.client_id

    def _decide(
        self,
        request: Request,
        signed_in: BrowserSession,
        sent: Mapping[str, str],
        *,
        approved: bool,
    ) -> None:
        code, now = sent.get("user_code", ""), self.desk.clock.now()
        who = principal_of(signed_in, self.desk.account(signed_in))
        waiting = self.desk.codes.find(who.sub, code, now)
        approval = approval_of(who, waiting, _ticked(sent), now) if approved else None
        self.desk.codes.decide(code, approval, now)
        details = {"client": waiting.client_id, "approved": approved}
        note(audit_event(request, who, "AUTH_LOGIN", resource_type="device", details=details))


def _ticked(sent: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name.removeprefix(SCOPE) for name in sent if name.startswith(SCOPE))


def _code_form(signed_in: BrowserSession, typed: str, wrong: Wrong | None) -> Reply:
    return page("device_enter", wrong=wrong, csrf=signed_in.csrf, user_code=typed)
