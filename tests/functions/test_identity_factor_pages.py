"""Proving again who one is, and second factors, on our own pages."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING

import orjson
import pytest

from shared.adapters.totp import PyotpCodes
from shared.identity.totp import step_of
from tests.fakes.accounts_house import PASSWORD
from tests.fakes.accounts_house import code_of as mail_code
from tests.fakes.authenticator import Authenticator
from tests.fakes.factors_house import FactorsHouse
from tests.fakes.identity_house import ISSUER, rows

if TYPE_CHECKING:
    from tests.fakes.pages_house import Browser, PagesHouse

CONFIRM, APP = "/account/confirm", "/account/authenticator"
BACKUP, PASSKEYS = "/account/backup-codes", "/account/passkeys"


def code_of(visitor: Browser, pages: PagesHouse, drift: int = 0) -> str:
    """Return what an app shows that was set up with the key on the page."""
    found = re.search(r'id="key">([A-Z2-7 ]+)<', visitor.page)
    assert found is not None
    secret = found[1].replace(" ", "")
    return PyotpCodes().code(secret, step_of(pages.accounts.clock.now()) + drift)


def codes_on(page: str) -> list[str]:
    """Return the backup codes that a page shows."""
    return re.findall(r"<li><code>([A-Z2-9]{5}-[A-Z2-9]{5})</code>", page)


async def scanned(visitor: Browser) -> None:
    """Sign in and have an app's key shown."""
    await visitor.sign_in(APP)
    await visitor.follow()
    await visitor.post(APP, do="begin")
    await visitor.follow()


async def test_an_app_is_set_up_by_its_picture_or_its_key_and_gives_ten_backup_codes_once(
    visitor: Browser, pages: PagesHouse
) -> None:
    await scanned(visitor)
    assert "<svg" in visitor.page
    assert (await visitor.get(f"{APP}?scan=on")).status == 200

    code = code_of(visitor, pages, -1)
    wrong = await visitor.post(APP, do="activate", code="000000")
    assert (wrong.status, "That was not right" in visitor.page) == (401, True)
    await visitor.post(APP, do="activate", code=f"{code[:3]} {code[3:]}")

    assert len(codes_on(visitor.page)) == 10
    assert rows("SELECT status FROM mfa_enrollment") == [("active",)]
    await visitor.post(APP, csrf=visitor.csrf, do="activate", code=code)
    assert visitor.location.startswith(CONFIRM)


async def test_the_key_of_an_app_stays_the_same_however_often_its_page_is_opened(
    visitor: Browser, pages: PagesHouse
) -> None:
    await scanned(visitor)
    first = code_of(visitor, pages)
    await visitor.get(f"{APP}?scan=on")
    assert code_of(visitor, pages) == first


@pytest.mark.parametrize(
    "path",
    [APP, BACKUP, PASSKEYS, "/account/passkeys/new", "/account/leave", "/account/api-keys"],
)
async def test_what_opens_an_account_is_shown_to_fresh_proofs_alone(
    visitor: Browser, pages: PagesHouse, path: str
) -> None:
    await visitor.sign_in()
    pages.accounts.clock.advance(timedelta(minutes=6))
    await visitor.get(path)
    assert visitor.location == f"{CONFIRM}?return_to={path.replace('/', '%2F')}"
    await visitor.follow()
    before = visitor.cookie

    wrong = await visitor.post(CONFIRM, password="four heavy ladders")  # noqa: S106 - of tests
    assert (wrong.status, "four heavy" in visitor.page) == (401, False)
    await visitor.post(CONFIRM, password=PASSWORD)

    assert visitor.location == path
    assert visitor.cookie != before
    await visitor.follow()
    assert visitor.answer.status == 200


async def test_an_empty_proof_is_asked_for_again(visitor: Browser) -> None:
    await visitor.sign_in(CONFIRM)
    await visitor.follow()
    assert (await visitor.post(CONFIRM)).status == 422
    assert "Enter your password" in visitor.page


async def test_who_has_an_app_proves_it_and_a_password_alone_does_not(
    visitor: Browser, pages: PagesHouse
) -> None:
    await visitor.sign_in()
    member = FactorsHouse(pages.accounts)
    codes = await member.enrolled(await member.signed_in())
    await visitor.get(f"{CONFIRM}?return_to={APP}")
    assert "Code of your authenticator app" in visitor.page

    refused = await visitor.post(CONFIRM, by="password", password=PASSWORD)
    assert refused.status == 303
    assert visitor.location.startswith(CONFIRM)
    await visitor.get(f"{CONFIRM}?return_to={APP}")
    await visitor.post(CONFIRM, code=member.code())
    assert visitor.location == APP
    await visitor.get(f"{CONFIRM}?return_to={APP}&by=backup")
    await visitor.post(CONFIRM, code=codes[0].lower())
    assert visitor.location == APP
    assert rows("SELECT count(*) FROM mfa_backup_code") == [(9,)]


async def test_an_app_is_replaced_by_its_own_code_and_taken_off(
    visitor: Browser, pages: PagesHouse
) -> None:
    await scanned(visitor)
    await visitor.post(APP, do="activate", code=code_of(visitor, pages, -1))
    old = codes_on(visitor.page)[0]
    await visitor.get(APP)
    await visitor.follow()
    await visitor.post(CONFIRM, by="backup", code=old)
    await visitor.follow()

    empty = await visitor.post(APP, do="begin")
    assert (empty.status, "You have an app already" in visitor.page) == (409, True)
    await visitor.post(APP, do="remove")

    assert "The authenticator app is off." in await visitor.follow()
    assert rows("SELECT 1 FROM mfa_enrollment") == []


async def test_new_backup_codes_are_made_once_however_often_the_form_is_sent(
    visitor: Browser, pages: PagesHouse
) -> None:
    await scanned(visitor)
    await visitor.post(APP, do="activate", code=code_of(visitor, pages, -1))
    first = codes_on(visitor.page)
    await visitor.get(BACKUP)
    await visitor.follow()
    await visitor.post(CONFIRM, by="backup", code=first[0])
    await visitor.follow()
    once = visitor.fields("once")[0]

    await visitor.post(BACKUP, once=once)
    made = codes_on(visitor.page)
    again = await visitor.post(BACKUP, csrf=visitor.csrf, once=once)

    assert (len(made), set(made) & set(first)) == (10, set())
    assert (again.status, codes_on(visitor.page)) == (409, [])
    assert "This form was sent before" in visitor.page


def answered(visitor: Browser, device: Authenticator) -> str:
    """Return what a device answers to the page that is open, as its script hands it on."""
    found = re.search(r'data-options="([^"]*)"', visitor.page)
    assert found is not None
    return orjson.dumps(device.create(orjson.loads(unescape(found[1])))).decode()


async def test_a_passkey_is_added_named_and_removed(visitor: Browser) -> None:
    device = Authenticator(ISSUER)
    await visitor.sign_in(f"{PASSKEYS}/new")
    await visitor.follow()
    assert "<noscript>" in visitor.page
    sent = {"answer": answered(visitor, device), "name": "Laptop", "do": "add"}
    await visitor.post(PASSKEYS, **sent)
    codes = codes_on(visitor.page)
    assert len(codes) == 10
    await visitor.post(PASSKEYS, csrf=visitor.csrf, **sent)
    assert visitor.location == PASSKEYS
    assert rows("SELECT name FROM passkey") == [("Laptop",)]

    await visitor.follow()
    await visitor.post(CONFIRM, by="backup", code=codes[0])
    page = await visitor.follow()
    which = visitor.fields("id")[0]
    assert 'value="Laptop"' in page
    await visitor.post(PASSKEYS, id=which, name="Kitchen <i>", do="rename")
    assert "Kitchen &lt;i&gt;" in await visitor.follow()
    empty = await visitor.post(PASSKEYS, id=which, do="rename")
    assert empty.status == 422
    await visitor.post(PASSKEYS, id=which, do="remove")

    assert "The passkey is removed here." in await visitor.follow()
    assert rows("SELECT 1 FROM passkey") == []


async def test_a_passkey_that_does_not_fit_is_not_taken(visitor: Browser) -> None:
    await visitor.sign_in(f"{PASSKEYS}/new")
    await visitor.follow()
    answer = answered(visitor, Authenticator("https://evil.example"))
    assert (await visitor.post(PASSKEYS, answer=answer, do="add")).status == 401
    assert rows("SELECT 1 FROM passkey") == []


async def test_somebody_elses_passkey_is_neither_named_nor_removed(
    visitor: Browser, pages: PagesHouse
) -> None:
    member = FactorsHouse(pages.accounts)
    await member.registered(await member.signed_in())
    ((which,),) = rows("SELECT id FROM passkey")
    await pages.accounts.register(email="ola@example.com", password="nine slow kites over")  # noqa: S106 - of tests
    await pages.accounts.post("verify-email", token=await last_code(pages))
    await visitor.sign_in(PASSKEYS, email="ola@example.com", password="nine slow kites over")  # noqa: S106 - of tests
    await visitor.follow()

    for do in ("rename", "remove"):
        answer = await visitor.post(PASSKEYS, id=str(which), name="mine", do=do, csrf=visitor.csrf)
        assert answer.status == 404
    assert rows("SELECT count(*) FROM passkey WHERE name <> 'mine'") == [(1,)]


async def last_code(pages: PagesHouse) -> str:
    """Return the code of the mail that verifies an address."""
    mails = await pages.accounts.delivered()
    (mail,) = [mail for mail in mails if mail["Subject"] == "Verify your mail address"]
    return mail_code(mail)
