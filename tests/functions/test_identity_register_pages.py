"""Making accounts and choosing passwords on our own pages, as browsers without scripts see it."""

from __future__ import annotations

import asyncio

import pytest

from tests.fakes.accounts_house import EMAIL, OTHER_PASSWORD, PASSWORD, code_of
from tests.fakes.identity_house import rows, write
from tests.fakes.pages_house import Browser, PagesHouse, without_marks

OLA = {
    "email": "ola@example.com",
    "password": "nine slow kites over",
    "display_name": "Ola",
    "age_confirmed": "on",
}
RESET = "/account/reset-password"
ROW, SHORT = "ola-ola-ola-ola", "short"


async def test_somebody_registers_verifies_their_address_and_signs_in(
    visitor: Browser, pages: PagesHouse
) -> None:
    await visitor.get("/account/register")
    await visitor.post("/account/register", **OLA)
    assert "Look into your mailbox" in await visitor.follow()
    (mail,) = await pages.accounts.delivered()
    assert "/account/verify-email#token=" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]

    await visitor.get("/account/verify-email")
    await visitor.post("/account/verify-email", token=f" {code_of(mail)} ")
    assert "Your mail address is verified." in await visitor.follow()
    await visitor.post("/auth/sign-in", email=OLA["email"], password=OLA["password"])

    assert visitor.location == "/account/security"


async def test_pages_say_the_same_with_and_without_an_account(pages: PagesHouse) -> None:
    for path, sent in (
        ("/account/register", {**OLA, "password": PASSWORD}),
        ("/account/forgot-password", {}),
        ("/account/resend-verification", {}),
    ):
        told = []
        for email in (EMAIL, "nobody@example.com"):
            browser = Browser(pages)
            await browser.get(path)
            answer = await browser.post(path, **{**sent, "email": email})
            told.append((answer.status, browser.location, without_marks(await browser.follow())))
        assert told[0] == told[1], path


async def test_what_is_wrong_is_said_beside_its_field_and_secrets_are_not_repeated(
    visitor: Browser,
) -> None:
    await visitor.get("/account/register")
    answer = await visitor.post(
        "/account/register",
        email="ola@",
        password=ROW,
        display_name="Ola <b>",
        region="usa",
    )

    assert answer.status == 422
    for field in ("email", "region", "age_confirmed"):
        assert f'id="{field}-error"' in visitor.page, field
        assert f'<a href="#{field}">' in visitor.page, field
    assert 'value="ola@"' in visitor.page
    assert "Ola &lt;b&gt;" in visitor.page
    assert ROW not in visitor.page
    assert rows("SELECT count(*) FROM app_user WHERE email LIKE 'ola%'") == [(0,)]


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "Use 12 characters or more"),
        ("password1234", "among the first that a guesser tries"),
        ("ola.svensson 2026", "Leave your mail address out of it"),
    ],
)
async def test_the_rules_of_passwords_are_told_in_words(
    visitor: Browser, password: str, said: str
) -> None:
    page = (await visitor.get("/account/register")).body.decode()
    assert "At least 12 characters" in page
    sent = {**OLA, "email": "ola.svensson@example.com", "password": password}

    await visitor.post("/account/register", **sent)

    assert visitor.answer.status == 422
    assert said in visitor.page


async def test_a_form_that_is_sent_twice_makes_one_account(
    visitor: Browser, pages: PagesHouse
) -> None:
    await visitor.get("/account/register")
    await asyncio.gather(*(visitor.post("/account/register", **OLA) for _ in range(2)))
    assert rows("SELECT count(*) FROM app_user WHERE email LIKE 'ola%'") == [(1,)]
    assert len(await pages.accounts.delivered()) == 2


@pytest.mark.behavior("oauth2:pages:forgery")
@pytest.mark.parametrize(
    "path",
    [
        "/account/register",
        "/account/verify-email",
        "/account/resend-verification",
        "/account/forgot-password",
        RESET,
    ],
)
async def test_a_form_of_another_site_does_nothing(visitor: Browser, path: str) -> None:
    await visitor.get(path)
    sent = {**OLA, "token": "t" * 43, "new_password": OTHER_PASSWORD}

    answer = await visitor.post(path, {"origin": "https://evil.example"}, **sent)

    assert answer.status == 403
    assert rows("SELECT 1 FROM app_user WHERE email = 'ola@example.com'") == []


async def test_a_forgotten_password_is_chosen_anew_by_mail(
    visitor: Browser, pages: PagesHouse
) -> None:
    other = Browser(pages)
    await other.sign_in()
    await visitor.get("/account/forgot-password")
    await visitor.post("/account/forgot-password", email=EMAIL.upper())
    code = await pages.accounts.code()

    await visitor.get(RESET)
    await visitor.post(RESET, token=code, new_password=SHORT)
    assert (visitor.answer.status, code in visitor.page) == (422, True)
    await visitor.post(RESET, token=code, new_password=OTHER_PASSWORD)

    assert "You have a new password." in await visitor.follow()
    await other.get("/account/security")
    assert other.answer.status == 303
    assert (await visitor.sign_in(password=OTHER_PASSWORD)).status == 303


@pytest.mark.parametrize("path", [RESET, "/account/verify-email"])
async def test_a_code_that_is_none_or_was_used_is_told_so(
    visitor: Browser, pages: PagesHouse, path: str
) -> None:
    await visitor.get("/account/forgot-password")
    await visitor.post("/account/forgot-password", email=EMAIL)
    code = await pages.accounts.code()
    await visitor.get(RESET)
    await visitor.post(RESET, token=code, new_password=OTHER_PASSWORD)

    await visitor.get(path)
    again = await visitor.post(path, token=code, new_password=OTHER_PASSWORD)
    unknown = await visitor.post(path, token="t" * 43, new_password=OTHER_PASSWORD)

    assert (again.status, unknown.status) == ((410 if path == RESET else 400), 400)
    assert "Enter the code as the mail has it" in visitor.page


async def test_a_password_is_changed_and_every_other_session_ends(
    visitor: Browser, pages: PagesHouse
) -> None:
    other, tokens = Browser(pages), await pages.accounts.tokens()
    await other.sign_in()
    await visitor.sign_in("/account/password")
    await visitor.follow()
    before = visitor.cookie

    await visitor.post("/account/password", current_password=PASSWORD, new_password=OTHER_PASSWORD)

    assert "Your password is changed" in await visitor.follow()
    assert visitor.cookie != before
    await other.get("/account/security")
    assert other.answer.status == 303
    assert rows("SELECT status FROM token_family") == [("revoked",)]
    assert tokens["refresh_token"]
    ((mail,),) = [await pages.accounts.delivered()]
    assert mail["Subject"] == "Your password was changed"


async def test_a_wrong_password_changes_nothing_and_is_said_beside_its_field(
    visitor: Browser,
) -> None:
    await visitor.sign_in("/account/password")
    await visitor.follow()
    said = {"current_password": "four heavy ladders", "new_password": OTHER_PASSWORD}
    answer = await visitor.post("/account/password", **said)
    assert answer.status == 422
    assert "This is not your password" in visitor.page
    assert "four heavy ladders" not in visitor.page


async def test_guesses_of_the_password_have_to_wait(visitor: Browser) -> None:
    await visitor.sign_in("/account/password")
    await visitor.follow()
    said = {"current_password": "four heavy ladders", "new_password": OTHER_PASSWORD}
    answers = [(await visitor.post("/account/password", **said)).status for _ in range(6)]
    assert answers == [422] * 5 + [429]
    assert "Too many tries" in visitor.page


async def test_a_form_of_who_is_signed_in_no_more_leads_to_the_sign_in_and_back(
    visitor: Browser,
) -> None:
    await visitor.sign_in("/account/password")
    await visitor.follow()
    write("UPDATE browser_session SET last_used_at = now() - interval '31 minutes'")

    await visitor.post("/account/password", current_password=PASSWORD, new_password=OTHER_PASSWORD)

    assert visitor.location == "/auth/sign-in?return_to=%2Faccount%2Fpassword"
