"""Signing in with an account elsewhere, at the edge: redirects and the cookie that ties them."""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
import secrets
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from shared.adapters.federation.calling import Caller
from shared.adapters.federation.configured import configured
from shared.adapters.federation.directory import Directory
from shared.adapters.federation.provider import Begun
from shared.adapters.providers.guarding import shared_breakers
from shared.adapters.redis.federation import RedisFlows
from shared.adapters.sealing import IDENTITY, sealer
from shared.adapters.sql.identity.identities import SqlIdentities
from shared.gateway.headers import takes_pages
from shared.identity.federation import (
    LIFE,
    METHOD,
    TICKET_LIFE,
    AssertionRefusedError,
    Flow,
    FlowUnknownError,
    Offered,
    ProviderDownError,
    ProviderRefusedError,
    Ticket,
)
from shared.identity.federation_return import local_path
from shared.identity.federation_sign_in import Recognition
from shared.identity.proof import Proof
from shared.identity.step_up import must_be_fresh, must_be_self
from shared.kernel.errors import AppError, UnavailableError
from shared.kernel.ids import TimeOrderedIds
from shared.runtime import auth_tally, browser, pages
from shared.runtime.account_acts import acts_of, visitor_of
from shared.runtime.accounts import AccountRules
from shared.runtime.audit import note
from shared.runtime.messages import Reply
from shared.runtime.settings import settings
from shared.runtime.sign_in import sign_in

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from shared.adapters.federation.provider import Provider
    from shared.identity.federation import Person
    from shared.kernel.clock import Clock
    from shared.runtime.messages import Request

logger = logging.getLogger(__name__)

COOKIE = "__Host-mg_federation"
POSTED_COOKIE = "__Host-mg_federation_posted"
"""Comes with forms of other sites too: Apple's answer is one."""
FACTOR_PAGE = "/auth/sign-in/factor"
PRIVATE = {"cache-control": "no-store"}
_RANDOM = re.compile(r"[A-Za-z0-9_-]{43}")


class FederationDesk:
    """What the federation endpoints ask, made when first asked for.

    Args:
        clock: The time.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.flows = RedisFlows(lambda: sealer(IDENTITY))

    @cached_property
    def rules(self) -> AccountRules:
        """The rules of accounts."""
        return AccountRules(self.clock)

    @cached_property
    def identities(self) -> SqlIdentities:
        """Accounts elsewhere, as they are kept."""
        return SqlIdentities(self.rules.publisher)

    @cached_property
    def recognition(self) -> Recognition:
        """Finds, makes and links accounts."""
        return Recognition(self.identities, self.clock, TimeOrderedIds(self.clock))

    @cached_property
    def directory(self) -> Directory:
        """The providers.

        Raises:
            UnavailableError: They cannot be read.
        """
        found = configured()
        breakers = shared_breakers(self.clock, [one.id for one in found])
        return Directory(found, Caller(breakers), self.clock)

    def offered(self) -> tuple[Offered, ...]:
        """Return the providers that can be offered now; none where that cannot be told."""
        try:
            found = configured()
            alone = self.flows.left_alone(one.id for one in found)
        except UnavailableError as error:
            logger.warning("providers.unknown", extra={"reason": error.message})
            return ()
        return tuple(Offered(one.id, one.name) for one in found if one.id not in alone)

    def proven(self, request: Request) -> str:
        """Return the user who asks, where they are it themselves and proved it just now.

        Raises:
            StepUpError: They proved it too long ago.
            ActedForError: Somebody acts as them.
        """
        must_be_self(request.principal)
        must_be_fresh(request.principal, self.clock.now())
        return request.principal.sub

    def ticket(self, provider: str, user_id: str) -> str:
        """Return where a user's browser goes to add a provider to their account.

        Raises:
            ProviderUnknownError: There is none of that name.
        """
        name, made = self.directory.find(provider).id, secrets.token_urlsafe(32)
        self.flows.keep_ticket(made, Ticket(name, user_id, self.clock.now() + TICKET_LIFE))
        return f"/auth/oauth/{name}/authorize?link={made}"

    async def begin(self, request: Request, provider: str, *, back: str, link: str) -> Reply:
        """Send a browser to a provider.

        Args:
            request: Of the browser.
            provider: Its name.
            back: Where the browser goes afterwards, or empty.
            link: Ticket of a wish to add the provider to an account, or empty.
        """
        found = await asyncio.to_thread(self._usable, provider)
        cookie = _cookie_of(request, found) or secrets.token_urlsafe(32)
        flow = Flow(
            provider=provider,
            browser=_digest(cookie),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(64),
            return_to=local_path(back),
            expires_at=self.clock.now() + LIFE,
            user_id=await asyncio.to_thread(self._wished, request, provider, link) if link else "",
        )
        begun = Begun(_redirect_uri(provider), secrets.token_urlsafe(32), flow)
        location = await found.location(begun)
        await asyncio.to_thread(self.flows.keep, begun.state, flow)
        return _sent_to(location, {"set-cookie": _kept(cookie, found)})

    async def finish(self, request: Request, provider: str, answer: Mapping[str, str]) -> Reply:
        """Let in whom a provider vouches for, and send the browser on.

        Args:
            request: With which the browser came back.
            provider: From whom.
            answer: What it brought.
        """
        found = await asyncio.to_thread(self.directory.find, provider)
        state, cookie = answer.get("state", ""), _cookie_of(request, found)
        flow = await asyncio.to_thread(self._flow, provider, state, cookie)
        begun = Begun(_redirect_uri(provider), state, flow)
        with auth_tally.logins():
            person = await self._asked(request, found, answer, begun)
            return await asyncio.to_thread(self._enter, request, flow, person)

    async def _asked(
        self, request: Request, provider: Provider, answer: Mapping[str, str], begun: Begun
    ) -> Person:
        """Return who signed in there; who is turned away is noted."""
        try:
            return await provider.person(answer, begun)
        except (AssertionRefusedError, ProviderRefusedError) as error:
            logger.info("federation.refused", extra={"provider": provider.id, "code": error.code})
            note(acts_of(request)("AUTH_FAILED", denied=True))
            raise

    def _usable(self, provider: str) -> Provider:
        found = self.directory.find(provider)
        if self.flows.left_alone([provider]):
            raise ProviderDownError(f"{found.name} does not answer; try again in a moment")
        return found

    def _wished(self, request: Request, provider: str, ticket: str) -> str:
        """Return whose wish a ticket is, where their own browser brings it."""
        wish, who = self.flows.take_ticket(ticket, self.clock.now()), browser.current(request)
        if wish is None or wish.provider != provider or who is None or who.user_id != wish.user_id:
            raise FlowUnknownError("the wish is over, or another browser's; begin again")
        return wish.user_id

    def _flow(self, provider: str, state: str, cookie: str) -> Flow:
        """Return what this browser began at this provider; whatever is shown is used up."""
        known = _RANDOM.fullmatch(state) is not None
        flow = self.flows.take(state, self.clock.now()) if known else None
        if flow is None or flow.provider != provider:
            raise FlowUnknownError("no sign-in waits for this answer; begin again")
        if not hmac.compare_digest(flow.browser, _digest(cookie)):
            raise FlowUnknownError("the sign-in was begun in another browser; begin again")
        return flow

    def _enter(self, request: Request, flow: Flow, person: Person) -> Reply:
        act = acts_of(request)
        if flow.user_id:
            self.recognition.add(person, flow.user_id, act)
            return _sent_to(flow.return_to)
        signing, visitor = sign_in(self.rules), visitor_of(request)
        account = self.recognition.account_of(person, act)
        signing.judge(account)
        proof = Proof(account, (METHOD,), self.clock.now())
        more = signing.more_needed(proof)
        if more is not None:
            onward = urlencode({"return_to": flow.return_to, "ways": " ".join(more.methods)})
            return _sent_to(f"{FACTOR_PAGE}?{onward}", browser.keep(more.mfa_token))
        proof = signing.note(proof, act, visitor)
        started = browser.sessions().start(
            proof, visitor.kept_network, user_agent=visitor.user_agent
        )
        browser.sessions().end(browser.cookie_of(request))
        return _sent_to(flow.return_to, browser.keep(started))


async def shown(request: Request, answer: Awaitable[Reply]) -> Reply:
    """Return an answer; what refuses a browser, which asks for HTML, is a page."""
    try:
        return await answer
    except AppError as error:
        if not takes_pages(request.headers):
            raise
        return await asyncio.to_thread(pages.refusal, error, request)


def _sent_to(location: str, headers: Mapping[str, str] | None = None) -> Reply:
    """Return an answer that sends a browser on with GET, whatever it came with (RFC 9700 §4.12)."""
    whole = {"location": location, **PRIVATE, **(headers or {})}
    return Reply(status=303, headers=whole, media_type="")


def _redirect_uri(provider: str) -> str:
    return f"{settings().issuer.rstrip('/')}/auth/oauth/{provider}/callback"


def _name(provider: Provider) -> str:
    return POSTED_COOKIE if provider.posts else COOKIE


def _kept(cookie: str, provider: Provider) -> str:
    """Return a cookie as a browser is to keep it, for as long as somebody may take."""
    site, seconds = "None" if provider.posts else "Lax", int(LIFE.total_seconds())
    rules = f"Path=/; Secure; HttpOnly; SameSite={site}; Max-Age={seconds}"
    return f"{_name(provider)}={cookie}; {rules}"


def _cookie_of(request: Request, provider: Provider) -> str:
    """Return the cookie that a browser has of an earlier sign-in, empty where it has none."""
    pairs = (pair.strip().partition("=") for pair in request.headers.get("cookie", "").split(";"))
    found = [value for name, _, value in pairs if name == _name(provider)]
    return found[0] if len(found) == 1 and _RANDOM.fullmatch(found[0]) else ""


def _digest(cookie: str) -> str:
    return sha256(cookie.encode()).hexdigest()
