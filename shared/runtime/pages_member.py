"""Who is signed in where a page of an account is asked for, and what their forms bring."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from shared.adapters.redis.challenges import RedisChallenges
from shared.identity.browser import FormSentError, SignInNeededError
from shared.identity.factors_challenges import digest
from shared.identity.factors_judge import Typed
from shared.identity.pages_texts import WHOLE
from shared.identity.proof import Proof
from shared.identity.scopes import USER_SCOPES
from shared.identity.step_up import must_be_fresh
from shared.kernel.principal import Tier
from shared.runtime import browser
from shared.runtime.account_acts import acts_of, visitor_of
from shared.runtime.pages import page
from shared.runtime.pages_desk import principal_of
from shared.runtime.problems import invalid_input

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.identity.accounts import Account, Act
    from shared.identity.browser import BrowserSession
    from shared.kernel.principal import Principal
    from shared.runtime.messages import Reply, Request
    from shared.runtime.pages import Wrong
    from shared.runtime.pages_desk import PageDesk

FORMS = "form"
"""Under which forms that are sent once wait in Redis."""
OPEN = timedelta(minutes=10)
"""How long such a form is good."""
ONCE = "once"
"""Name of the field that tells one such form from the next."""
NOTHING_TYPED = Typed()
Wish = TypeVar("Wish", bound=BaseModel)


@dataclass(frozen=True)
class Member:
    """Somebody who is signed in in a browser.

    Attributes:
        request: Of the browser; it says who asks, as a token's would.
    """

    session: BrowserSession
    account: Account
    request: Request

    @property
    def caller(self) -> Principal:
        """Who asks."""
        return self.request.principal

    @property
    def act(self) -> Act:
        """Says for the audit log what they do."""
        return acts_of(self.request)

    def page(self, name: str, *, wrong: Wrong | None = None, **said: Any) -> Reply:  # noqa: ANN401 - what the template says
        """Return a page of theirs, whose forms are theirs too."""
        return page(name, wrong=wrong, csrf=self.session.csrf, email=self.account.email, **said)


class Members:
    """Finds who is signed in.

    Args:
        desk: What pages ask.
    """

    def __init__(self, desk: PageDesk) -> None:
        self.desk = desk

    def of(self, request: Request) -> Member:
        """Return whose browser asks.

        Raises:
            SignInNeededError: Nobody is signed in there.
        """
        session = browser.current(request)
        if session is None:
            raise SignInNeededError("sign in first")
        account = self.desk.account(session)
        who = principal_of(session, account)._replace(
            session=session.id, tier=Tier(account.tier), scopes=frozenset(USER_SCOPES)
        )
        return Member(session, account, request._replace(principal=who))

    def fresh(self, request: Request) -> Member:
        """Return whose browser asks, where they proved within five minutes who they are.

        Raises:
            SignInNeededError: Nobody is signed in there.
            StepUpError: They proved it longer ago.
        """
        found = self.of(request)
        must_be_fresh(found.caller, self.desk.clock.now())
        return found

    def proven(self, request: Request) -> Member:
        """Return the same, where a second factor was part of the proof if there is one.

        Raises:
            SignInNeededError: Nobody is signed in there.
            StepUpError: They proved it longer ago, or by less.
        """
        found = self.of(request)
        self.desk.factors.factors.must_prove(found.caller, NOTHING_TYPED, found.act)
        return found

    def sending(self, request: Request) -> tuple[Member, dict[str, str]]:
        """Return whose browser sent a form of ours, and its fields.

        Raises:
            FormForgedError: It was sent from elsewhere, or the browser keeps no cookies.
            SignInNeededError: Nobody is signed in there any more.
        """
        sent = browser.own_form(request)
        return self.of(request), sent

    def form_for(self, member: Member) -> str:
        """Return what makes a form of a member's one that is sent once."""
        made = secrets.token_urlsafe(32)
        self._forms.keep(_name(member, made), {}, self.desk.clock.now() + OPEN)
        return made

    def take_form(self, member: Member, sent: Mapping[str, str]) -> None:
        """Use a form up: of the same one sent twice, the second does nothing.

        Raises:
            FormSentError: It was sent before, or its page was open for too long.
        """
        name = _name(member, sent.get(ONCE, ""))
        if self._forms.take(name, self.desk.clock.now()) is None:
            raise FormSentError("the form was sent before, or was open for too long")

    def renewed(self, member: Member, methods: tuple[str, ...]) -> dict[str, str]:
        """Return the header with which a browser goes on whose user proved again who they are.

        Args:
            member: Whose it is.
            methods: How they have proven it, just now.

        Raises:
            SessionRefusedError: The account may have no session any more.
        """
        proof = Proof(member.account, methods, self.desk.clock.now())
        return self._started(member, proof, member.session.version)

    def kept(self, member: Member) -> dict[str, str]:
        """Return the header with which a browser goes on whose user has ended every session.

        Raises:
            SessionRefusedError: Somebody else has ended them once more.
        """
        proof = Proof(member.account, member.session.methods, member.session.authenticated_at)
        return self._started(member, proof, member.session.version + 1)

    def _started(self, member: Member, proof: Proof, version: int) -> dict[str, str]:
        visitor, account = visitor_of(member.request), replace(proof.account, version=version)
        cookie = browser.sessions().start(
            replace(proof, account=account), visitor.kept_network, user_agent=visitor.user_agent
        )
        browser.sessions().end(browser.cookie_of(member.request))
        return browser.keep(cookie)

    @cached_property
    def _forms(self) -> RedisChallenges:
        return RedisChallenges(FORMS)


def wish_of(model: type[Wish], sent: Mapping[str, str], **more: Any) -> Wish:  # noqa: ANN401 - of its fields
    """Return a form as what it wishes for; fields that say nothing of it are left.

    Args:
        model: What.
        sent: The form.
        more: Fields that no form can say as they are.

    Raises:
        InvalidInputError: Naming every field that is not acceptable.
    """
    given = {name: sent[name] for name in model.model_fields if name in sent}
    try:
        return model.model_validate(given | more)
    except ValidationError as error:
        raise invalid_input(error, WHOLE) from None


def _name(member: Member, made: str) -> bytes:
    return digest(f"{member.session.id}.{made}")
