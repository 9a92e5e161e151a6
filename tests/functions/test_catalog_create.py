"""Titles and offers added over HTTP by an administrator."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import pytest

from shared.adapters import connect
from shared.catalog.life_create import OfferKept
from shared.catalog.life_edit import EditedTitle
from tests.contracts.sql.conftest import Catalog
from tests.fakes.edge import Answer, ask, load
from tests.fakes.tokens import USER, Authority, trusted
from tests.unit.matching.items import item

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.functions.conftest import SentEvents

PATH = "/api/v1/admin/catalog/content"
THIEF = {
    "title": "Thief",
    "content_type": "movie",
    "platform": "netflix",
    "platform_content_id": "60000001",
    "release_year": 1981,
    "genres": ["Crime", "Crime"],
    "external_ids": {"imdb": "tt0083190"},
}
RENT = {
    "platform": "netflix",
    "region": "US",
    "availability_type": "rental",
    "price_cents": 399,
    "currency": "USD",
    "deep_link": "https://www.netflix.com/title/60000001",
}
FAR = "2999-01-01T00:00:00Z"
LIVE = "SELECT region, offer_type, price_minor, source FROM availability WHERE ended_at IS NULL"


class Desk:
    """An administrator before a catalog with the film Heat, which Netflix streams."""

    def __init__(self, authority: Authority, sent: SentEvents) -> None:
        self.authority = authority
        self.sent = sent
        self.catalog = Catalog(connect.engine())
        self.main = load("catalog_create")
        self.main.publisher = sent  # type: ignore[attr-defined]
        self.catalog.take(item(external_ids={"imdb": "tt0113277"}))
        self.heat = str(self.catalog.rows("SELECT id FROM content")[0][0])

    async def post(
        self, body: Mapping[str, Any], *, title: str = "", token: str | None = None
    ) -> Answer:
        """Return the answer to a new title, or to an offer of one."""
        bearer = self.authority.admin() if token is None else token
        headers = {"authorization": f"Bearer {bearer}"}
        target = f"{PATH}/{title}/availability" if title else PATH
        written = orjson.dumps(body)
        return await ask(self.main.handle, "POST", target, body=written, headers=headers)

    async def rows(self, sql: str) -> list[Any]:
        """Return the rows of a query."""
        return await asyncio.to_thread(self.catalog.rows, sql)

    async def told(self) -> list[str]:
        """Return the types of what was told."""
        return [event.event_type for event in self.sent.events]


@pytest.fixture
def desk(
    connected: connect.Addresses, monkeypatch: pytest.MonkeyPatch, sent: SentEvents
) -> Iterator[Desk]:
    """Return an administrator before the film, with an issuer of its own."""
    assert connected.database_url
    with trusted(monkeypatch) as authority:
        yield Desk(authority, sent)


async def test_a_new_title_is_the_persons_word_and_is_told_once(desk: Desk) -> None:
    answer = await desk.post(THIEF)

    assert answer.status == 201, answer.body
    made = EditedTitle.model_validate_json(answer.body)
    assert answer.headers["location"] == f"{PATH}/{made.id}"
    assert (made.fields["title"], made.fields["genres"]) == ("Thief", ["Crime"])
    assert set(made.sources.values()) == {"manual"}
    assert [(one.platform, one.platform_content_id) for one in made.listings] == [
        ("netflix", "60000001")
    ]
    assert [event.data["content_ids"] for event in desk.sent.events] == [[str(made.id)]]
    assert await desk.told() == ["content.ingested"]
    said = await desk.rows("SELECT action, actor_id, resource_id FROM audit.audit_log")
    assert said == [("CONTENT_CREATE", USER, str(made.id))]


async def test_what_sources_say_later_of_the_listing_or_the_id_joins_the_new_title(
    desk: Desk,
) -> None:
    made = (await desk.post(THIEF)).json["id"]
    named = {"title": "Thief", "release_year": 1981, "overview": "A safecracker wants out."}
    known = item("hulu", "h1", **named, external_ids={"imdb": "tt0083190"})

    await asyncio.to_thread(desk.catalog.take, known, item("netflix", "60000001", title="Thief!"))

    found = await desk.rows(f"SELECT title, overview FROM content WHERE id = '{made}'")  # noqa: S608 - an id of ours
    assert found == [("Thief", "A safecracker wants out.")]
    assert await desk.rows("SELECT count(*) FROM content") == [(2,)]


@pytest.mark.parametrize(
    "changed",
    [{"platform_content_id": "1"}, {"external_ids": {"imdb": "tt0113277"}}],
    ids=["listing", "external id"],
)
async def test_what_belongs_to_a_title_makes_no_other(
    desk: Desk, changed: Mapping[str, Any]
) -> None:
    answer = await desk.post({**THIEF, **changed})

    assert (answer.status, answer.json["code"]) == (409, "title-exists")
    assert desk.heat in answer.json["detail"]
    assert await desk.rows("SELECT count(*) FROM content") == [(1,)]
    assert await desk.told() == []


async def test_two_who_add_the_same_at_once_make_one_title(desk: Desk) -> None:
    answers = await asyncio.gather(desk.post(THIEF), desk.post(THIEF))

    assert sorted(answer.status for answer in answers) == [201, 409]
    assert await desk.rows("SELECT count(*) FROM content") == [(2,)]


async def test_an_offer_is_written_once_and_told_when_it_changes(desk: Desk) -> None:
    first = await desk.post(RENT, title=desk.heat)
    again = await desk.post(RENT, title=desk.heat)
    dearer = await desk.post({**RENT, "price_cents": 499, "expires_at": FAR}, title=desk.heat)

    answers = [OfferKept.model_validate_json(one.body) for one in (first, again, dearer)]
    assert [one.changed for one in answers] == [True, False, True]
    assert {one.platform_content_id for one in answers} == {"1"}
    assert sorted(await desk.rows(LIVE)) == [
        ("US", "rental", 499, "manual"),
        ("US", "subscription", None, "streaming_availability"),
    ]
    [came, moved] = [event.data["changes"][0] for event in desk.sent.events]
    assert (came["was_available"], came["is_available"], came["price_after"]) == (False, True, 399)
    assert (moved["price_before"], moved["price_after"]) == (399, 499)


async def test_an_offer_of_a_person_outlives_the_sources_that_take_it_back(desk: Desk) -> None:
    streamed = {"platform": "netflix", "region": "US", "availability_type": "subscription"}
    await desk.post({**streamed, "quality": "hd"}, title=desk.heat)
    at = await desk.rows("SELECT max(last_seen) FROM availability")

    withdrawn = item(offers=(), fetched_at=at[0][0], external_ids={"imdb": "tt0113277"})
    await asyncio.to_thread(desk.catalog.take, withdrawn)

    assert [row[:2] for row in await desk.rows(LIVE)] == [("US", "subscription")]


async def test_an_offer_where_the_title_is_unknown_needs_the_platforms_id(desk: Desk) -> None:
    elsewhere = {**RENT, "platform": "hulu", "deep_link": None}

    refused = await desk.post(elsewhere, title=desk.heat)
    taken = await desk.post({**elsewhere, "platform_content_id": "h-1"}, title=desk.heat)

    assert refused.json["errors"][0]["field"] == "platform_content_id"
    assert (taken.status, taken.json["platform_content_id"]) == (200, "h-1")
    assert ("hulu", "h-1") in await desk.rows(
        "SELECT platform, platform_content_id FROM platform_listing WHERE method = 'manual'"
    )


WRONG: list[tuple[Mapping[str, Any], str]] = [
    ({"title": " "}, "title"),
    ({"platform": "nobody"}, "platform"),
    ({"platform_content_id": ""}, "platform_content_id"),
    ({"release_year": 1799}, "release_year"),
    ({"runtime_minutes": 0}, "runtime_minutes"),
    ({"genres": ["Unheard of"]}, "genres"),
    ({"content_type": "unknown"}, "content_type"),
    ({"external_ids": {"imdb": "113277"}}, "external_ids.imdb"),
    ({"more": 1}, "more"),
]
WRONG_OFFERS: list[tuple[Mapping[str, Any], str]] = [
    ({"currency": None}, "body"),
    ({"price_cents": -1}, "price_cents"),
    ({"region": "us"}, "region"),
    ({"deep_link": "https://netflix.com.evil.example/title/1"}, "deep_link"),
    ({"deep_link": "javascript:alert(1)"}, "deep_link"),
    ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
    ({"expires_at": "2020-01-01T00:00:00"}, "expires_at"),
    ({"available_from": FAR, "expires_at": FAR}, "body"),
    ({"availability_type": "lent"}, "availability_type"),
    ({"platform": "nobody"}, "platform"),
]


async def test_what_cannot_be_is_refused_by_its_field(desk: Desk) -> None:
    for wrong, field in WRONG:
        answer = await desk.post({**THIEF, **wrong})
        assert (answer.status, answer.json["errors"][0]["field"]) == (422, field), wrong
    for wrong, field in WRONG_OFFERS:
        answer = await desk.post({**RENT, **wrong}, title=desk.heat)
        assert (answer.status, answer.json["errors"][0]["field"]) == (422, field), wrong

    assert await desk.told() == await desk.rows("SELECT 1 FROM audit.audit_log") == []


async def test_an_offer_is_of_a_title_that_lives_and_of_its_own_listing(desk: Desk) -> None:
    made = (await desk.post(THIEF)).json["id"]

    unknown = await desk.post(RENT, title=str(UUID(int=5)))
    other = await desk.post({**RENT, "platform_content_id": "1"}, title=made)
    viewer_asks = await desk.post(RENT, title=made, token=desk.authority.token())

    assert (unknown.status, other.status, viewer_asks.status) == (404, 409, 403)
    assert desk.heat in other.json["detail"]
