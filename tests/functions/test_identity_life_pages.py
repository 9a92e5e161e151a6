"""Copies, leaving and coming back on our own pages, and what is an account's own."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from shared.adapters import connect
from shared.identity.deletion import GRACE
from shared.runtime.browser import COOKIE
from tests.fakes.accounts_house import EMAIL, PASSWORD
from tests.fakes.edge import ask, load, pushed
from tests.fakes.identity_house import rows, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes.edge import Answer
    from tests.fakes.pages_house import Browser, PagesHouse

DATA, LEAVE = "/account/data", "/account/leave"
RESTORE, DOWNLOAD = "/account/restore-account", "/account/download-export"
KEYS, LINKED, AVATAR = "/account/api-keys", "/account/linked", "/account/avatar"
EDGE = "----edge"


async def closed(visitor: Browser, pages: PagesHouse) -> str:
    """Close the account; returns the code of its mail."""
    await visitor.sign_in(LEAVE)
    await visitor.follow()
    await visitor.post(LEAVE, certain="on")
    return await pages.accounts.code()


async def test_a_copy_is_asked_for_and_downloaded_as_often_as_wanted(
    visitor: Browser, pages: PagesHouse
) -> None:
    main = load("identity_export")
    main.clock, main.PubSubPublisher = pages.accounts.clock, pages.accounts.outgoing  # type: ignore[attr-defined]
    await visitor.sign_in(DATA)
    await visitor.follow()
    await visitor.post(DATA)
    assert "The copy is being made." in await visitor.follow()
    again = await visitor.post(DATA)
    assert (again.status, "within a day" in visitor.page) == (429, True)
    (asked,) = [e for e in pages.accounts.outgoing.events if e.event_type == "export.requested"]
    pages.accounts.outgoing.events.remove(asked)
    assert (await ask(main.handle, "POST", "/", body=pushed(asked))).status == 204
    code = await pages.accounts.code()

    await visitor.get(DOWNLOAD)
    page = visitor.hidden
    for _ in range(2):
        answer = await download(visitor, page, code)
        assert answer.headers["content-disposition"].startswith("attachment")
        with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
            assert "profile.json" in archive.namelist()


@pytest.mark.behavior("identity:4.1:privacy")
async def test_what_is_refused_on_the_page_is_refused_and_what_stays_was_not_decided(
    visitor: Browser,
) -> None:
    await visitor.sign_in(DATA)
    await visitor.follow()
    assert visitor.page.count('value="on" checked') == 3

    await visitor.post(DATA, do="decide", analytics="on", personalization="on")

    assert "Your choice is kept" in await visitor.follow()
    assert visitor.page.count('value="on" checked') == 2
    assert rows("SELECT purpose, granted FROM privacy_preference") == [("activity", False)]
    assert rows("SELECT details FROM audit.audit_log WHERE action = 'PREFERENCE_CHANGE'") == [
        ({"activity": False},)
    ]


async def download(visitor: Browser, hidden: dict[str, str], code: str) -> Answer:
    """Send the form of the page; what comes is no page."""
    fields = "&".join(f"{name}={value}" for name, value in {**hidden, "token": code}.items())
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "cookie": f"{COOKIE}={visitor.cookie}",
    }
    handle = visitor.pages.function(DOWNLOAD).handle
    return await ask(handle, "POST", DOWNLOAD, body=fields.encode(), headers=headers)


async def test_an_account_is_closed_by_who_says_that_they_are_certain(
    visitor: Browser, pages: PagesHouse
) -> None:
    await visitor.sign_in(LEAVE)
    await visitor.follow()
    assert (await visitor.post(LEAVE)).status == 422
    assert "Say that you are certain" in visitor.page

    await visitor.post(LEAVE, certain="on")

    assert "Your account is closed." in await visitor.follow()
    assert rows("SELECT status FROM app_user WHERE email = 'nora@example.com'") == [
        ("pending_deletion",)
    ]
    (mail,) = await pages.accounts.delivered()
    assert "/account/restore-account#token=" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    await visitor.get("/account/security")
    assert visitor.answer.status == 303


async def test_the_only_administrator_does_not_leave(visitor: Browser) -> None:
    write("UPDATE app_user SET role = 'admin' WHERE email = 'nora@example.com'")
    await visitor.sign_in(LEAVE)
    await visitor.follow()
    answer = await visitor.post(LEAVE, certain="on")
    assert (answer.status, "You are the only administrator" in visitor.page) == (409, True)


async def test_a_closed_account_is_had_back_by_the_code_of_its_mail(
    visitor: Browser, pages: PagesHouse
) -> None:
    code = await closed(visitor, pages)
    await visitor.get(RESTORE)
    assert (await visitor.post(RESTORE)).status == 422
    await visitor.post(RESTORE, token=code)
    assert "Your account is open again." in await visitor.follow()
    assert (await visitor.post(RESTORE, token=code)).status == 410
    assert (await visitor.sign_in()).status == 303


async def test_who_signs_in_during_the_grace_is_led_to_where_the_account_comes_back(
    visitor: Browser, pages: PagesHouse
) -> None:
    await closed(visitor, pages)
    answer = await visitor.sign_in()
    assert (answer.status, f'href="{RESTORE}"' in visitor.page) == (403, True)

    await visitor.get(RESTORE)
    half = await visitor.post(RESTORE, email=EMAIL)
    wrong = await visitor.post(RESTORE, email=EMAIL, password="four heavy ladders")  # noqa: S106 - of tests
    assert (half.status, wrong.status, "four heavy" in visitor.page) == (422, 401, False)
    await visitor.post(RESTORE, email=EMAIL, password=PASSWORD)
    assert visitor.location == "/auth/sign-in?done=restored"


async def test_after_the_grace_nothing_comes_back(visitor: Browser, pages: PagesHouse) -> None:
    code = await closed(visitor, pages)
    pages.accounts.clock.advance(GRACE + timedelta(minutes=1))
    await visitor.get(RESTORE)
    assert (await visitor.post(RESTORE, token=code)).status in {409, 410}
    assert rows("SELECT status FROM app_user WHERE email = 'nora@example.com'") == [
        ("pending_deletion",)
    ]


async def test_a_key_is_shown_once_listed_and_revoked(visitor: Browser) -> None:
    await visitor.sign_in(KEYS)
    await visitor.follow()
    nothing = await visitor.post(KEYS, name="Home server", expires_in_days="many")
    assert (nothing.status, "Home server" in visitor.page) == (422, True)
    sent = {"name": "Home server", "scope__read__watchlist": "on", "expires_in_days": "30"}
    once = visitor.fields("once")[0]
    await visitor.post(KEYS, once=once, **sent)
    found = re.search(r"mg_test_[0-9A-Za-z]{49}", visitor.page)
    assert found is not None
    again = await visitor.post(KEYS, once=once, csrf=visitor.csrf, **sent)
    assert again.status == 409
    ((expires,),) = rows("SELECT expires_at - created_at FROM api_key WHERE revoked_at IS NULL")
    assert expires == timedelta(days=30)

    page = (await visitor.get(KEYS)).body.decode()
    assert found[0] not in page
    await visitor.post(KEYS, id=visitor.fields("id")[0])

    assert "The key is revoked." in await visitor.follow()
    assert visitor.fields("id") == []


async def test_no_key_is_made_without_anything_that_it_may(visitor: Browser) -> None:
    await visitor.sign_in(KEYS)
    await visitor.follow()
    assert (await visitor.post(KEYS, name="Home server")).status == 422
    await visitor.post(KEYS, name="Home server", scope__admin__full="on")
    assert "Your own token does not cover admin:full" in visitor.page
    assert rows("SELECT 1 FROM api_key") == []


async def test_an_account_elsewhere_is_removed_unless_nothing_else_opens_this_one(
    visitor: Browser,
) -> None:
    write(
        "INSERT INTO identity (provider, subject, user_id, email_at_link, linked_at)"
        " SELECT 'github', '1', id, email, now() FROM app_user WHERE email = 'nora@example.com'"
    )
    await visitor.sign_in(LINKED)
    await visitor.follow()
    assert "github" in visitor.page

    await visitor.post(LINKED, provider="github", do="remove")

    assert "opens yours no more" in await visitor.follow()
    assert rows("SELECT 1 FROM identity") == []
    unknown = await visitor.post(LINKED, csrf=visitor.csrf, provider="github", do="remove")
    assert unknown.status == 404
    added = await visitor.post(LINKED, csrf=visitor.csrf, provider="github", do="add")
    assert added.status == 404


async def test_name_and_country_are_changed(visitor: Browser) -> None:
    await visitor.sign_in("/account/profile")
    await visitor.follow()
    wrong = await visitor.post("/account/profile", display_name="Nora N", region="Spain")
    assert (wrong.status, 'value="Nora N"' in visitor.page) == (422, True)
    assert (await visitor.post("/account/profile", region="ES")).status == 422

    await visitor.post("/account/profile", display_name="Nora N", region="ES")

    assert "It is kept." in await visitor.follow()
    assert rows("SELECT name, region FROM app_user WHERE email = 'nora@example.com'") == [
        ("Nora N", "ES")
    ]


def picture() -> bytes:
    """Return a small PNG."""
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(made, "PNG")
    return made.getvalue()


async def sent_picture(visitor: Browser, content: bytes, **fields: str) -> Answer:
    """Send the form of the picture, as browsers send files (RFC 7578)."""
    whole = {**visitor.hidden, **fields}
    parts = [
        f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in whole.items()
    ]
    head = 'Content-Disposition: form-data; name="avatar"; filename="me.png"'
    kind = "Content-Type: image/png"
    parts.append(f"--{EDGE}\r\n{head}\r\n{kind}\r\n\r\n".encode() + content + b"\r\n")
    headers = {
        "content-type": f"multipart/form-data; boundary={EDGE}",
        "cookie": f"{COOKIE}={visitor.cookie}",
    }
    body = b"".join(parts) + f"--{EDGE}--\r\n".encode()
    handle = visitor.pages.function(AVATAR).handle
    visitor.answer = await ask(handle, "POST", AVATAR, body=body, headers=headers)
    return visitor.answer


async def test_a_picture_is_taken_shown_and_taken_away(visitor: Browser) -> None:
    await visitor.sign_in("/account/profile")
    await visitor.follow()
    hidden = visitor.hidden

    forged = await sent_picture(visitor, picture(), csrf="f" * 43)
    broken = await sent_picture(visitor, b"no picture")
    assert (forged.status, broken.status) == (403, 415)
    await sent_picture(visitor, picture(), do="take")
    assert "You have a new picture." in await visitor.follow()
    assert re.search(r'<img class="picture" src="/api/v1/avatars/[0-9a-f]{64}\.webp"', visitor.page)
    assert hidden["csrf"] == visitor.hidden["csrf"]
    await sent_picture(visitor, b"", do="remove")

    assert "The picture is gone." in await visitor.follow()
    assert pictures() == []


def pictures() -> list[Path]:
    """Return the pictures that are kept."""
    return list((connect.addresses().artifacts_dir / "avatars").glob("*.webp"))
