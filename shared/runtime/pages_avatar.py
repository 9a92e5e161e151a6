"""The form by which users choose their picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from shared.adapters import connect
from shared.adapters.avatars import AvatarFolder
from shared.adapters.pictures import square_webp
from shared.adapters.sql.identity.avatar import SqlAvatarNames
from shared.identity.accounts import Told
from shared.identity.avatar import FIELD, AvatarDesk
from shared.runtime import browser
from shared.runtime.household_acts import CHANGE, shown_by
from shared.runtime.pages import go, tried
from shared.runtime.pages_profile import PROFILE
from shared.runtime.uploads import texts, upload

if TYPE_CHECKING:
    from shared.runtime.messages import Reply, Request
    from shared.runtime.pages_desk import PageDesk
    from shared.runtime.pages_member import Members
    from shared.runtime.pages_profile import ProfilePages


@dataclass
class AvatarPages:
    """Taking a picture, and taking it away.

    Attributes:
        profile: The page that has the form.
    """

    desk: PageDesk
    members: Members
    profile: ProfilePages

    @cached_property
    def avatars(self) -> AvatarDesk:
        """What the endpoints of avatars ask, too."""
        folder = AvatarFolder(connect.addresses().artifacts_dir)
        return AvatarDesk(folder, SqlAvatarNames(self.desk.clock), square_webp)

    def submit(self, request: Request) -> Reply:
        """Take a picture, or take it away."""
        sent = texts(request)
        browser.must_be_own(request, sent)
        member = self.members.of(request)

        def work() -> Reply:
            told = Told(shown_by(member.request, CHANGE, fields=["avatar"]).noted)
            if sent.get("do") == "remove":
                self.avatars.remove(member.caller.sub, told)
                return go(f"{PROFILE}?done=unpictured")
            self.avatars.change(member.caller.sub, upload(request, FIELD), told)
            return go(f"{PROFILE}?done=pictured")

        return tried(request, work, lambda wrong: self.profile.shown(member, wrong=wrong))
