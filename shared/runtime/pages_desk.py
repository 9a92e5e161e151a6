"""What our pages stand on, made when first asked for, and what several of them do."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pydantic import ValidationError

from shared.adapters.redis.device_codes import RedisDeviceCodes
from shared.adapters.sql.identity.clients import SqlClients
from shared.identity.device import TriedCodes
from shared.identity.pages_return import SELF, SIGN_IN, Onward, by_way_of, form_target
from shared.identity.scopes import roles_of
from shared.identity.sessions import SessionRefusedError
from shared.kernel.principal import Kind, Principal
from shared.runtime import browser
from shared.runtime.account_acts import acts_of, visitor_of
from shared.runtime.accounts import AccountRules
from shared.runtime.factors import FactorRules
from shared.runtime.federation import FederationDesk
from shared.runtime.pages import go
from shared.runtime.problems import invalid_input

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.identity.accounts import Account
    from shared.identity.authorization import AuthorizationRequest
    from shared.identity.browser import BrowserSession
    from shared.identity.passwords import Hasher
    from shared.identity.proof import Proof
    from shared.kernel.clock import Clock
    from shared.runtime.messages import Reply, Request

FACTOR = "/auth/sign-in/factor"


class PageDesk:
    """What pages ask.

    Args:
        clock: The time.
        hasher: Keeps passwords.
    """

    def __init__(self, clock: Clock, hasher: Hasher | None = None) -> None:
        self.clock = clock
        self.rules = AccountRules(clock, hasher)
        self.factors = FactorRules(self.rules)
        self.federation = FederationDesk(clock)
        self.clients = SqlClients()

    @cached_property
    def codes(self) -> TriedCodes:
        """Codes of devices, as users enter them."""
        return TriedCodes(RedisDeviceCodes())

    def secrets(self) -> None:
        """Make sure that second factors can be judged and mail asked for.

        Raises:
            UnavailableError: A key cannot be read.
        """
        _ = self.factors.factors, self.rules.letters

    def account(self, session: BrowserSession) -> Account:
        """Return whose browser it is.

        Raises:
            SessionRefusedError: The account has just gone.
        """
        found = self.rules.accounts.by_id(session.user_id)
        if found is None:
            raise SessionRefusedError("the account is gone")
        return found

    def enter(self, request: Request, proof: Proof, onward: Onward) -> Reply:
        """Begin a session of a browser whose user has proven all that is needed."""
        visitor, before = visitor_of(request), browser.cookie_of(request)
        proof = self.factors.signing_in.note(proof, acts_of(request), visitor)
        cookie = browser.sessions().start(
            proof, visitor.kept_network, user_agent=visitor.user_agent
        )
        browser.sessions().end(before)
        return go(onward.path, browser.keep(cookie))


def principal_of(session: BrowserSession, account: Account) -> Principal:
    """Return who decides on a page, as a token would speak of them."""
    return Principal(
        Kind.USER,
        sub=account.id,
        pid=account.id,
        roles=frozenset(roles_of(account.role)),
        version=session.version,
        methods=session.methods,
        authenticated_at=session.authenticated_at,
    )


def onward_of(given: Mapping[str, str]) -> Onward:
    """Return where a browser goes on, as an address or a form says it.

    Raises:
        InvalidInputError: It is nowhere.
        ReturnRefusedError: It is no page of ours.
    """
    try:
        found = Onward.model_validate(dict(given))
    except ValidationError as error:
        raise invalid_input(error, "address") from None
    _ = found.path
    return found


def first_sign_in(request: Request) -> Reply:
    """Return what sends a browser to the sign-in page, to come back to this very page."""
    return go(by_way_of(SIGN_IN, request.target))


def waiting_for(request: Request, onward: Onward) -> AuthorizationRequest | None:
    """Return the application's request that a browser signs in for, None where there is none.

    Raises:
        RequestGoneError: Its time is over.
    """
    if not onward.request:
        return None
    from shared.runtime.authorizing import authorizations  # noqa: PLC0415 - Authlib, for these alone

    return authorizations(request).pending(onward.request)


def targets(waiting: AuthorizationRequest | None) -> tuple[str, ...]:
    """Return where forms of a page may lead: to us, and on to the application that waits."""
    return (SELF, form_target(waiting.redirect_uri)) if waiting else (SELF,)
