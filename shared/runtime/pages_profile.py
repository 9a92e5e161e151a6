"""The page on which users change what they are called, where they live, and their picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.identity.profile import ProfileChange
from shared.runtime.pages import go, tried
from shared.runtime.pages_member import wish_of
from shared.runtime.profile_change import change_profile, profile_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.identity.profile import Profile
    from shared.runtime.messages import Reply, Request
    from shared.runtime.pages import Wrong
    from shared.runtime.pages_desk import PageDesk
    from shared.runtime.pages_member import Member, Members

PROFILE = "/account/profile"
SAID = {
    "changed": "It is kept.",
    "pictured": "You have a new picture.",
    "unpictured": "The picture is gone.",
}
"""What was done just before, by the word that the address has for it."""


@dataclass(frozen=True)
class ProfilePages:
    """What an account is called."""

    desk: PageDesk
    members: Members

    def show(self, request: Request) -> Reply:
        """Show the account's name, country and picture."""
        return self.shown(self.members.of(request), dict(request.pairs).get("done", ""))

    def submit(self, request: Request) -> Reply:
        """Change name and country."""
        member, sent = self.members.sending(request)

        def work() -> Reply:
            wish = wish_of(ProfileChange, sent, display_name=sent.get("display_name", ""))
            change_profile(member.request, wish, self.desk.clock.now(), _any)
            return go(f"{PROFILE}?done=changed")

        return tried(request, work, lambda wrong: self.shown(member, typed=sent, wrong=wrong))

    def shown(
        self,
        member: Member,
        done: str = "",
        *,
        typed: Mapping[str, str] | None = None,
        wrong: Wrong | None = None,
    ) -> Reply:
        """Return the page.

        Args:
            member: Whose.
            done: What was done just before.
            typed: What the form was sent with, where it is shown again.
            wrong: What was wrong with it.
        """
        found = profile_of(member.caller.sub)
        kept = {"display_name": found.display_name, "region": found.region}
        picture, notice = found.avatar_url or "", SAID.get(done, "")
        said = {"typed": typed or kept, "picture": picture, "notice": notice}
        return member.page("profile", wrong=wrong, **said)


def _any(_kept: Profile) -> None:
    """Take whatever is there: what the form says was seen by who sent it."""
