"""Walks through the pages of an account: a telephone without scripts, a television by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.fakes.accounts_house import EMAIL, OTHER_PASSWORD, PASSWORD
from tests.fakes.identity_house import rows
from tests.functions.pages.site import done
from tests.functions.pages.test_looks import wrong
from tests.functions.pages.test_walks import by_keys, focused, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.functions.pages.site import Site

OPEN = (
    *("register", "verify-email", "resend-verification", "forgot-password", "reset-password"),
    *("restore-account", "download-export"),
)
OWN = (
    *("security", "password", "confirm", "authenticator", "backup-codes", "passkeys"),
    *("passkeys/new", "linked", "api-keys", "profile", "household", "parental-controls", "pin"),
    *("data", "leave"),
)


def test_pages_of_who_is_not_signed_in_can_be_read_by_everybody(
    television: Page, site: Site
) -> None:
    found = []
    for name in OPEN:
        television.goto(f"{site.origin}/account/{name}")
        found += [f"{name} {said}" for said in wrong(television)]
    television.goto(f"{site.origin}/account/register")
    television.get_by_role("button", name="Make the account").click()
    television.wait_for_selector("#problem:focus")
    assert found + wrong(television) == []


def test_pages_of_who_is_signed_in_can_be_read_by_everybody(television: Page, site: Site) -> None:
    television.goto(f"{site.origin}/account/security")
    sign_in(television)
    television.wait_for_url(f"{site.origin}/account/security")
    found = []
    for name in OWN:
        television.goto(f"{site.origin}/account/{name}")
        found += [f"{name} {said}" for said in wrong(television)]
    television.goto(f"{site.origin}/account/authenticator")
    television.get_by_role("button", name="Set up an app").click()
    television.wait_for_selector(".qr svg")
    assert found + wrong(television) == []


def test_a_telephone_registers_without_scripts(phone: Page, site: Site) -> None:
    phone.goto(f"{site.origin}/auth/sign-in")
    phone.get_by_role("link", name="Make an account").click()
    phone.get_by_label("Mail address").fill("ola@example.com")
    phone.get_by_label("Password").fill("nine slow kites over")
    phone.get_by_label("Your name").fill("Ola")
    phone.get_by_label("I am old enough").check()
    phone.get_by_role("button", name="Make the account").click()
    assert phone.get_by_role("heading", level=1).inner_text() == "Look into your mailbox"
    code = done(site.house.accounts.code())

    phone.get_by_role("link", name="Enter the code of the mail").click()
    phone.get_by_label("Code of the mail").fill(code)
    phone.get_by_role("button", name="Verify the address").click()

    assert "Your mail address is verified." in phone.get_by_role("status").inner_text()


def test_the_link_of_a_mail_fills_its_code_in_and_leaves_none_in_the_address(
    television: Page, site: Site
) -> None:
    television.goto(f"{site.origin}/account/forgot-password")
    television.get_by_label("Mail address").fill(EMAIL)
    television.get_by_role("button", name="Send the mail").click()
    television.wait_for_url("**/account/forgot-password?sent=on")
    code = done(site.house.accounts.code())

    television.goto(f"{site.origin}/account/reset-password#token={code}")
    assert television.get_by_label("Code of the mail").input_value() == code
    assert code not in television.url
    by_keys(television, "Tab", "Tab", "Tab")
    assert focused(television) == "new_password"
    by_keys(television, OTHER_PASSWORD, "Tab", "Enter")

    television.wait_for_url(f"{site.origin}/auth/sign-in?done=reset")


def test_a_passkey_is_made_by_the_browser_and_its_backup_codes_are_shown(
    television: Page, site: Site
) -> None:
    tools = television.context.new_cdp_session(television)
    tools.send("WebAuthn.enable")
    sort = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    knows = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": {**sort, **knows}})
    television.goto(f"{site.origin}/account/passkeys/new")
    sign_in(television)
    television.get_by_label("Name").fill("Television")
    television.get_by_role("button", name="Make the passkey").click()

    television.wait_for_selector("#codes li")
    assert television.locator("#codes li").count() == 10
    assert rows("SELECT name FROM passkey") == [("Television",)]
    assert wrong(television) == []


def test_without_scripts_the_page_of_passkeys_says_what_it_needs(phone: Page, site: Site) -> None:
    phone.goto(f"{site.origin}/account/passkeys/new")
    sign_in(phone)
    assert "Passkeys need JavaScript" in phone.inner_text("main")


def test_a_telephone_that_goes_back_sees_what_was_done(phone: Page, site: Site) -> None:
    phone.goto(f"{site.origin}/account/household")
    sign_in(phone)
    phone.get_by_label("Name").fill("Kim")
    phone.get_by_role("button", name="Add the profile").click()
    assert "The profile is there." in phone.get_by_role("status").inner_text()

    phone.go_back()

    assert phone.get_by_role("heading", name="Kim").count() == 1
    assert rows("SELECT count(*) FROM household_profile") == [(1,)]


def test_a_fresh_proof_leads_back_to_where_it_was_asked_for(phone: Page, site: Site) -> None:
    phone.goto(f"{site.origin}/account/confirm?return_to=/account/api-keys")
    sign_in(phone)
    phone.get_by_label("Password").fill(PASSWORD)
    phone.get_by_role("button", name="Go on").click()
    assert phone.url == f"{site.origin}/account/api-keys"


def test_a_telephone_replaces_a_key_and_is_shown_the_new_one_once(phone: Page, site: Site) -> None:
    phone.goto(f"{site.origin}/account/api-keys")
    sign_in(phone)
    phone.get_by_label("What it is for").fill("Home server")
    phone.get_by_label("look at titles").check()
    phone.get_by_role("button", name="Make the key").click()
    first = phone.locator("#key").inner_text()
    phone.get_by_role("link", name="Keys for programs").last.click()

    phone.get_by_role("button", name="Replace Home server").click()

    second = phone.locator("#key").inner_text()
    assert "good for 30 days more" in phone.inner_text("main")
    phone.get_by_role("link", name="Keys for programs").last.click()
    shown = phone.inner_text("main")
    assert [shown.count(f"{key[:14]}…") for key in (first, second)] == [1, 1]
    assert first not in shown
    assert second not in shown
    assert phone.get_by_role("button", name="Replace Home server").count() == 1
    kept = rows("SELECT count(*), count(replaced_by) FROM api_key WHERE revoked_at IS NULL")
    assert kept == [(2, 1)]
