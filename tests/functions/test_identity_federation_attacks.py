"""Attacks on signing in elsewhere (RFC 9700 §4, OpenID Connect Core §3.1.3.7): none succeeds."""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
import pytest_asyncio

from emulators.core.faults import Rule
from shared.adapters import connect
from shared.adapters.federation.calling import Caller
from shared.adapters.federation.configured import configured
from shared.adapters.federation.directory import Directory
from shared.adapters.providers.guarding import own_breakers
from shared.runtime.federation import COOKIE, POSTED_COOKIE
from tests.fakes.edge import ask
from tests.fakes.federation_house import NORA, FederationHouse, brought, changed, federation_house
from tests.fakes.identity_house import rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from emulators.providers.identity.state import Fault
    from tests.fakes.edge import Answer
    from tests.fakes.identity_house import House

FAULTS: tuple[Fault, ...] = (
    "wrong_nonce",
    "wrong_aud",
    "wrong_iss",
    "expired",
    "alg_none",
    "alg_confusion",
    "unknown_kid",
    "wrong_answer_iss",
)
EVERYBODY = "SELECT count(*) FROM identity"
OPEN_REDIRECTS = [
    "//evil.example",
    "/\\evil.example",
    "/%2F%2Fevil.example",
    "https://evil.example",
]
"""More of them, and why none can be meant, are in tests/unit/identity/test_federation.py."""
TOKENS: list[tuple[str, Fault]] = [
    *(("google", fault) for fault in FAULTS),
    ("apple", "wrong_nonce"),
    ("apple", "alg_none"),
    ("example", "wrong_aud"),
    ("example", "wrong_answer_iss"),
]


@pytest_asyncio.fixture
async def house(identity: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FederationHouse]:
    """The federation function and the fakes."""
    async with federation_house(monkeypatch, identity) as made:
        made.chosen(NORA)
        yield made


def refused(answer: Answer, status: int, code: str) -> bool:
    """Tell whether nobody was let in, for this reason."""
    said = (answer.status, answer.json["code"])
    assert said == (status, code), said
    return "set-cookie" not in answer.headers


@pytest.mark.behavior("federation:redirect:closed")
@pytest.mark.parametrize("back", OPEN_REDIRECTS)
async def test_nobody_is_sent_to_a_page_that_is_not_ours(house: FederationHouse, back: str) -> None:
    query = urlencode({"return_to": back})

    answer = await house.browser().go(f"/auth/oauth/google/authorize?{query}")

    assert answer.status in {400, 422}
    assert not {"location", "set-cookie"} & answer.headers.keys()


@pytest.mark.behavior("federation:state:once")
async def test_an_answer_is_taken_once_and_of_those_at_the_same_time_one(
    house: FederationHouse,
) -> None:
    browser = house.browser()
    where, _ = await browser.visit(await browser.begin("google"))

    answers = await asyncio.gather(*(browser.go(where) for _ in range(5)))
    again = await browser.go(where)

    assert sorted(answer.status for answer in answers) == [303, 400, 400, 400, 400]
    assert refused(again, 400, "sign-in-unknown")


@pytest.mark.behavior("identity:5.11:answers")
@pytest.mark.behavior("attacks:code:csrf")
@pytest.mark.behavior("federation:state:browser")
async def test_an_answer_counts_in_the_browser_that_began_and_burns_elsewhere(
    house: FederationHouse,
) -> None:
    mallory, victim = house.browser(), house.browser()
    where, _ = await mallory.visit(await mallory.begin("google"))
    await victim.begin("google")

    assert refused(await victim.go(where), 400, "sign-in-unknown")
    assert refused(await mallory.go(where), 400, "sign-in-unknown")
    assert rows(EVERYBODY) == [(0,)]


@pytest.mark.behavior("attacks:code:mix-up")
@pytest.mark.behavior("federation:mix-up:redirect-uri")
async def test_an_answer_is_of_the_provider_that_was_asked(house: FederationHouse) -> None:
    browser = house.browser()
    where, _ = await browser.visit(await browser.begin("google"))

    assert refused(await browser.go(where.replace("google", "example")), 400, "sign-in-unknown")


async def test_an_answer_comes_within_ten_minutes(house: FederationHouse) -> None:
    browser = house.browser()
    where, _ = await browser.visit(await browser.begin("google"))
    house.clock.advance(timedelta(seconds=600))

    assert refused(await browser.go(where), 400, "sign-in-unknown")


@pytest.mark.parametrize("state", ["", "x" * 43, "short", "%00" * 43])
async def test_a_state_that_nobody_gave_out_opens_nothing(
    house: FederationHouse, state: str
) -> None:
    browser = house.browser()
    await browser.begin("google")

    answer = await browser.go(f"/auth/oauth/google/callback?code=x&state={state}")

    assert refused(answer, 400, "sign-in-unknown")


@pytest.mark.behavior("attacks:code:injection")
@pytest.mark.behavior("federation:code:injection")
@pytest.mark.parametrize("provider", ["google", "github", "example"])
async def test_a_stolen_code_is_worth_nothing_in_another_sign_in(
    house: FederationHouse, provider: str
) -> None:
    mallory, victim = house.browser(), house.browser()
    stolen = brought((await victim.visit(await victim.begin(provider)))[0])["code"]
    where, _ = await mallory.visit(await mallory.begin(provider))

    answer = await mallory.go(changed(where, code=stolen))

    assert refused(answer, 403, "provider-refused")
    assert mallory.session() is None


@pytest.mark.behavior("attacks:code:injection")
async def test_a_stolen_code_of_apple_is_of_another_nonce(house: FederationHouse) -> None:
    mallory, victim = house.browser(), house.browser()
    _, stolen = await victim.visit(await victim.begin("apple"))
    where, form = await mallory.visit(await mallory.begin("apple"))
    assert stolen is not None
    assert form is not None

    answer = await mallory.go(where, form={**form, "code": stolen["code"]})

    assert refused(answer, 403, "assertion-refused")


@pytest.mark.behavior("identity:5.11:answers")
@pytest.mark.behavior("federation:id-token:validated")
@pytest.mark.behavior("federation:id-token:algorithm")
@pytest.mark.parametrize(("provider", "fault"), TOKENS)
async def test_an_id_token_that_is_not_of_this_sign_in_opens_nothing(
    house: FederationHouse, provider: str, fault: Fault
) -> None:
    house.state.fake(provider.replace("example", "oidc")).fault = fault
    browser = house.browser()

    answer = await browser.sign_in(provider)

    assert refused(answer, 403, "assertion-refused")
    assert (rows(EVERYBODY), browser.session()) == ([(0,)], None)


@pytest.mark.behavior("attacks:code:mix-up")
@pytest.mark.behavior("federation:mix-up:issuer")
async def test_an_answer_that_leaves_out_who_it_is_from_is_refused(house: FederationHouse) -> None:
    house.state.fake("google").fault = "no_answer_iss"

    assert refused(await house.browser().sign_in("google"), 403, "assertion-refused")


@pytest.mark.behavior("federation:answer:error")
@pytest.mark.parametrize("provider", ["google", "github", "apple"])
async def test_who_changes_their_mind_there_is_not_let_in_here(
    house: FederationHouse, provider: str
) -> None:
    house.state.fake(provider.replace("example", "oidc")).fault = "denied"

    assert refused(await house.browser().sign_in(provider), 403, "provider-refused")


@pytest.mark.behavior("federation:keys:rotation")
async def test_new_keys_of_a_provider_are_asked_for_once_a_minute(house: FederationHouse) -> None:
    assert (await house.browser().sign_in("google")).status == 303
    house.state.fake("google").rotate()

    assert refused(await house.browser().sign_in("google"), 403, "assertion-refused")
    house.clock.advance(timedelta(seconds=61))
    assert (await house.browser().sign_in("google")).status == 303


async def test_a_provider_that_fails_is_left_alone_and_not_offered(
    house: FederationHouse,
) -> None:
    browser, desk = house.browser(), house.main.desk()
    assert [one.name for one in desk.offered()] == ["Google", "GitHub", "Apple", "Example ID"]
    ready = [await house.browser_at("google") for _ in range(5)]
    house.faults.add(Rule(action="error", service="providers", method="identity.google.token"))

    for each, where in ready:
        assert refused(await each.go(where), 503, "provider-unavailable")

    left = await browser.go("/auth/oauth/google/authorize")
    assert refused(left, 503, "provider-unavailable")
    assert int(left.headers["retry-after"]) > 0
    assert "Google" not in [one.name for one in await asyncio.to_thread(desk.offered)]
    assert (await browser.sign_in("example")).status == 303


async def test_a_provider_that_is_slow_is_not_waited_for(house: FederationHouse) -> None:
    desk = house.main.desk()
    caller = Caller(own_breakers(house.clock, []), seconds=0.05)
    desk.directory = Directory(configured(), caller, house.clock)
    house.faults.add(
        Rule(action="delay", service="providers", method="identity.google.metadata", seconds=30)
    )

    answer = await house.browser().go("/auth/oauth/google/authorize")

    assert refused(answer, 503, "provider-unavailable")


async def test_a_browser_is_told_on_a_page_that_lets_nothing_else_in(
    house: FederationHouse,
) -> None:
    path = "/auth/oauth/google/callback?code=x&state=" + "x" * 43

    answer = await ask(house.main.handle, "GET", path, headers={"accept": "text/html,*/*"})

    assert (answer.status, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert answer.headers["content-security-policy"].startswith("default-src 'none';")
    assert b"This took too long" in answer.body


async def test_a_provider_that_nobody_configured_is_not_found(house: FederationHouse) -> None:
    answer = await house.browser().go("/auth/oauth/facebook/authorize")

    assert refused(answer, 404, "provider-unknown")


@pytest.mark.behavior("attacks:asvs:3.4.1")
@pytest.mark.parametrize(
    ("provider", "cookie", "site"), [("google", COOKIE, "Lax"), ("apple", POSTED_COOKIE, "None")]
)
async def test_the_cookie_is_of_this_host_and_no_script_reads_it(
    house: FederationHouse, provider: str, cookie: str, site: str
) -> None:
    answer = await house.browser().go(f"/auth/oauth/{provider}/authorize")

    said = answer.headers["set-cookie"]
    assert said.startswith(f"{cookie}=")
    assert cookie.startswith("__Host-")
    rules = set(said.split("; ")[1:])
    assert rules == {"Path=/", "Secure", "HttpOnly", f"SameSite={site}", "Max-Age=600"}


@contextmanager
def logged_to(handler: logging.Handler) -> Iterator[None]:
    """Let a handler see what we log, however logging was set up before."""
    ours = logging.getLogger("shared")
    level = ours.level
    ours.addHandler(handler)
    ours.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        ours.removeHandler(handler)
        ours.setLevel(level)


async def test_nothing_of_a_sign_in_lies_open_and_nothing_is_left_of_it(
    house: FederationHouse, caplog: pytest.LogCaptureFixture
) -> None:
    browser = house.browser()
    location = await browser.begin("google")
    (key,) = connect.redis().keys("auth:federation*")
    kept = str(connect.redis().get(key))

    where, _ = await browser.visit(location)
    with logged_to(caplog.handler):
        await browser.go(where)

    asked = brought(location)
    assert not any(asked[name] in f"{key!r} {kept}" for name in ("nonce", "state"))
    assert connect.redis().keys("auth:federation*") == []
    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert "request.done" in logged
    secret = (NORA.email, NORA.name, brought(where)["code"], asked["state"], asked["nonce"])
    assert not [each for each in secret if each in logged]
