"""A browser signs in by way of another site, which is what cookies and policies are made for."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from emulators.core.server import Endpoint
from emulators.hub import sign_in_secrets
from emulators.providers.identity.routes import NAME, identity_routes
from emulators.providers.identity.state import KINDS, SAMPLE, State
from shared.adapters.federation import configured
from shared.adapters.providers.guarding import own_breakers
from shared.runtime import federation
from tests.emulated.conftest import Laboratory
from tests.fakes.edge import load
from tests.fakes.identity_house import rows
from tests.functions.pages.test_walks import sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from playwright.sync_api import Browser, Page

    from emulators.core.context import Context
    from tests.functions.pages.site import Site


@contextmanager
def fakes() -> Iterator[tuple[str, State]]:
    """Serve fake accounts in a loop of their own; gives their address and what they know."""
    laboratory, loop, states = Laboratory(), asyncio.new_event_loop(), list[State]()

    async def build(context: Context) -> Endpoint:
        states.append(State(context.clock))
        routes = identity_routes(context, states[0])
        return Endpoint(NAME, routes=lambda: routes)

    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        running = asyncio.run_coroutine_threadsafe(laboratory(build), loop).result()
        yield running.address, states[0]
    finally:
        asyncio.run_coroutine_threadsafe(laboratory.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def elsewhere(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[State]:
    """Fake accounts on another site, and the function that speaks to them."""
    main, usual = load("identity_federation"), site.house.function

    def function(path: str) -> ModuleType:
        return main if path.startswith("/auth/oauth/") else usual(path)

    monkeypatch.setattr(site.house, "function", function)
    monkeypatch.setattr(federation, "shared_breakers", own_breakers)
    with fakes() as (address, state):
        listed = sign_in_secrets.providers(f"http://{address}", None)
        state.apple_key = sign_in_secrets.apple_key(listed)
        monkeypatch.setattr(configured, "secret", lambda _reference: listed)
        configured.configured.cache_clear()
        yield state


@pytest.fixture
def page(chromium: Browser, elsewhere: State) -> Iterator[Page]:
    """A page of a browser that may go to the other site."""
    assert elsewhere.fake("google").person == SAMPLE
    context = chromium.new_context()
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", ["Google", "Apple"])
def test_a_browser_signs_in_by_another_site_and_comes_back_to_where_it_was(
    page: Page, site: Site, name: str
) -> None:
    page.goto(f"{site.origin}/account/security")

    page.get_by_role("link", name=f"Go on with {name}").click()

    page.wait_for_url(f"{site.origin}/account/security")
    assert SAMPLE.email in page.inner_text("main")
    kept = {cookie["name"]: cookie["sameSite"] for cookie in page.context.cookies(site.origin)}
    began = {"Google": ("federation", "Lax"), "Apple": ("federation_posted", "None")}[name]
    assert kept == {"__Host-mg_session": "Lax", f"__Host-mg_{began[0]}": began[1]}


def test_a_browser_that_is_not_let_in_is_told_why_on_a_page_of_ours(
    page: Page, site: Site, elsewhere: State
) -> None:
    for kind in KINDS:
        elsewhere.fake(kind).person = SAMPLE.model_copy(update={"email_verified": False})
    page.goto(f"{site.origin}/auth/sign-in")

    page.get_by_role("link", name="Go on with Example ID").click()

    page.wait_for_url(f"{site.origin}/auth/oauth/example/callback**")
    assert "no verified mail address" in page.inner_text("main")
    page.goto(f"{site.origin}/account/security")
    assert page.title() == "Sign in – Media Gateway"


def test_a_browser_adds_an_account_elsewhere_to_its_own_and_removes_it(
    page: Page, site: Site
) -> None:
    page.goto(f"{site.origin}/account/linked")
    sign_in(page)
    page.get_by_role("button", name="Add Google").click()
    page.get_by_role("link", name="Google").click()

    page.wait_for_url(f"{site.origin}/account/**")
    assert rows("SELECT provider, email_at_link FROM identity") == [("google", SAMPLE.email)]
    page.goto(f"{site.origin}/account/linked")
    assert SAMPLE.email in page.inner_text("main")
    page.get_by_role("button", name="Remove google").click()
    page.wait_for_url(f"{site.origin}/account/linked?done=removed")
    assert rows("SELECT 1 FROM identity") == []
