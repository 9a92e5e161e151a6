"""Pages on which a password is forgotten, chosen anew, or changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.identity.accounts import CredentialsError
from shared.identity.accounts_wishes import Address, Change, Reset
from shared.identity.pages_return import HOME, SIGN_IN
from shared.identity.passwords import LEAST
from shared.kernel.errors import FieldIssue, InvalidInputError
from shared.runtime import browser
from shared.runtime.account_acts import acts_of
from shared.runtime.forms import form
from shared.runtime.pages import go, tried
from shared.runtime.pages_member import wish_of
from shared.runtime.pages_register import on_its_way, open_page

if TYPE_CHECKING:
    from shared.runtime.messages import Reply, Request
    from shared.runtime.pages import Wrong
    from shared.runtime.pages_desk import PageDesk
    from shared.runtime.pages_member import Member, Members

FORGOT = "/account/forgot-password"
RESET = "/account/reset-password"


@dataclass(frozen=True)
class PasswordPages:
    """Passwords."""

    desk: PageDesk
    members: Members

    def show_forgot(self, request: Request) -> Reply:
        """Ask for the address of an account."""
        if "sent" in dict(request.pairs):
            return on_its_way({RESET: "Enter the code of the mail", SIGN_IN: "Sign in"})
        return open_page(request, "forgot_password")

    def submit_forgot(self, request: Request) -> Reply:
        """Send a mail by which a new password can be chosen, where there is an account."""
        sent = form(request)

        def work() -> Reply:
            browser.must_be_own(request, sent)
            self.desk.rules.passwords.forget(wish_of(Address, sent).email, acts_of(request))
            return go(f"{FORGOT}?sent=on")

        return tried(
            request, work, lambda wrong: open_page(request, "forgot_password", sent, wrong)
        )

    def show_reset(self, request: Request) -> Reply:
        """Ask for the code of a mail, and a new password."""
        return open_page(request, "reset_password", least=LEAST)

    def submit_reset(self, request: Request) -> Reply:
        """Choose a new password; whoever was signed in is so no more."""
        sent = form(request)

        def work() -> Reply:
            browser.must_be_own(request, sent)
            typed = {**sent, "token": sent["token"].strip()} if "token" in sent else sent
            wish = wish_of(Reset, typed, keep_current=False)
            self.desk.rules.passwords.reset(wish, acts_of(request), request.principal)
            return go(f"{SIGN_IN}?done=reset")

        def again(wrong: Wrong) -> Reply:
            return open_page(request, "reset_password", sent, wrong, least=LEAST)

        return tried(request, work, again)

    def show_change(self, request: Request) -> Reply:
        """Ask for the old password and a new one."""
        return self._change(self.members.of(request))

    def submit_change(self, request: Request) -> Reply:
        """Change it; every session ends but this browser's."""
        member, sent = self.members.sending(request)

        def work() -> Reply:
            wish = wish_of(Change, sent, keep_current=False)
            try:
                self.desk.rules.passwords.change(wish, member.act, member.caller)
            except CredentialsError:
                raise _wrong_password() from None
            return go(f"{HOME}?done=password", self.members.kept(member))

        return tried(request, work, lambda wrong: self._change(member, wrong))

    def _change(self, member: Member, wrong: Wrong | None = None) -> Reply:
        has_one = member.account.password_hash is not None
        return member.page("password", wrong=wrong, least=LEAST, has_one=has_one)


def _wrong_password() -> InvalidInputError:
    issue = FieldIssue("current_password", "wrong", "this is not your password")
    return InvalidInputError("current_password is wrong", issues=[issue])
