"""Signing in with an account elsewhere: whole ways through, and whose account it opens."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import orjson
import pytest
import pytest_asyncio
from sqlalchemy import NullPool, create_engine, text

from emulators.providers.identity.state import Address, Person
from shared.adapters import connect
from shared.identity.factors_waiting import PREFIX
from shared.runtime.browser import COOKIE
from shared.runtime.federation import FACTOR_PAGE
from tests.fakes.federation_house import HOME, NORA, FederationHouse, federation_house, set_up
from tests.fakes.identity import ADA, BEN
from tests.fakes.identity_house import rows
from tests.fakes.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Connection

    from tests.fakes.edge import Answer
    from tests.fakes.federation_house import Browser
    from tests.fakes.identity_house import House

ADA_EMAIL = f"{ADA}@sample.invalid"
ADA_THERE = Person(subject=5, email=ADA_EMAIL, name="Ada")
ALL = ("google", "github", "apple", "example")
HELD = "SELECT FROM app_user WHERE id = CAST(:user AS uuid) FOR NO KEY UPDATE"
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
LINKS = "SELECT provider, subject, CAST(user_id AS text) FROM identity ORDER BY provider, subject"


@pytest_asyncio.fixture
async def house(identity: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FederationHouse]:
    """The federation function and the fakes."""
    async with federation_house(monkeypatch, identity) as made:
        made.chosen(NORA)
        yield made


def code(answer: Answer) -> tuple[int, str]:
    """Return the status and the code of a problem."""
    return answer.status, answer.json["code"]


async def linking(house: FederationHouse, browser: Browser, user: str, provider: str) -> str:
    """Sign a user's browser in and return a ticket that adds a provider."""
    house.signed_in(browser, user)
    answer = await house.api("POST", f"/identities/{provider}", house.identity.start(user=user))
    assert answer.status == 200, answer.body
    return str(answer.json["location"]).rpartition("=")[2]


@pytest.mark.behavior("federation:redirect:see-other")
@pytest.mark.behavior("federation:answer:posted")
@pytest.mark.parametrize("provider", ALL)
async def test_somebody_new_gets_an_account_and_a_session_of_their_browser(
    house: FederationHouse, provider: str
) -> None:
    browser = house.browser()

    answer = await browser.sign_in(provider)

    assert (answer.status, answer.headers["location"]) == (303, HOME)
    assert answer.headers["cache-control"] == "no-store"
    found = rows(
        "SELECT u.email, u.name, u.email_verified, u.password_hash, i.provider, i.subject"
        " FROM app_user AS u INNER JOIN identity AS i ON i.user_id = u.id"
    )
    assert found == [("nora@example.com", "Nora Lund", True, None, provider, "77")]
    assert browser.session().methods == ("fed",)
    acts = [action for (action,) in rows("SELECT action FROM audit.audit_log ORDER BY number")]
    assert acts == ["USER_REGISTER", "AUTH_LOGIN"]


async def test_two_instances_serve_one_sign_in(house: FederationHouse) -> None:
    browser, where = await house.browser_at("google")
    house.main = house.instance()

    answer = await browser.go(where)

    assert answer.status == 303
    assert browser.session() is not None


@pytest.mark.behavior("identity:5.11:link")
@pytest.mark.behavior("federation:subject:stable")
async def test_an_account_is_known_by_its_subject_whatever_its_address_is_by_now(
    house: FederationHouse,
) -> None:
    first, second = house.browser(), house.browser()
    await first.sign_in("google")
    house.chosen(NORA.model_copy(update={"email": ADA_EMAIL, "email_verified": False}))

    answer = await second.sign_in("google")

    assert answer.status == 303
    assert second.session().user_id == first.session().user_id
    house.chosen(NORA.model_copy(update={"subject": 78}))
    assert code(await house.browser().sign_in("google")) == (409, "mail-taken")


@pytest.mark.behavior("identity:5.11:link")
async def test_a_verified_address_on_both_sides_links_by_itself(house: FederationHouse) -> None:
    set_up(ADA_EMAIL, email_verified=True)
    house.chosen(ADA_THERE)
    browser = house.browser()

    answer = await browser.sign_in("github")

    assert answer.status == 303
    assert browser.session().user_id == ADA
    assert rows(LINKS) == [("github", "5", ADA)]
    assert [event.data["asked"] for event in house.outgoing.events] == ["identity_added"]


@pytest.mark.behavior("identity:5.11:link")
@pytest.mark.behavior("federation:mail:verified")
@pytest.mark.parametrize(("here", "there"), [(False, True), (True, False), (False, False)])
async def test_an_address_that_either_side_has_not_verified_links_nothing(
    house: FederationHouse, here: bool, there: bool
) -> None:
    set_up(ADA_EMAIL, email_verified=here)
    house.chosen(ADA_THERE.model_copy(update={"email_verified": there}))
    browser = house.browser()

    answer = await browser.sign_in("google")

    assert code(answer) == (409, "mail-taken" if there else "mail-needed")
    assert (rows(LINKS), browser.session()) == ([], None)


@pytest.mark.behavior("identity:5.11:link")
@pytest.mark.parametrize(
    "addresses",
    [
        (Address(email="nora@example.com", verified=False),),
        (Address(email="nora@example.com", primary=False),),
        (Address(email="not an address"),),
    ],
)
async def test_where_github_vouches_for_no_address_none_is_made_up(
    house: FederationHouse, addresses: tuple[Address, ...]
) -> None:
    house.chosen(Person(subject=9, name="Nora", addresses=addresses))

    answer = await house.browser().sign_in("github")

    assert code(answer) == (409, "mail-needed")
    assert rows(LINKS) == []


async def test_apple_tells_a_name_once_and_what_is_beside_it_is_not_believed(
    house: FederationHouse,
) -> None:
    browser = house.browser()
    where, form = await browser.visit(await browser.begin("apple"))
    assert form is not None
    said = {"name": {"firstName": "Nora", "lastName": "Lund"}, "email": ADA_EMAIL}

    await browser.go(where, form={**form, "user": orjson.dumps(said).decode()})
    again = await house.browser().visit(await browser.begin("apple"))

    assert rows("SELECT email, name FROM app_user WHERE name <> 'A viewer'") == [
        ("nora@example.com", "Nora Lund")
    ]
    assert "user" not in (again[1] or {})


async def test_of_two_first_sign_ins_at_once_one_makes_the_account_and_both_open_it(
    house: FederationHouse,
) -> None:
    browsers = [house.browser() for _ in range(4)]

    answers = await asyncio.gather(*(each.sign_in("google") for each in browsers))

    assert [answer.status for answer in answers] == [303] * 4
    assert len({each.session().user_id for each in browsers}) == 1
    assert len(rows("SELECT 1 FROM app_user WHERE email = 'nora@example.com'")) == 1


async def test_who_may_not_sign_in_here_may_not_by_a_provider_either(
    house: FederationHouse,
) -> None:
    await house.browser().sign_in("google")
    set_up(NORA.email, status="suspended")
    browser = house.browser()

    answer = await browser.sign_in("google")

    assert code(answer) == (403, "account-suspended")
    assert browser.session() is None


async def test_a_second_factor_is_asked_for_after_a_provider_too(house: FederationHouse) -> None:
    browser = house.browser()
    await browser.sign_in("google")
    house.with_app(browser.session().user_id)
    other = house.browser()

    answer = await other.sign_in("google")

    assert (answer.status, answer.headers["location"].partition("?")[0]) == (303, FACTOR_PAGE)
    assert other.session() is None
    assert other.cookies[COOKIE].startswith(PREFIX)


async def test_a_user_adds_an_account_elsewhere_whose_address_is_another(
    house: FederationHouse,
) -> None:
    browser = house.browser()
    ticket = await linking(house, browser, ADA, "google")

    answer = await browser.sign_in("google", link=ticket)

    assert (answer.status, answer.headers["location"]) == (303, HOME)
    assert rows(LINKS) == [("google", "77", ADA)]
    tokens = house.identity.start()
    (item,) = (await house.api("GET", "/identities", tokens)).json["items"]
    assert (item["provider"], item["email"]) == ("google", "nora@example.com")


async def test_a_ticket_is_of_one_user_one_browser_one_provider_and_one_use(
    house: FederationHouse,
) -> None:
    browser = house.browser()
    ticket = await linking(house, browser, ADA, "google")

    async def tried(which: Browser, provider: str, shown: str) -> int:
        return (await which.go(f"/auth/oauth/{provider}/authorize?link={shown}")).status

    assert await tried(house.browser(), "google", ticket) == 400, "nobody's browser"
    other = house.browser()
    of_ben = await linking(house, other, BEN, "google")
    assert await tried(browser, "google", of_ben) == 400, "another user's ticket"
    for_google = await linking(house, browser, ADA, "google")
    assert await tried(browser, "github", for_google) == 400, "another provider's"
    good = await linking(house, browser, ADA, "google")
    assert [await tried(browser, "google", good) for _ in range(2)] == [303, 400]
    late = await linking(house, browser, ADA, "google")
    house.clock.advance(timedelta(seconds=300))
    assert await tried(browser, "google", late) == 400, "too late"


async def test_an_account_elsewhere_opens_one_account_here(house: FederationHouse) -> None:
    ada, ben = house.browser(), house.browser()
    await ada.sign_in("google", link=await linking(house, ada, ADA, "google"))

    answer = await ben.sign_in("google", link=await linking(house, ben, BEN, "google"))
    house.chosen(NORA.model_copy(update={"subject": 78}))
    second = await ada.sign_in("google", link=await linking(house, ada, ADA, "google"))

    assert code(answer) == code(second) == (409, "identity-taken")
    assert rows(LINKS) == [("google", "77", ADA)]


def waits(connection: Connection, count: int) -> bool:
    """Tell whether so many wait for a lock."""
    waiting: int = connection.execute(text(WAITING)).scalar_one()
    return waiting >= count


async def test_the_last_way_in_stays_and_others_go_one_at_a_time(house: FederationHouse) -> None:
    browser = house.browser()
    await browser.sign_in("google")
    user = browser.session().user_id
    await browser.sign_in("github")
    tokens = house.identity.start(user=user)

    with create_engine(connect.engine().url, poolclass=NullPool).begin() as connection:
        connection.execute(text(HELD), {"user": user})
        asked = [
            asyncio.create_task(house.api("DELETE", f"/identities/{name}", tokens))
            for name in ("google", "github")
        ]
        waiting = partial(waits, connection, len(asked))
        assert await asyncio.to_thread(until, waiting)
    both = await asyncio.gather(*asked)
    (left,) = (await house.api("GET", "/identities", tokens)).json["items"]
    again = await house.api("DELETE", f"/identities/{left['provider']}", tokens)

    assert sorted(answer.status for answer in both) == [204, 409]
    assert code(again) == (409, "last-way-in")
    set_up(NORA.email, password_hash="$argon2id$")  # noqa: S106 - any password opens it
    gone = await house.api("DELETE", f"/identities/{left['provider']}", tokens)
    assert gone.status == 204


async def test_ways_in_are_their_users_and_change_after_a_fresh_proof(
    house: FederationHouse,
) -> None:
    browser = house.browser()
    await browser.sign_in("google", link=await linking(house, browser, ADA, "google"))
    set_up(ADA_EMAIL, password_hash="$argon2id$")  # noqa: S106 - any password opens it
    ada, ben = house.identity.start(), house.identity.start(user=BEN)

    assert code(await house.api("DELETE", "/identities/google", ben)) == (404, "provider-unknown")
    assert (await house.api("GET", "/identities", ben)).json["items"] == []
    assert (await house.api("GET", "/identities")).status == 401
    house.clock.advance(timedelta(minutes=6))
    for method in ("DELETE", "POST"):
        answer = await house.api(method, "/identities/google", ada)
        assert code(answer) == (401, "step-up-needed")
    assert rows(LINKS) == [("google", "77", ADA)]
