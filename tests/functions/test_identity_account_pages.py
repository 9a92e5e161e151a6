"""What users decide on our own pages: applications, devices, and the end of sessions."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.adapters.sql.identity import clients
from shared.kernel.clock import SystemClock
from shared.runtime import browser
from tests.fakes.accounts_house import EMAIL
from tests.fakes.authorize_house import APP, CALLBACK, NOTES, SCOPE, AuthorizeHouse, parameters
from tests.fakes.edge import ask, load
from tests.fakes.identity import CLIENTS
from tests.fakes.identity_house import FORM, rows
from tests.fakes.pages_house import Browser, PagesHouse


@pytest.fixture
def pages(pages: PagesHouse) -> PagesHouse:
    """The pages, where some applications are registered."""
    clients.register(connect.engine(), [APP, NOTES], now=SystemClock().now())
    return pages


def asking(**changed: str) -> str:
    """Return where an application sends a browser."""
    return f"/auth/authorize?{urlencode(AuthorizeHouse.wish(**changed))}"


async def test_an_application_of_ours_gets_its_code_after_the_sign_in(visitor: Browser) -> None:
    await visitor.sign_in(asking())
    assert f"form-action 'self' {CALLBACK.removesuffix('/callback')};" in visitor.policy

    await visitor.follow()

    assert visitor.location.startswith(f"{CALLBACK}?")
    assert {"code", "state", "iss"} <= parameters(visitor.location).keys()


async def test_an_application_of_others_gets_what_its_user_ticks(visitor: Browser) -> None:
    await visitor.sign_in(asking(client_id=NOTES.client_id))
    await visitor.follow()
    assert "Let Film notes use your account?" in visitor.page
    assert "app.example" in visitor.page

    await visitor.post("/auth/consent", scope__read__content="on", decision="allow")

    assert "code" in parameters(visitor.location)
    assert rows("SELECT client_id, scopes FROM user_consent") == [("film-notes", ["read:content"])]


@pytest.mark.parametrize(
    "said", [{"decision": "deny"}, {"decision": "allow"}, {"scope__read__content": "on"}]
)
async def test_without_a_clear_yes_an_application_gets_nothing(
    visitor: Browser, said: dict[str, str]
) -> None:
    await visitor.sign_in(asking(client_id=NOTES.client_id))
    await visitor.follow()

    await visitor.post("/auth/consent", **said)

    assert parameters(visitor.location)["error"] == "access_denied"
    assert rows("SELECT 1 FROM user_consent") == []


async def test_a_decision_is_made_once(visitor: Browser) -> None:
    await visitor.sign_in(asking(client_id=NOTES.client_id))
    await visitor.follow()
    await visitor.post("/auth/consent", scope__read__content="on", decision="allow")
    answer = await visitor.post("/auth/consent", scope__read__content="on", decision="allow")
    assert answer.status == 410
    assert "start again" in visitor.page


async def test_a_request_that_is_over_is_told_on_the_sign_in_page(visitor: Browser) -> None:
    answer = await visitor.get("/auth/sign-in?request=" + "a" * 36)
    assert answer.status == 410


async def test_consent_is_asked_of_nobody_who_is_not_signed_in(visitor: Browser) -> None:
    await visitor.get("/auth/consent?request=abc")
    assert visitor.location == "/auth/sign-in?request=abc"


async def started(name: str = "Living room") -> str:
    """Let a television ask to be let in; returns the code on its screen."""
    asked = {"client_id": "mg-tv", "scope": SCOPE, "device_name": name}
    main = load("identity_device")
    headers = {**FORM, "x-client-network": "198.51.100.7"}
    body = urlencode(asked).encode()
    answer = await ask(main.handle, "POST", "/auth/device", body=body, headers=headers)
    assert answer.status == 200, answer.body
    return str(answer.json["user_code"])


@pytest.fixture
def television(pages: PagesHouse) -> PagesHouse:
    """The pages, where televisions may ask."""
    clients.register(connect.engine(), CLIENTS, now=SystemClock().now())
    return pages


@pytest.mark.usefixtures("television")
@pytest.mark.behavior("oauth2:device:approval-page")
@pytest.mark.behavior("oauth2:device:shown-before-approved")
async def test_a_device_is_shown_before_it_is_let_in(visitor: Browser) -> None:
    code = await started()
    await visitor.sign_in("/auth/device/enter")
    await visitor.follow()
    await visitor.post("/auth/device/enter", user_code=code.lower().replace("-", " "))
    await visitor.follow()

    for told in (code, "Television", "Living room", "198.51.100.0/24", "just now", EMAIL):
        assert told in visitor.page
    assert "rate titles for you" in visitor.page
    ticked = {"scope__read__content": "on"}
    await visitor.post("/auth/device/enter", decision="approve", **ticked)
    assert "The device is let in" in await visitor.follow()

    await visitor.get("/auth/device/enter")
    answer = await visitor.post("/auth/device/enter", user_code=code)
    assert answer.status == 303
    await visitor.follow()
    assert "This code was used" in visitor.page


@pytest.mark.usefixtures("television")
async def test_a_device_that_is_refused_hears_so(visitor: Browser) -> None:
    code = await started()
    await visitor.sign_in(f"/auth/device/enter?user_code={code}")
    await visitor.follow()
    await visitor.post("/auth/device/enter", decision="deny")
    assert "The device is not let in" in await visitor.follow()


@pytest.mark.usefixtures("television")
async def test_the_name_of_a_device_is_never_markup(visitor: Browser) -> None:
    code = await started("<img src=x onerror=alert(1)>")
    await visitor.sign_in(f"/auth/device/enter?user_code={code}")
    assert "<img" not in await visitor.follow()


@pytest.mark.parametrize(("typed", "status"), [("WDJB-MJHT", 404), ("nonsense!", 404), ("", 404)])
async def test_a_code_that_nobody_shows_is_asked_for_again(
    visitor: Browser, typed: str, status: int
) -> None:
    await visitor.sign_in("/auth/device/enter")
    await visitor.follow()
    await visitor.post("/auth/device/enter", user_code=typed)
    await visitor.follow()
    assert visitor.answer.status == status
    assert "No device waits for this code" in visitor.page


async def test_codes_cannot_be_guessed(visitor: Browser) -> None:
    await visitor.sign_in("/auth/device/enter")
    answers = [await visitor.get(f"/auth/device/enter?user_code=WDJBMJH{c}") for c in "ABCDEF"]
    assert [answer.status for answer in answers] == [404] * 5 + [429]


@pytest.mark.behavior("attacks:asvs:4.2.2")
@pytest.mark.behavior("oauth2:pages:forgery")
async def test_a_form_sent_by_another_site_lets_no_device_in(
    visitor: Browser, television: PagesHouse
) -> None:
    code = await started()
    await visitor.sign_in(f"/auth/device/enter?user_code={code}")
    await visitor.follow()
    said = {"decision": "approve", "scope__read__content": "on"}
    foreign = {"origin": "https://evil.example"}

    answer = await visitor.post("/auth/device/enter", foreign, **said)

    assert answer.status == 403
    found = television.desk.codes.find("somebody", code, SystemClock().now())
    assert found.client_id == "mg-tv"


async def test_the_account_page_tells_what_opens_the_account(
    visitor: Browser, pages: PagesHouse
) -> None:
    await pages.accounts.tokens(device_name="Kitchen")
    with connect.engine().begin() as connection:
        connection.execute(
            text(
                "INSERT INTO identity (provider, subject, user_id, email_at_link, linked_at)"
                " SELECT 'github', '1', id, email, now() FROM app_user WHERE email = :email"
            ),
            {"email": EMAIL},
        )
    await visitor.sign_in()
    page = await visitor.follow()
    for told in ("Kitchen", "This browser", "github", "Authenticator app"):
        assert told in page


async def test_a_session_and_another_browser_are_ended_from_the_account_page(
    visitor: Browser, pages: PagesHouse
) -> None:
    await pages.accounts.tokens()
    other = Browser(pages)
    await other.sign_in()
    await visitor.sign_in()
    await visitor.follow()
    ((session,),) = rows("SELECT family_id FROM token_family")
    mine = browser_of(visitor)
    ((another,),) = rows(f"SELECT session_id FROM browser_session WHERE session_id <> '{mine}'")  # noqa: S608 - of this test

    await visitor.post("/account/security", session=str(session))
    await visitor.post("/account/security", browser=str(another))

    assert rows("SELECT status FROM token_family") == [("revoked",)]
    await other.get("/account/security")
    assert other.answer.status == 303
    assert "It is done." in await visitor.follow()


def browser_of(visitor: Browser) -> str:
    """Return the id of a browser's session."""
    found = browser.sessions().find(visitor.cookie)
    assert found is not None
    return found.id


async def test_nobody_ends_what_is_somebody_elses(pages: PagesHouse) -> None:
    await pages.accounts.tokens()
    ((session,),) = rows("SELECT family_id FROM token_family")
    stranger = Browser(pages)
    await pages.accounts.register(email="ola@example.com", password="nine slow kites over")  # noqa: S106 - of tests
    await pages.accounts.post("verify-email", token=await pages.accounts.code())
    await stranger.sign_in(email="ola@example.com", password="nine slow kites over")  # noqa: S106 - of tests
    await stranger.follow()

    await stranger.post("/account/security", session=str(session))

    assert rows("SELECT status FROM token_family") == [("active",)]


async def test_signing_out_everywhere_ends_this_browser_too(
    visitor: Browser, pages: PagesHouse
) -> None:
    await pages.accounts.tokens()
    await visitor.sign_in()
    await visitor.follow()

    await visitor.post("/account/security", everything="on")

    assert "You are signed out." in await visitor.follow()
    await visitor.get("/account/security")
    assert visitor.answer.status == 303
    assert rows("SELECT status FROM token_family") == [("revoked",)]


async def test_a_consent_is_taken_back(visitor: Browser) -> None:
    await visitor.sign_in(asking(client_id=NOTES.client_id))
    await visitor.follow()
    await visitor.post("/auth/consent", scope__read__content="on", decision="allow")
    await visitor.get("/account/security")
    assert "Film notes" in visitor.page
    consent = visitor.fields("consent")[0]

    await visitor.post("/account/security", consent=consent)

    await visitor.follow()
    assert "Film notes" not in visitor.page
    assert rows("SELECT revoked_at IS NULL FROM user_consent") == [(False,)]


@pytest.mark.parametrize("path", ["/auth/consent", "/auth/device/enter", "/account/security"])
async def test_forms_change_nothing_for_who_is_not_signed_in(visitor: Browser, path: str) -> None:
    await visitor.get("/auth/sign-in")
    answer = await visitor.post(path, everything="on", decision="approve", user_code="WDJB-MJHT")
    assert (answer.status, visitor.location.startswith(("/auth/sign-in", "/auth/device"))) == (
        303,
        True,
    )


async def test_an_application_can_have_its_user_asked_again(
    visitor: Browser, pages: PagesHouse
) -> None:
    await visitor.sign_in()
    before = visitor.cookie
    pages.accounts.clock.advance(timedelta(minutes=1))

    await visitor.sign_in(asking(prompt="login"))
    await visitor.follow()

    assert "code" in parameters(visitor.location)
    assert visitor.cookie != before
    assert browser.sessions().find(before) is None
