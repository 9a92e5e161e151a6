"""Avatars over the function: a form in, a name out, and the picture for everybody."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from shared.adapters import connect
from tests.fakes.edge import Answer, ask, load
from tests.fakes.identity_house import rows
from tests.fakes.pictures import FORM, form, picture

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fakes.accounts_house import AccountsHouse

MINE = "/api/v1/users/me/avatar"
NAMED = "SELECT avatar FROM app_user WHERE email = 'nora@example.com'"


class Sitter:
    """A member with a session, and the function that takes their picture."""

    def __init__(self, accounts: AccountsHouse, access: str) -> None:
        self.accounts, self.main = accounts, load("identity_avatar")
        self.main.clock = accounts.clock  # type: ignore[attr-defined]
        self.access, self.bearer = access, {"authorization": f"Bearer {access}"}

    async def send(self, content: bytes, **headers: str) -> Answer:
        """Send a picture in a form."""
        whole = {**FORM, **self.bearer, **headers}
        return await ask(self.main.handle, "POST", MINE, body=form(content), headers=whole)

    async def show(self, url: str) -> Answer:
        """Look at a picture, as anybody."""
        return await ask(self.main.handle, "GET", url)

    async def remove(self) -> Answer:
        """Take the picture away."""
        return await ask(self.main.handle, "DELETE", MINE, headers=self.bearer)


@pytest.fixture
async def sitter(accounts: AccountsHouse) -> Sitter:
    """A member who has no picture yet."""
    await accounts.member()
    return Sitter(accounts, (await accounts.tokens())["access_token"])


def files() -> list[Path]:
    """Return every picture that is kept."""
    return sorted((connect.addresses().artifacts_dir / "avatars").rglob("*.webp"))


async def test_a_picture_is_shown_to_everybody_and_for_good(sitter: Sitter) -> None:
    sent = await sitter.send(picture("JPEG"))
    shown = await sitter.show(sent.json["avatar_url"])

    assert (shown.status, shown.headers["content-type"]) == (200, "image/webp")
    assert shown.headers["cache-control"] == "public, max-age=31536000, immutable"
    with Image.open(BytesIO(shown.body)) as made:
        assert (made.format, made.size) == ("WEBP", (512, 512))


async def test_another_picture_takes_its_place(sitter: Sitter) -> None:
    first = (await sitter.send(picture())).json["avatar_url"]
    again = (await sitter.send(picture())).json["avatar_url"]
    other = (await sitter.send(picture(mode="L"))).json["avatar_url"]

    assert first == again != other
    assert (await sitter.show(first)).status == 404
    assert [f"/api/v1/avatars/{file.name}" for file in files()] == [other]
    assert rows(NAMED) == [(files()[0].stem,)]
    profile = await sitter.accounts.ask("GET", "/api/v1/users/me", bearer=sitter.access)
    assert profile.json["avatar_url"] == other


async def test_a_picture_that_is_taken_away_is_gone(sitter: Sitter) -> None:
    url = (await sitter.send(picture())).json["avatar_url"]
    assert (await sitter.remove()).status == 204
    assert (await sitter.remove()).status == 204
    assert (await sitter.show(url)).status == 404
    assert (rows(NAMED), files()) == ([("",)], [])


async def test_the_same_picture_of_two_accounts_has_two_names(sitter: Sitter) -> None:
    mine = (await sitter.send(picture())).json["avatar_url"]
    await sitter.accounts.register(email="otto@example.com")
    await sitter.accounts.post("verify-email", token=await sitter.accounts.code())
    theirs = await sitter.accounts.tokens(email="otto@example.com")
    other = Sitter(sitter.accounts, theirs["access_token"])

    assert (await other.send(picture())).json["avatar_url"] != mine
    await other.remove()
    assert (await sitter.show(mine)).status == 200


async def test_what_is_no_acceptable_picture_changes_nothing(sitter: Sitter) -> None:
    kept = (await sitter.send(picture())).json["avatar_url"]
    refused = [
        await sitter.send(b"<svg onload='alert(1)'/>"),
        await sitter.send(picture()[:300]),
        await sitter.send(picture() + bytes(5 << 20)),
        await sitter.send(bytes(6 << 20)),
        await sitter.send(picture(), **{"content-type": "image/png"}),
        await sitter.send(picture(), **{"content-type": "multipart/form-data"}),
    ]
    assert [(answer.status, answer.json["code"]) for answer in refused] == [
        (415, "picture-type"),
        (422, "picture-broken"),
        (413, "picture-too-large"),
        (413, "too-large"),
        (415, "unsupported-type"),
        (400, "malformed"),
    ]
    assert (await sitter.show(kept)).status == 200


async def test_a_name_leads_to_nothing_but_a_picture(sitter: Sitter) -> None:
    for name in ("x.webp", "../models/minilm", "..%2f..%2fetc%2fpasswd", f"{'0' * 64}.png"):
        assert (await sitter.show(f"/api/v1/avatars/{name}")).status in {400, 404, 422}
    assert (await sitter.show(f"/api/v1/avatars/{'0' * 64}.webp")).status == 404


async def test_the_log_says_that_there_is_a_new_picture(sitter: Sitter) -> None:
    await sitter.send(picture())
    said = "SELECT details::text FROM audit.audit_log WHERE action = 'PREFERENCE_CHANGE'"
    ((details,),) = rows(said)
    assert "avatar" in details
