"""Walks through our pages: on a telephone without scripts, on a television by keys alone."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from shared.runtime import pages_decide
from tests.fakes.accounts_house import EMAIL, PASSWORD
from tests.fakes.authenticator import Authenticator
from tests.fakes.authorize_house import NOTES, SCOPE, parameters
from tests.fakes.edge import ask, load
from tests.fakes.factors_house import FactorsHouse
from tests.fakes.identity_house import FORM, rows
from tests.functions.pages.site import done

if TYPE_CHECKING:
    import pytest
    from playwright.sync_api import Page

    from tests.functions.pages.site import Site


def sign_in(page: Page, password: str = PASSWORD) -> None:
    """Fill in the form and send it."""
    page.get_by_label("Mail address").fill(EMAIL)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def by_keys(page: Page, *steps: str) -> None:
    """Walk with the keys of a remote control: what is no key's name is typed."""
    for step in steps:
        if step in {"Tab", "Enter", "Space"}:
            page.keyboard.press(step)
        else:
            page.keyboard.type(step)


def focused(page: Page) -> str:
    """Return what has the focus, which has to be seen from afar."""
    width, name = page.evaluate(
        "() => { const e = document.activeElement;"
        " return [getComputedStyle(e).outlineWidth, e.id || e.textContent.trim()] }"
    )
    assert float(width.removesuffix("px")) >= 4
    return str(name)


def test_a_telephone_signs_in_and_out(phone: Page, site: Site) -> None:
    phone.goto(f"{site.origin}/account/security")
    assert phone.title() == "Sign in – Media Gateway"
    sign_in(phone, "four heavy ladders")
    assert phone.get_by_role("alert").inner_text() == "The mail address or the password is wrong"

    sign_in(phone)
    assert phone.url == f"{site.origin}/account/security"
    (cookie,) = phone.context.cookies()
    kept = (cookie["name"], cookie["httpOnly"], cookie["secure"], cookie["sameSite"])
    assert kept == ("__Host-mg_session", True, True, "Lax")

    phone.get_by_role("button", name="Sign out of this browser").click()
    assert "You are signed out." in phone.get_by_role("status").inner_text()


def test_a_telephone_shows_a_code_of_its_app(phone: Page, site: Site) -> None:
    member = FactorsHouse(site.house.accounts)
    done(enrolled(member))
    phone.goto(f"{site.origin}/auth/sign-in")
    sign_in(phone)
    phone.get_by_label("Code of your authenticator app").fill("000000")
    phone.get_by_role("button", name="Go on").click()
    assert "That was not right" in phone.get_by_role("alert").inner_text()

    phone.get_by_label("Code of your authenticator app").fill(member.code())
    phone.get_by_role("button", name="Go on").click()

    assert phone.url == f"{site.origin}/account/security"


async def enrolled(member: FactorsHouse) -> None:
    """Put an authenticator app to use."""
    await member.enrolled(await member.signed_in())


def test_a_telephone_allows_an_application_and_goes_on_to_it(phone: Page, site: Site) -> None:
    phone.goto(site.asking(NOTES.client_id))
    sign_in(phone)
    phone.get_by_label("rate titles for you").uncheck()
    phone.get_by_role("button", name="Allow", exact=True).click()

    assert phone.url.startswith(site.callback)
    assert "code" in parameters(phone.url)
    assert rows("SELECT scopes FROM user_consent") == [(["read:content"],)]


def test_a_telephone_does_not_allow_an_application(phone: Page, site: Site) -> None:
    phone.goto(site.asking(NOTES.client_id))
    sign_in(phone)
    phone.get_by_role("button", name="Do not allow").click()
    assert parameters(phone.url)["error"] == "access_denied"


def test_a_telephone_lets_a_television_in(phone: Page, site: Site) -> None:
    code = done(started())
    phone.goto(f"{site.origin}/auth/device/enter")
    sign_in(phone)
    phone.get_by_label("Code on the screen of the device").fill(code.lower())
    phone.get_by_role("button", name="Go on").click()
    assert phone.locator("#code").inner_text() == code
    phone.get_by_role("button", name="Let it in", exact=True).click()
    assert phone.get_by_role("heading", level=1).inner_text() == "The device is let in"


async def started() -> str:
    """Let a television ask to be let in; returns the code on its screen."""
    asked = {"client_id": "mg-tv", "scope": SCOPE, "device_name": "Living room"}
    body, main = urlencode(asked).encode(), load("identity_device")
    answer = await ask(main.handle, "POST", "/auth/device", body=body, headers=FORM)
    return str(answer.json["user_code"])


def test_a_television_signs_in_for_an_application_by_keys_alone(
    television: Page, site: Site
) -> None:
    television.goto(site.asking())
    by_keys(television, "Tab", "Tab")
    assert focused(television) == "email"
    by_keys(television, "nora", "Tab")
    assert focused(television) == "password"
    by_keys(television, "Enter")
    television.wait_for_selector("#problem:focus")
    by_keys(television, "Tab", "Enter")
    assert focused(television) == "email"

    television.keyboard.press("ControlOrMeta+a")
    by_keys(television, EMAIL, "Tab", PASSWORD, "Tab")
    assert focused(television) == "Sign in"
    by_keys(television, "Enter")

    television.wait_for_url(f"{site.callback}**")
    assert "code" in parameters(television.url)


def test_a_television_lets_a_device_in_by_keys_alone(television: Page, site: Site) -> None:
    code = done(started())
    television.goto(f"{site.origin}/auth/device/enter?user_code={code}")
    sign_in(television)
    television.wait_for_url("**/auth/device/enter?user_code=*")
    by_keys(television, "Tab", "Tab")
    television.keyboard.press("Space")
    by_keys(television, "Tab", "Tab")
    assert focused(television) == "Let it in"
    by_keys(television, "Enter")
    television.wait_for_url("**/auth/device/enter?decided=approve")


def test_a_passkey_of_the_browser_signs_in(television: Page, site: Site) -> None:
    device = Authenticator(site.origin)
    done(registered(FactorsHouse(site.house.accounts), device))
    hold(television, device)
    television.goto(f"{site.origin}/auth/sign-in")
    television.get_by_role("link", name="Use a passkey").click()
    television.get_by_role("button", name="Ask for the passkey").click()
    television.wait_for_url(f"{site.origin}/account/security")


async def registered(member: FactorsHouse, device: Authenticator) -> None:
    """Make a device's passkey the member's."""
    await member.registered(await member.signed_in(), device)


def hold(page: Page, device: Authenticator) -> None:
    """Let a browser have a device's passkey (WebDriver extension of WebAuthn level 3 §11)."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    sort = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    knows = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    made = tools.send("WebAuthn.addVirtualAuthenticator", {"options": {**sort, **knows}})
    key = device.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    credential = {
        "credentialId": b64encode(device.credential_id).decode(),
        "isResidentCredential": True,
        "rpId": "localhost",
        "privateKey": b64encode(key).decode(),
        "userHandle": b64encode(device.user_handle).decode(),
        "signCount": 1,
    }
    place = {"authenticatorId": made["authenticatorId"], "credential": credential}
    tools.send("WebAuthn.addCredential", place)


def test_a_form_leads_to_nobody_whom_its_page_does_not_name(
    television: Page, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages_decide, "targets", lambda _waiting: ("'self'",))
    television.goto(site.asking(NOTES.client_id))
    sign_in(television)
    television.wait_for_url("**/auth/consent*")

    with television.expect_console_message(lambda said: "form-action" in said.text):
        television.get_by_role("button", name="Allow", exact=True).click()

    assert not television.url.startswith(site.callback)
    site.failed.clear()
