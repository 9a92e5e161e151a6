"""Pictures of titles over the function: copied from a provider, then shown for good."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image as Picture
from sqlalchemy import text

from shared.adapters import connect
from shared.adapters.egress import Egress
from shared.catalog.item import Image
from shared.catalog.values import ImageKind
from tests.contracts.sql.conftest import Catalog
from tests.fakes.client_documents import ClientHost, client_host
from tests.fakes.edge import Answer, ask, load
from tests.fakes.pictures import picture
from tests.fakes.tokens import trusted
from tests.unit.matching.items import item

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType


@pytest.fixture
def host(tmp_path: Path) -> Iterator[ClientHost]:
    """A provider's host of pictures."""
    with client_host(tmp_path) as running:
        running.said = picture("JPEG", size=(400, 600))
        running.headers["content-type"] = "image/jpeg"
        yield running


class Gallery:
    """A title with a poster at a provider, and the function that shows it."""

    def __init__(self, host: ClientHost) -> None:
        self.catalog = Catalog(connect.engine())
        poster = Image(kind=ImageKind.POSTER, width=480, url=host.url)
        self.catalog.take(item(images=(poster,)))
        ((found,),) = self.catalog.rows("SELECT id FROM content")
        self.id = str(found)
        self.main: ModuleType = load("catalog_images")
        calls = Egress(allow_loopback=True, trusted=host.trusted)
        self.main.egress = calls  # type: ignore[attr-defined]

    async def find(self, kind: str = "poster", *, token: str = "", **query: Any) -> Answer:  # noqa: ANN401 - of the query
        """Ask for a picture of the title, with a token or without."""
        asked = "".join(f"?{name}={value}" for name, value in query.items())
        path = f"/api/v1/content/{self.id}/images/{kind}{asked}"
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return await ask(self.main.handle, "GET", path, headers=headers)

    async def show(self, path: str) -> Answer:
        """Look at what is shown."""
        return await ask(self.main.handle, "GET", path)


@pytest.fixture
def gallery(connected: connect.Addresses, host: ClientHost) -> Gallery:
    """Return it over a database of this test."""
    assert connected.database_url
    return Gallery(host)


async def test_a_poster_is_copied_and_shown_for_good(gallery: Gallery, host: ClientHost) -> None:
    found = await gallery.find(width=185)
    host.said = b"gone"
    again = await gallery.find(width=185)

    assert (found.status, again.status) == (302, 302), found.body
    assert found.headers["location"] == again.headers["location"]
    shown = await gallery.show(found.headers["location"])
    assert (shown.status, shown.headers["content-type"]) == (200, "image/webp")
    assert shown.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert Picture.open(BytesIO(shown.body)).size == (185, 278)


@pytest.mark.behavior("identity:5.12:ceiling")
async def test_a_poster_that_a_viewer_may_not_see_is_not_there(
    gallery: Gallery, host: ClientHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect.engine().begin() as connection:
        connection.execute(text("UPDATE content SET maturity_rank = 3"))
    with trusted(monkeypatch) as issuer:
        asked = [
            issuer.token(**limits)
            for limits in ({"max_rating": "PG"}, {"blocked_genres": ["Drama"]})
        ]
        unseen = [await gallery.find(token=token) for token in asked]
        assert not host.asked
        teen = await gallery.find(token=issuer.token(max_rating="R"))
        everybody = await gallery.find(token=issuer.token())
        bad = await gallery.find(token=issuer.token(aud="another"))

    assert [one.json["code"] for one in unseen] == ["content-not-found"] * 2
    assert [one.status for one in (teen, everybody, bad)] == [302, 302, 401]
    assert teen.headers["cache-control"] == "private, max-age=60"
    assert everybody.headers["cache-control"] == "public, max-age=300"


async def test_a_titles_page_names_each_size_where_it_is_shown(gallery: Gallery) -> None:
    reader = load("catalog_read")

    page = (await ask(reader.handle, "GET", f"/api/v1/content/{gallery.id}")).json

    assert [(one["kind"], one["width"]) for one in page["pictures"]] == [
        ("poster", 92),
        ("poster", 185),
        ("poster", 342),
        ("poster", 480),
    ]
    shown = [await gallery.show(one["url"]) for one in page["pictures"]]
    assert [answer.status for answer in shown] == [302] * 4
    copy = await gallery.show(shown[1].headers["location"])
    assert Picture.open(BytesIO(copy.body)).size[0] == 185


@pytest.mark.parametrize("said", [b"<html>", picture("PNG", size=(150, 200)), b""])
async def test_what_is_no_poster_is_none(gallery: Gallery, host: ClientHost, said: bytes) -> None:
    host.said = said

    answer = await gallery.find()

    assert (answer.status, answer.json["code"]) == (404, "picture-unknown")
    assert host.url.encode() not in answer.body
    assert gallery.id in answer.json["detail"]
    kept = connect.addresses().artifacts_dir / "pictures"
    assert not await asyncio.to_thread(lambda: [*kept.rglob("*.webp")])


async def test_a_title_without_the_kind_and_a_title_that_is_none_have_no_picture(
    gallery: Gallery,
) -> None:
    without = await gallery.find("logo")
    gallery.id = "00000000-0000-4000-8000-000000000000"
    nobody = await gallery.find()
    copy = await gallery.show(f"/api/v1/images/{'0' * 40}-92.webp")

    codes = [answer.json["code"] for answer in (without, nobody, copy)]
    assert codes == ["picture-unknown", "content-not-found", "picture-unknown"]


async def test_what_cannot_be_asked_for_is_named(gallery: Gallery) -> None:
    for kind, width, field in (("still", 92, "kind"), ("poster", 0, "width")):
        answer = await gallery.find(kind, width=width)
        assert (answer.status, answer.json["errors"][0]["field"]) == (422, field)
    assert (await gallery.show("/api/v1/images/passwd")).status == 422


async def test_an_inner_address_is_never_called(gallery: Gallery) -> None:
    gallery.main.egress = Egress()  # type: ignore[attr-defined]

    assert (await gallery.find()).json["code"] == "picture-unknown"
