"""Title pages, offers, genres and platforms over a real database."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.gateway.cache_policy import Asked
from shared.gateway.vary import tags_of
from tests.fakes import catalog
from tests.fakes.edge import Answer, ask, load

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


@pytest.fixture
def get(catalogue: connect.Addresses) -> Callable[[str], Awaitable[Answer]]:
    """Return what asks the function for a target."""
    assert catalogue.database_url
    main = load("catalog_read")

    async def asked(target: str) -> Answer:
        return await ask(main.handle, "GET", target)

    return asked


async def id_of(title: str) -> str:
    def read() -> str:
        with connect.reads().connect() as connection:
            statement = text("SELECT id FROM content WHERE title = :title")
            return str(connection.execute(statement, {"title": title}).scalar_one())

    return await asyncio.to_thread(read)


async def test_a_title_page_says_what_is_known(get: Callable[[str], Awaitable[Answer]]) -> None:
    answer = await get(f"/api/v1/content/{await id_of('Heat')}")

    assert answer.status == 200
    assert answer.json["release_year"] == 1995
    assert answer.json["credits"][0]["name"] == "Michael Mann"
    assert answer.json["platforms"] == ["netflix"]


async def test_platforms_of_a_page_are_those_of_the_region(
    get: Callable[[str], Awaitable[Answer]],
) -> None:
    page = f"/api/v1/content/{await id_of('Divided Lands')}"

    assert (await get(page)).json["platforms"] == ["hulu", "netflix"]
    assert (await get(page + "?region=CA")).json["platforms"] == ["hulu"]


async def test_a_title_above_a_profiles_limit_has_no_page(
    get: Callable[[str], Awaitable[Answer]],
) -> None:
    page = f"/api/v1/content/{await id_of('Heat')}?content_rating_limit="  # nobody rated it

    assert [(await get(page + limit)).status for limit in ("PG-13", "R")] == [404, 200]


async def test_offers_are_those_of_region_and_platform(
    get: Callable[[str], Awaitable[Answer]],
) -> None:
    offers = f"/api/v1/content/{await id_of('Divided Lands')}/availability"

    in_us = (await get(offers + "?region=US")).json["items"]

    assert [(offer["platform"], offer["type"]) for offer in in_us] == [("netflix", "subscription")]
    assert (await get(offers + "?region=US&platform=hulu")).json == {"items": []}


@pytest.mark.parametrize("rest", ["", "/availability?region=US"])
async def test_an_unknown_title_is_not_found(
    get: Callable[[str], Awaitable[Answer]], rest: str
) -> None:
    answer = await get(f"/api/v1/content/{UUID(int=1)}{rest}")
    assert (answer.status, answer.json["code"]) == (404, "content-not-found")


@pytest.mark.parametrize(
    ("target", "field"),
    [
        ("/api/v1/content/abc", "id"),
        (f"/api/v1/content/{UUID(int=1)}/availability", "region"),
        (f"/api/v1/content/{UUID(int=1)}/availability?region=us", "region"),
        ("/api/v1/genres?surprise=1", "surprise"),
    ],
)
async def test_a_wrong_parameter_is_named(
    get: Callable[[str], Awaitable[Answer]], target: str, field: str
) -> None:
    answer = await get(target)
    assert answer.status == 422
    assert [issue["field"] for issue in answer.json["errors"]] == [field]


async def test_a_merged_title_leads_to_what_it_became_and_is_purged_with_it(
    get: Callable[[str], Awaitable[Answer]],
) -> None:
    old, new = await id_of("Heat"), await id_of("Arrival")

    def merge() -> None:
        with connect.engine().begin() as connection:
            statement = text("UPDATE content SET merged_into = :new WHERE id = :old")
            connection.execute(statement, {"old": old, "new": new})

    await asyncio.to_thread(merge)

    assert (await get(f"/api/v1/content/{old}")).json["id"] == new
    for place in (f"/api/v1/content/{old}", f"/api/v1/content/{old}/availability"):
        answer = await get(f"{place}?region=US")
        tags = tags_of(Asked("GET", place), answer.headers)
        assert {old, new} <= set(tags or ())


async def test_genres_count_their_titles(get: Callable[[str], Awaitable[Answer]]) -> None:
    found = {item["id"]: item["titles"] for item in (await get("/api/v1/genres")).json["items"]}

    everything = [*catalog.famous(), *catalog.split_offer(), *catalog.made()]
    titles = {item.title: item.genres for item in everything}
    assert found == Counter(genre for genres in titles.values() for genre in genres)


async def test_platforms_count_their_titles_by_region(
    get: Callable[[str], Awaitable[Answer]],
) -> None:
    items = (await get("/api/v1/platforms")).json["items"]
    found = {(item["id"], region): n for item in items for region, n in item["regions"].items()}

    everything = [*catalog.famous(), *catalog.split_offer(), *catalog.made()]
    assert found == Counter((str(item.platform), item.region) for item in everything)


async def test_every_offer_has_its_receipt(get: Callable[[str], Awaitable[Answer]]) -> None:
    offers = f"/api/v1/content/{await id_of('Heat')}/availability?region=US"

    (offer,) = (await get(offers)).json["items"]

    assert [said["source"] for said in offer["sources"]] == ["test"]
    assert offer["first_seen"] == offer["sources"][0]["first_seen"] == "2026-01-01T00:00:00+00:00"
    assert 0 < offer["confidence"] < 1


async def test_offers_that_are_less_sure_than_asked_are_left_out(
    get: Callable[[str], Awaitable[Answer]],
) -> None:
    offers = f"/api/v1/content/{await id_of('Heat')}/availability?region=US"
    (offer,) = (await get(offers)).json["items"]

    sure, surer = offer["confidence"], min(1.0, offer["confidence"] + 0.01)
    assert len((await get(f"{offers}&min_confidence={sure}")).json["items"]) == 1
    assert (await get(f"{offers}&min_confidence={surer}")).json["items"] == []
    assert (await get(f"{offers}&min_confidence=1.1")).status == 422


async def test_confidence_follows_what_was_counted_of_the_platform(
    get: Callable[[str], Awaitable[Answer]],
) -> None:
    offers = f"/api/v1/content/{await id_of('Heat')}/availability?region=US"
    before = (await get(offers)).json["items"][0]["confidence"]

    def churn() -> None:
        with connect.engine().begin() as connection:
            statement = (
                "INSERT INTO offer_churn VALUES ('netflix', 'US', 900, 900, 902, 901, now())"
            )
            connection.execute(text(statement))

    await asyncio.to_thread(churn)

    assert (await get(offers)).json["items"][0]["confidence"] < before / 2
