"""Pages on which somebody becomes a user: registering, verifying a mail address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.identity.accounts_wishes import Address, MailToken, Register
from shared.identity.browser import form_token
from shared.identity.pages_return import SIGN_IN
from shared.identity.passwords import LEAST
from shared.runtime import browser
from shared.runtime.account_acts import acts_of
from shared.runtime.forms import form
from shared.runtime.pages import go, known, page, tried
from shared.runtime.pages_member import wish_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from shared.runtime.messages import Reply, Request
    from shared.runtime.pages import Wrong
    from shared.runtime.pages_desk import PageDesk

REGISTER = "/account/register"
VERIFY = "/account/verify-email"
RESEND = "/account/resend-verification"
SECRETS = frozenset({"csrf", "current_password", "new_password", "password", "pin"})
"""Fields that no page says again."""
TICKED = "on"


@dataclass(frozen=True)
class RegisterPages:
    """Registering and verifying; the same is said whether or not an address has an account."""

    desk: PageDesk

    def show_register(self, request: Request) -> Reply:
        """Show the form, or that it was taken."""
        if "sent" in dict(request.pairs):
            return on_its_way({VERIFY: "Enter the code of the mail", SIGN_IN: "Sign in"})
        return self._register(request, {}, None)

    def submit_register(self, request: Request) -> Reply:
        """Make an account, where the address has none."""
        sent = form(request)

        def work() -> Reply:
            browser.must_be_own(request, sent)
            wish = wish_of(Register, sent, age_confirmed=sent.get("age_confirmed") == TICKED)
            self.desk.rules.registration.register(wish, acts_of(request))
            return go(f"{REGISTER}?sent=on")

        return tried(request, work, lambda wrong: self._register(request, sent, wrong))

    def show_verify(self, request: Request) -> Reply:
        """Ask for the code of a mail."""
        return open_page(request, "verify_email")

    def submit_verify(self, request: Request) -> Reply:
        """Verify an address, and go on to the sign-in."""
        sent = form(request)

        def work() -> Reply:
            browser.must_be_own(request, sent)
            token = wish_of(MailToken, sent).token.get_secret_value()
            self.desk.rules.registration.verify(token.strip(), acts_of(request))
            return go(f"{SIGN_IN}?done=verified")

        return tried(request, work, lambda wrong: open_page(request, "verify_email", sent, wrong))

    def show_resend(self, request: Request) -> Reply:
        """Ask for the address that another mail is to verify."""
        if "sent" in dict(request.pairs):
            return on_its_way({VERIFY: "Enter the code of the mail"})
        return open_page(request, "resend_verification")

    def submit_resend(self, request: Request) -> Reply:
        """Send another mail, where there is an address to verify."""
        sent = form(request)

        def work() -> Reply:
            browser.must_be_own(request, sent)
            email = wish_of(Address, sent).email
            self.desk.rules.registration.ask_again(email, acts_of(request))
            return go(f"{RESEND}?sent=on")

        return tried(
            request, work, lambda wrong: open_page(request, "resend_verification", sent, wrong)
        )

    def _register(self, request: Request, sent: Mapping[str, str], wrong: Wrong | None) -> Reply:
        return open_page(request, "register", sent, wrong, least=LEAST)


def open_page(
    request: Request,
    name: str,
    sent: Mapping[str, str] | None = None,
    wrong: Wrong | None = None,
    **said: Any,  # noqa: ANN401 - what the template says
) -> Reply:
    """Return a page with a form for whoever comes.

    Args:
        request: Of the browser.
        name: Of its template.
        sent: What the form was sent with, which is shown again, but for secrets.
        wrong: What was wrong with it.
        said: What else the template is given.
    """
    cookie, kept = known(request)
    return page(
        name, wrong=wrong, headers=kept, csrf=form_token(cookie), typed=shown_again(sent), **said
    )


def shown_again(sent: Mapping[str, str] | None) -> dict[str, str]:
    """Return what a form was sent with, but for secrets."""
    return {name: value for name, value in (sent or {}).items() if name not in SECRETS}


def on_its_way(onward: Mapping[str, str]) -> Reply:
    """Say the same whether or not there is an account."""
    text = (
        "If the address can be used, a mail is on its way to it. It may take a minute, and it may"
        " lie among what your mailbox takes for advertising."
    )
    return page("message", title="Look into your mailbox", text=text, onward=onward)
