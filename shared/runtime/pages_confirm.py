"""The page on which a signed-in user proves again who they are, as some acts ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from shared.identity.factors import APP, PASSKEY
from shared.identity.factors_step_up import Again, ProvingAgain
from shared.identity.pages_return import CONFIRM, by_way_of
from shared.identity.pages_texts import missing
from shared.identity.passwords import RAW_MOST
from shared.runtime.account_acts import visitor_of
from shared.runtime.audit import note
from shared.runtime.pages import Wrong, go, tried
from shared.runtime.pages_desk import onward_of
from shared.runtime.pages_factor import BACKUP, CODE, WAYS, answer_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.identity.pages_return import Onward
    from shared.runtime.messages import Reply, Request
    from shared.runtime.pages_desk import PageDesk
    from shared.runtime.pages_member import Member, Members

PASSWORD = "password"  # noqa: S105 - the name of a field
EMPTY = "Enter your password"
BY = "by"


@dataclass(frozen=True)
class ConfirmPages:
    """Proving again who one is."""

    desk: PageDesk
    members: Members

    def show(self, request: Request) -> Reply:
        """Ask for a second factor where there is one, else for the password."""
        return self._form(self.members.of(request), dict(request.pairs), None)

    def submit(self, request: Request) -> Reply:
        """Judge what was shown; the browser goes on, under another cookie, where it came from."""
        member, sent = self.members.sending(request)
        onward = onward_of(sent)

        def work() -> Reply:
            again = _again(sent)
            if again == Again():
                return self._form(member, sent, _empty(sent))
            proving = ProvingAgain(self.desk.factors.signing_in, self.desk.factors.factors)
            visitor = visitor_of(request)
            methods = proving.proven(member.caller, again, member.act, visitor)
            headers = self.members.renewed(member, methods)
            note(member.act("USER_STEP_UP", member.caller.sub))
            return go(onward.path, headers)

        return tried(request, work, lambda wrong: self._form(member, sent, wrong))

    def _form(self, member: Member, given: Mapping[str, str], wrong: Wrong | None) -> Reply:
        onward, ways = onward_of(given), self._ways(member)
        by = given.get(BY, "") if given.get(BY, "") in ways else ways[0]
        others = {_address(onward, way): WAYS[way] for way in ways if way != by}
        if by == PASSKEY:
            return self._passkey(member, onward, others, wrong)
        return member.page(
            "confirm",
            wrong=wrong,
            carried={**onward.carried, BY: by},
            by=by,
            others=others,
            providers=self._providers(member, onward) if by == PASSWORD else {},
            has_password=member.account.password_hash is not None,
        )

    def _passkey(
        self, member: Member, onward: Onward, others: Mapping[str, str], wrong: Wrong | None
    ) -> Reply:
        options = self.desk.factors.factors.begin_passkey(member.caller.sub)
        return member.page(
            "passkey",
            wrong=wrong,
            carried={**onward.carried, BY: PASSKEY},
            options=orjson.dumps(options).decode(),
            action=CONFIRM,
            others=others,
        )

    def _ways(self, member: Member) -> list[str]:
        found = self.desk.factors.factors.needed(member.caller.sub)
        return [*(way for way in (APP, PASSKEY) if way in found), BACKUP] if found else [PASSWORD]

    def _providers(self, member: Member, onward: Onward) -> dict[str, str]:
        """Return the names of those who can vouch for the member, by where the browser goes."""
        linked = {one.provider for one in self.desk.federation.identities.of(member.caller.sub)}
        offered = [one for one in self.desk.federation.offered() if one.id in linked]
        return {_elsewhere(one.id, onward): one.name for one in offered}


def _empty(sent: Mapping[str, str]) -> Wrong:
    """Return what is said of a form that shows nothing."""
    return Wrong(missing(password=EMPTY) if sent.get(BY) == PASSWORD else missing(code=CODE))


def _again(sent: Mapping[str, str]) -> Again:
    """Return what was shown: of several fields, the one that the form asked for."""
    by, code = sent.get(BY, ""), sent.get("code", "").strip()
    if by == PASSKEY:
        return Again(passkey=answer_of(sent))
    if by == APP:
        return Again(code=code)
    return Again(backup_code=code) if by == BACKUP else Again(sent.get(PASSWORD, "")[:RAW_MOST])


def _address(onward: Onward, way: str) -> str:
    return f"{by_way_of(CONFIRM, onward.path)}&{BY}={way}"


def _elsewhere(provider: str, onward: Onward) -> str:
    return by_way_of(f"/auth/oauth/{provider}/authorize", onward.path)
