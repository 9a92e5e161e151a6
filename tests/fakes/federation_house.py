"""Signing in elsewhere over a real database and a real Redis, with fake providers on loopback."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from functools import cache
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import aiohttp
from joserfc.jwk import RSAKey
from sqlalchemy import text

from emulators.core.clock import VirtualClock
from emulators.core.server import Endpoint
from emulators.hub import sign_in_secrets
from emulators.providers.identity.routes import NAME, identity_routes
from emulators.providers.identity.state import KINDS, Person, State
from shared.adapters import connect
from shared.adapters.federation import configured
from shared.identity.proof import Proof
from shared.kernel.clock import FixedClock, SystemClock
from shared.runtime import accounts, browser
from shared.runtime.accounts import AccountRules
from tests.emulated.conftest import Emulator, Laboratory
from tests.fakes.accounts_house import Outgoing
from tests.fakes.edge import Answer, ask, load
from tests.fakes.identity_house import FORM, ISSUER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import ModuleType

    import pytest

    from emulators.core.context import Context
    from shared.identity.sessions import TokenSet
    from tests.fakes.identity_house import House

NORA = Person(subject=77, email="nora@example.com", name="Nora Lund")
HOME = "/auth/authorize/continue?request=abc"
_FIELD = re.compile(r'name="([^"]+)" value="([^"]*)"')


@cache
def _key() -> RSAKey:
    """Return the key of every fake of this process: making one takes long."""
    return RSAKey.generate_key(2048)


class Browser:
    """Somebody's browser: keeps cookies, goes where it is sent.

    Args:
        house: Whose functions it asks.
    """

    def __init__(self, house: FederationHouse) -> None:
        self._house = house
        self.cookies: dict[str, str] = {}

    async def go(self, target: str, *, form: dict[str, str] | None = None) -> Answer:
        """Ask the function, with the cookies of this browser, and keep those that it sets."""
        said = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"x-client-network": "203.0.113.7", **({"cookie": said} if said else {})}
        method, body = ("GET", b"") if form is None else ("POST", urlencode(form).encode())
        headers |= {} if form is None else FORM
        answer = await ask(self._house.main.handle, method, target, body=body, headers=headers)
        if kept := answer.headers.get("set-cookie"):
            name, _, value = kept.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    async def begin(self, provider: str, *, back: str = HOME, link: str = "") -> str:
        """Begin a sign-in and return where the provider's page is."""
        query = urlencode({"return_to": back, **({"link": link} if link else {})})
        answer = await self.go(f"/auth/oauth/{provider}/authorize?{query}")
        assert answer.status == 303, answer.body
        return answer.headers["location"]

    async def visit(self, location: str) -> tuple[str, dict[str, str] | None]:
        """Sign in at the provider; returns where that leads, and the form that goes there."""
        async with (
            aiohttp.ClientSession() as http,
            http.get(location, allow_redirects=False) as answer,
        ):
            page = await answer.text()
            found = answer.headers.get("location")
        if found is not None:
            return found.removeprefix(ISSUER), None
        action = re.search(r'action="([^"]+)"', page)
        assert action is not None, page
        return unescape(action[1]).removeprefix(ISSUER), fields_of(page)

    async def sign_in(self, provider: str, *, back: str = HOME, link: str = "") -> Answer:
        """Go the whole way."""
        where, form = await self.visit(await self.begin(provider, back=back, link=link))
        return await self.go(where, form=form)

    def session(self) -> Any:  # noqa: ANN401 - a session of a browser
        """Return the session that this browser has, None where it has none."""
        return browser.sessions().find(self.cookies.get(browser.COOKIE, ""))


class FederationHouse:
    """The function, the fakes, and any number of browsers."""

    def __init__(
        self, emulator: Emulator, state: State, identity: House, clock: FixedClock
    ) -> None:
        self.identity = identity
        self.outgoing = Outgoing()
        self.faults, self.state = emulator.context.faults, state
        self.clock = clock
        self.main = self.instance()

    def instance(self) -> ModuleType:
        """Return the function as another instance has it."""
        made = load("identity_federation")
        made.clock = self.clock  # type: ignore[attr-defined]
        return made

    def browser(self) -> Browser:
        """Return a browser that knows nothing."""
        return Browser(self)

    async def browser_at(self, provider: str) -> tuple[Browser, str]:
        """Return a browser that comes back from a provider, and where it goes."""
        made = self.browser()
        return made, (await made.visit(await made.begin(provider)))[0]

    def chosen(self, person: Person) -> None:
        """Let somebody sign in at every fake."""
        for name in KINDS:
            self.state.fake(name).person = person

    def signed_in(self, one: Browser, user: str) -> None:
        """Let a browser be one that a user signed in with."""
        account = AccountRules(self.clock).accounts.by_id(user)
        assert account is not None
        proof = Proof(account, ("pwd",), SystemClock().now())
        one.cookies[browser.COOKIE] = browser.sessions().start(proof)

    def with_app(self, user: str) -> None:
        """Let an account have an authenticator app."""
        with connect.engine().begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO mfa_enrollment"
                    " (id, user_id, status, sealed_secret, created_at, verified_at)"
                    " VALUES (gen_random_uuid(), :user, 'active', 'sealed', now(), now())"
                ),
                {"user": user},
            )

    async def api(self, method: str, path: str, tokens: TokenSet | None = None) -> Answer:
        """Ask as a user."""
        bearer = {"authorization": f"Bearer {tokens.access_token}"} if tokens else {}
        return await ask(self.main.handle, method, f"/api/v1/auth{path}", headers=bearer)


def fields_of(page: str) -> dict[str, str]:
    """Return the hidden fields of a page that sends itself."""
    return {unescape(name): unescape(value) for name, value in _FIELD.findall(page)}


def brought(where: str) -> dict[str, str]:
    """Return the parameters of an address."""
    return dict(parse_qsl(urlsplit(where).query))


def changed(where: str, **changes: str | None) -> str:
    """Return an address with some parameters changed; None takes one away."""
    query = {n: v for n, v in {**brought(where), **changes}.items() if v is not None}
    return f"{where.partition('?')[0]}?{urlencode(query)}"


def set_up(email: str, **columns: object) -> None:
    """Change an account."""
    names = ", ".join(f"{name} = :{name}" for name in columns)
    with connect.engine().begin() as connection:
        connection.execute(
            text(f"UPDATE app_user SET {names} WHERE email = :email"),  # noqa: S608 - of tests
            {"email": email, **columns},
        )


@asynccontextmanager
async def federation_house(
    patch: pytest.MonkeyPatch, identity: House
) -> AsyncIterator[FederationHouse]:
    """Let this process be the federation function, with fakes of its own."""
    laboratory, states = Laboratory(), list[State]()

    async def build(context: Context) -> Endpoint:
        state = State(context.clock)
        for name in KINDS:
            state.fake(name).keys.append(_key())
        states.append(state)
        routes = identity_routes(context, state)
        return Endpoint(NAME, routes=lambda: routes)

    clock = FixedClock(SystemClock().now())
    there = VirtualClock(lambda: clock.now().timestamp())
    emulator = await laboratory(build, clock=there)
    made = FederationHouse(emulator, states[0], identity, clock)
    patch.setattr(accounts, "PubSubPublisher", made.outgoing)
    listed = sign_in_secrets.providers(f"http://{emulator.address}", None)
    states[0].apple_key = sign_in_secrets.apple_key(listed)
    patch.setattr(configured, "secret", lambda _reference: listed)
    configured.configured.cache_clear()
    browser.sessions.cache_clear()
    yield made
    configured.configured.cache_clear()
    browser.sessions.cache_clear()
    await connect.redis_async().aclose()
    await laboratory.stop()
