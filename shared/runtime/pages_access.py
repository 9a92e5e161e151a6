"""Pages of what else opens an account: keys of programs, and accounts elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from shared.adapters.redis.revocations import RedisRevocations
from shared.adapters.sql.identity.api_keys import SqlApiKeys
from shared.identity.api_keys_wishes import NewApiKey, Rotation, WhichApiKey
from shared.identity.federation_answers import WhichProvider
from shared.identity.pages_texts import described
from shared.identity.scopes import USER_SCOPES
from shared.kernel.errors import FieldIssue, InvalidInputError
from shared.runtime.api_keys import KeyDesk
from shared.runtime.pages import go, tried
from shared.runtime.pages_member import ONCE, wish_of
from shared.runtime.pages_register import shown_again

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from shared.identity.api_keys import KeyFacts
    from shared.identity.federation import Linked
    from shared.runtime.messages import Reply, Request
    from shared.runtime.pages import Wrong
    from shared.runtime.pages_desk import PageDesk
    from shared.runtime.pages_member import Member, Members

KEYS = "/account/api-keys"
LINKED = "/account/linked"
SCOPE = "scope:"
"""Begins the name of each scope's own field."""
SAID = {
    "revoked": "The key is revoked.",
    "removed": "That account opens yours no more.",
}
"""What was done just before, by the word that the address has for it."""
DAYS, LIMIT = "expires_in_days", "rate_limit_per_minute"


@dataclass
class AccessPages:
    """API keys and accounts elsewhere."""

    desk: PageDesk
    members: Members

    @cached_property
    def keys(self) -> KeyDesk:
        """What the endpoints of API keys ask, too."""
        return KeyDesk(SqlApiKeys(RedisRevocations()), self.desk.clock)

    def show_keys(self, request: Request) -> Reply:
        """Show the member's keys, and the form of a new one."""
        return self._keys(self.members.fresh(request), dict(request.pairs).get("done", ""))

    def submit_keys(self, request: Request) -> Reply:
        """Make a key or one in the place of another, and show it this once; or revoke one."""
        member, sent = self.members.sending(request)

        def work() -> Reply:
            which = wish_of(WhichApiKey, sent).id if "id" in sent else ""
            if which and sent.get("do") != "rotate":
                self.keys.revoke(member.request, which)
                return go(f"{KEYS}?done=revoked")
            wish = Rotation() if which else _key_wish(sent)
            self.members.take_form(member, sent)
            made, key = self._made(member.request, which, wish)
            allowed = described(made.scopes)
            return member.page("api_key", made=made, key=key, allowed=allowed, old=bool(which))

        return tried(request, work, lambda wrong: self._keys(member, sent=sent, wrong=wrong))

    def _made(
        self, request: Request, which: str, wish: NewApiKey | Rotation
    ) -> tuple[KeyFacts, str]:
        if isinstance(wish, Rotation):
            return self.keys.rotate(request, which, wish)
        return self.keys.make(request, wish)

    def _keys(
        self,
        member: Member,
        done: str = "",
        *,
        sent: Mapping[str, str] | None = None,
        wrong: Wrong | None = None,
    ) -> Reply:
        return member.page(
            "api_keys",
            wrong=wrong,
            notice=SAID.get(done, ""),
            keys=self.keys.of(member.request),
            carried={ONCE: self.members.form_for(member)},
            asked=described(USER_SCOPES),
            typed=shown_again(sent),
        )

    def show_linked(self, request: Request) -> Reply:
        """Show which accounts elsewhere open the member's own, and which could."""
        return self._linked(self.members.fresh(request), dict(request.pairs).get("done", ""))

    def submit_linked(self, request: Request) -> Reply:
        """Add an account elsewhere, by way of its provider, or remove one."""
        member, sent = self.members.sending(request)

        def work() -> Reply:
            provider, federation = wish_of(WhichProvider, sent).provider, self.desk.federation
            user = federation.proven(member.request)
            if sent.get("do") == "add":
                where = federation.ticket(provider, user)
                name = federation.directory.find(provider).name
                return member.page("linked_onward", provider=name, where=where)
            federation.recognition.remove(provider, user, member.act)
            return go(f"{LINKED}?done=removed")

        return tried(request, work, lambda wrong: self._linked(member, wrong=wrong))

    def _linked(self, member: Member, done: str = "", wrong: Wrong | None = None) -> Reply:
        found: tuple[Linked, ...] = tuple(self.desk.federation.identities.of(member.caller.sub))
        known = {one.provider for one in found}
        others = [one for one in self.desk.federation.offered() if one.id not in known]
        notice = SAID.get(done, "")
        return member.page("linked", wrong=wrong, notice=notice, linked=found, others=others)


def _key_wish(sent: Mapping[str, str]) -> NewApiKey:
    """Return a form as the key that it wishes for; its numbers are digits.

    Raises:
        InvalidInputError: Naming every field that is not acceptable.
    """
    more: dict[str, Any] = {"scopes": _ticked(sent)}
    for name in (DAYS, LIMIT):
        if name in sent and not (sent[name].isascii() and sent[name].isdigit()):
            raise InvalidInputError(
                f"{name} is no number", issues=[FieldIssue(name, "number", "enter a number")]
            )
        more |= {name: int(sent[name][:9])} if name in sent else {}
    return wish_of(NewApiKey, sent, **more)


def _ticked(sent: Mapping[str, str]) -> list[str]:
    return [name.removeprefix(SCOPE) for name in sent if name.startswith(SCOPE)]
