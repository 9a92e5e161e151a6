"""Signing in on our own pages, as a browser without scripts sees it."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import orjson
import pytest

from shared.runtime import browser
from tests.fakes.accounts_house import EMAIL, PASSWORD, AccountsHouse
from tests.fakes.factors_house import FactorsHouse
from tests.fakes.identity_house import ISSUER, rows
from tests.fakes.pages_house import Browser, PagesHouse, pages_house, without_marks

if TYPE_CHECKING:
    from tests.fakes.authenticator import Authenticator

WRONG_PASSWORD = "four heavy ladders"  # noqa: S105 - of tests


def answered(visitor: Browser, device: Authenticator) -> str:
    """Return what a device answers to the page that is open, as its script hands it on."""
    found = re.search(r'data-options="([^"]*)"', visitor.page)
    assert found is not None
    return orjson.dumps(device.get(orjson.loads(unescape(found[1])))).decode()


@pytest.mark.behavior("attacks:redirect:307")
async def test_who_knows_the_password_comes_to_their_account(visitor: Browser) -> None:
    answer = await visitor.sign_in()
    assert (answer.status, visitor.location) == (303, "/account/security")

    page = await visitor.follow()

    assert visitor.answer.status == 200
    assert f"<strong>{EMAIL}</strong>" in page
    assert rows("SELECT methods, network FROM browser_session") == [(["pwd"], "203.0.113.0/24")]
    assert rows("SELECT action FROM audit.audit_log ORDER BY number DESC LIMIT 1") == [
        ("AUTH_LOGIN",)
    ]


@pytest.mark.behavior("attacks:asvs:2.1.11")
async def test_managers_of_passwords_find_the_fields_they_know(visitor: Browser) -> None:
    page = (await visitor.get("/auth/sign-in")).body.decode()
    for name in ("username", "current-password"):
        assert re.search(rf'<input[^>]+autocomplete="[^"]*\b{name}\b', page), name
    assert not re.search(r"onpaste|oncopy|autocomplete=\"off\"", page)


@pytest.mark.behavior("attacks:pages:clickjacking")
@pytest.mark.behavior("oauth2:pages:framing")
async def test_a_page_lets_nothing_in_and_is_kept_by_nobody(visitor: Browser) -> None:
    answer = await visitor.get("/auth/sign-in")

    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    for rule in ("form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert rule in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.behavior("attacks:asvs:3.4.1")
async def test_a_cookie_is_for_this_host_alone_and_for_no_script(visitor: Browser) -> None:
    given = (await visitor.get("/auth/sign-in")).headers["set-cookie"]
    assert given.startswith("__Host-mg_session=mgp_")
    assert given.endswith("; Path=/; Secure; HttpOnly; SameSite=Lax")


@pytest.mark.behavior("attacks:asvs:3.2.1")
async def test_signing_in_gives_another_cookie_and_the_one_before_opens_nothing(
    visitor: Browser, pages: PagesHouse
) -> None:
    await visitor.get("/auth/sign-in")
    before = visitor.cookie

    await visitor.sign_in()

    assert visitor.cookie.startswith("mgb_")
    fixed = Browser(pages)
    fixed.cookie = before
    await fixed.get("/account/security")
    assert fixed.location.startswith("/auth/sign-in?")


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
async def test_a_wrong_password_reads_the_same_with_and_without_an_account(
    visitor: Browser, pages: PagesHouse, email: str
) -> None:
    answer = await visitor.sign_in(email=email, password=WRONG_PASSWORD)
    other = await Browser(pages).sign_in(email="somebody@example.com", password=WRONG_PASSWORD)

    said = without_marks(visitor.page).replace(email, "x")
    assert answer.status == other.status == 401
    assert said == without_marks(other.body.decode()).replace("somebody@example.com", "x")
    assert "The mail address or the password is wrong" in said
    assert WRONG_PASSWORD not in visitor.page


async def test_an_empty_form_names_what_is_missing_and_leads_there(visitor: Browser) -> None:
    answer = await visitor.sign_in(email="nora", password="")

    assert answer.status == 422
    assert "<title>Error: Sign in" in visitor.page
    for field in ("email", "password"):
        assert f'<a href="#{field}">' in visitor.page
        assert f'aria-describedby="{field}-error"' in visitor.page


async def test_who_tries_too_often_is_told_how_long_to_wait(visitor: Browser) -> None:
    for _ in range(5):
        await visitor.sign_in(password=WRONG_PASSWORD)
    answer = await visitor.sign_in()
    assert answer.status == 429
    assert "retry-after" in answer.headers
    assert "Too many tries" in visitor.page


@pytest.mark.behavior("attacks:asvs:4.2.2")
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": ISSUER, "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_a_form_that_another_site_sends_is_refused(
    visitor: Browser, headers: dict[str, str]
) -> None:
    await visitor.get("/auth/sign-in")
    answer = await visitor.post("/auth/sign-in", headers, email=EMAIL, password=PASSWORD)
    assert answer.status == 403
    assert rows("SELECT 1 FROM browser_session") == []


@pytest.mark.behavior("attacks:asvs:4.2.2")
@pytest.mark.parametrize("path", ["/auth/sign-in", "/auth/sign-out", "/auth/sign-in/factor"])
async def test_a_form_of_another_browser_is_refused(
    visitor: Browser, pages: PagesHouse, path: str
) -> None:
    thief = Browser(pages)
    await thief.get("/auth/sign-in")
    await visitor.sign_in()

    answer = await visitor.post(path, csrf=thief.hidden["csrf"], email=EMAIL, password=PASSWORD)

    assert answer.status == 403
    assert rows("SELECT count(*) FROM browser_session WHERE revoked_at IS NULL") == [(1,)]


async def test_a_browser_without_cookies_is_told_so_and_given_one(visitor: Browser) -> None:
    await visitor.get("/auth/sign-in")
    visitor.cookie = ""
    answer = await visitor.post("/auth/sign-in", email=EMAIL, password=PASSWORD)
    assert answer.status == 403
    assert "allow cookies" in visitor.page

    answer = await visitor.post("/auth/sign-in", email=EMAIL, password=PASSWORD)
    assert answer.status == 303


@pytest.mark.parametrize(
    "own",
    [
        {"origin": ISSUER},
        {"origin": ISSUER, "sec-fetch-site": "same-origin"},
        {"origin": "http://localhost:8080", "sec-fetch-site": "same-origin"},
    ],
)
async def test_a_form_from_our_own_page_passes(visitor: Browser, own: dict[str, str]) -> None:
    await visitor.get("/auth/sign-in")
    answer = await visitor.post("/auth/sign-in", own, email=EMAIL, password=PASSWORD)
    assert answer.status == 303


@pytest.mark.parametrize(
    "where",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/%2F/evil.example", "/api/v1"],
)
async def test_nobody_is_sent_to_a_page_that_is_not_ours(visitor: Browser, where: str) -> None:
    answer = await visitor.get(f"/auth/sign-in?return_to={where}")
    assert answer.status == 400
    await visitor.get("/auth/sign-in")
    sent = {"email": EMAIL, "password": PASSWORD, "return_to": where}
    answer = await visitor.post("/auth/sign-in", **sent)
    assert (answer.status, "location" in answer.headers) == (400, False)


async def test_what_stands_in_an_address_or_form_is_never_markup(visitor: Browser) -> None:
    await visitor.sign_in(email='"><script>alert(1)</script>')
    assert "<script>alert" not in visitor.page
    await visitor.get("/auth/sign-in?return_to=/auth/device/enter?user_code='onload=x")
    assert "'onload" not in visitor.page


async def test_who_is_signed_in_is_not_asked_again(visitor: Browser) -> None:
    await visitor.sign_in()
    await visitor.get("/auth/sign-in?return_to=/auth/device/enter")
    assert visitor.location == "/auth/device/enter"


async def test_signing_out_ends_the_session_and_takes_the_cookie(visitor: Browser) -> None:
    await visitor.sign_in()
    await visitor.follow()
    cookie = visitor.cookie

    await visitor.post("/auth/sign-out")

    assert visitor.answer.headers["set-cookie"].startswith("__Host-mg_session=;")
    assert "Max-Age=0" in visitor.answer.headers["set-cookie"]
    assert browser.sessions().find(cookie) is None
    assert "You are signed out." in await visitor.follow()


async def test_two_cookies_of_one_name_are_nobodys(visitor: Browser) -> None:
    await visitor.sign_in()
    visitor.cookie += f"; {browser.COOKIE}=mgp_{'a' * 43}"
    await visitor.get("/account/security")
    assert visitor.answer.status == 303


async def test_an_unverified_address_is_told_only_to_who_knows_the_password(
    pages: PagesHouse,
) -> None:
    visitor, email = Browser(pages), "ola@example.com"
    await pages.accounts.register(email=email)

    assert (await visitor.sign_in(email=email, password=WRONG_PASSWORD)).status == 401
    assert (await visitor.sign_in(email=email)).status == 403
    assert "not verified" in visitor.page


@pytest.fixture
async def member(pages: PagesHouse) -> FactorsHouse:
    """The member, with an authenticator app."""
    return FactorsHouse(pages.accounts)


async def test_an_app_is_asked_for_after_the_password(
    visitor: Browser, member: FactorsHouse
) -> None:
    await member.enrolled(await member.signed_in())
    await visitor.sign_in()
    assert visitor.location == "/auth/sign-in/factor?ways=otp"
    assert rows("SELECT 1 FROM browser_session") == []

    await visitor.follow()
    assert 'autocomplete="one-time-code"' in visitor.page
    assert (await visitor.post("/auth/sign-in/factor", code="000000")).status == 401
    assert "That was not right" in visitor.page

    await visitor.post("/auth/sign-in/factor", code=member.code())
    assert visitor.location == "/account/security"
    assert rows("SELECT methods FROM browser_session") == [(["pwd", "otp", "mfa"],)]


async def test_a_backup_code_stands_in_for_the_app(visitor: Browser, member: FactorsHouse) -> None:
    codes = await member.enrolled(await member.signed_in())
    await visitor.sign_in()
    await visitor.get("/auth/sign-in/factor?by=backup")
    await visitor.post("/auth/sign-in/factor", code=codes[0])
    assert visitor.location == "/account/security"


async def test_the_first_proof_alone_opens_no_page(visitor: Browser, member: FactorsHouse) -> None:
    await member.enrolled(await member.signed_in())
    await visitor.sign_in()
    await visitor.get("/account/security")
    assert visitor.location.startswith("/auth/sign-in?return_to=")


async def test_a_first_proof_that_is_over_has_to_be_given_again(
    visitor: Browser, member: FactorsHouse
) -> None:
    await member.enrolled(await member.signed_in())
    await visitor.sign_in()
    await visitor.follow()
    visitor.cookie = "mgm_" + "a" * 43
    await visitor.get("/auth/sign-in/factor")

    answer = await visitor.post("/auth/sign-in/factor", code=member.code())

    assert answer.status == 401
    assert "Sign in again" in visitor.page


async def test_a_passkey_signs_in_alone(visitor: Browser, member: FactorsHouse) -> None:
    device = await member.registered(await member.signed_in())
    await visitor.get("/auth/sign-in/passkey")

    await visitor.post("/auth/sign-in/passkey", answer=answered(visitor, device))

    assert visitor.location == "/account/security"
    assert rows("SELECT 'mfa' = ANY(methods) FROM browser_session") == [(True,)]


async def test_a_passkey_comes_after_the_password(visitor: Browser, member: FactorsHouse) -> None:
    device = await member.registered(await member.signed_in())
    await visitor.sign_in()
    await visitor.follow()

    await visitor.post("/auth/sign-in/factor/passkey", answer=answered(visitor, device))

    assert visitor.location == "/account/security"
    assert rows("SELECT methods[1] FROM browser_session") == [("pwd",)]


@pytest.mark.parametrize("answer", ["", "[]", "{}", "no"])
async def test_what_is_no_passkey_opens_nothing(
    visitor: Browser, member: FactorsHouse, answer: str
) -> None:
    await member.registered(await member.signed_in())
    await visitor.get("/auth/sign-in/passkey")
    found = await visitor.post("/auth/sign-in/passkey", answer=answer)
    assert found.status in {400, 401}
    assert rows("SELECT 1 FROM browser_session") == []


GITHUB = """[{"id": "github", "kind": "github", "client_id": "a", "client_secret": "b"}]"""


async def test_accounts_elsewhere_are_offered_where_they_are_set_up(
    accounts: AccountsHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pages_house(monkeypatch, accounts, providers=GITHUB) as pages:
        visitor = Browser(pages)
        await visitor.get("/auth/sign-in?return_to=/auth/device/enter")
    link = "/auth/oauth/github/authorize?return_to=%2Fauth%2Fdevice%2Fenter"
    assert f'href="{link}">Go on with GitHub</a>' in visitor.page


async def test_accounts_elsewhere_are_offered_nowhere_else(visitor: Browser) -> None:
    await visitor.get("/auth/sign-in")
    assert "/auth/oauth/" not in visitor.page
