"""GET and POST /api/v1/search over a real database and a served index."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import orjson
import pytest
from sqlalchemy import text

from shared.adapters import connect
from tests.fakes import catalog
from tests.fakes.edge import Answer, ask, load
from tests.fakes.embedder import WordsEmbedder
from tests.fakes.surroundings import change

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.catalog.item import CanonicalItem
    from tests.emulated.vertex.conftest import Deployment


class SearchClient:
    """Asks one loaded copy of the function."""

    def __init__(self) -> None:
        self.main = load("search_query")
        self.main.embedder = WordsEmbedder  # type: ignore[attr-defined]

    async def get(self, **parameters: object) -> Answer:
        """Return the answer to a GET."""
        target = "/api/v1/search?" + urlencode(parameters, quote_via=quote)
        return await ask(self.main.handle, "GET", target)

    async def titles(self, **parameters: object) -> list[str]:
        """Return the titles found, in order."""
        answer = await self.get(**parameters)
        assert answer.status == 200, answer.body
        return [result["content"]["title"] for result in answer.json["results"]]


@pytest.fixture
def search(catalogue: connect.Addresses) -> SearchClient:
    """Return the function over the catalogue; its index is whatever the test has served."""
    assert catalogue.database_url
    return SearchClient()


IMAGES = """
INSERT INTO image (content_id, kind, width, url)
SELECT id, kind, width, 'https://img.example/' || kind || width
FROM content, (VALUES ('poster', 240), ('poster', 1280), ('backdrop', 480)) AS said (kind, width)
WHERE title = 'Arrival'
ON CONFLICT DO NOTHING
"""


async def test_a_result_names_pictures_as_the_titles_page_does(
    search: SearchClient, indexed: Deployment
) -> None:
    assert indexed.index
    with connect.engine().begin() as connection:
        connection.execute(text(IMAGES))

    (result, *_) = (await search.get(q="arrival")).json["results"]

    found = result["content"]["images"]
    assert [(one["kind"], one["width"]) for one in found] == [("backdrop", 480), ("poster", 780)]
    path = f"/api/v1/content/{result['content']['id']}"
    page = (await ask(load("catalog_read").handle, "GET", path)).json
    assert [one for one in page["pictures"] if one in found] == found
    assert "img.example" not in str(result)


async def test_a_search_answers_titles_by_words_and_meaning(
    search: SearchClient, indexed: Deployment
) -> None:
    assert indexed.index

    answer = await search.get(q="linguist heptapods", explain="true")

    first = answer.json["results"][0]
    assert answer.status == 200
    assert answer.json["degraded"] == []
    assert first["content"]["title"] == "Arrival"
    assert set(first["match_reasons"]) == {
        "meaning",
        "words",
    }
    assert {"graph", "keyword", "vector", "popularity"} == first["component_scores"].keys()
    assert 0 <= first["relevance_score"] <= 1


@pytest.mark.behavior("search:11:1")
@pytest.mark.parametrize("written", ["Amélie", "amelie", "AMELIE", "  amélie ", "Ame\u0301lie"])
async def test_an_exact_title_is_first_however_it_is_written(
    search: SearchClient, indexed: Deployment, written: str
) -> None:
    assert indexed.index
    assert (await search.titles(q=written))[0] == "Amélie"


async def test_a_director_leads_to_the_film(search: SearchClient, indexed: Deployment) -> None:
    assert indexed.index
    assert (await search.titles(q="michael mann"))[0] == "Heat"


async def test_words_of_scripts_with_vowel_signs_are_found_whole(
    search: SearchClient, indexed: Deployment
) -> None:
    assert indexed.index
    assert (await search.titles(q="लंदन", strategy="keyword")) == ["नमस्ते लंदन"]


async def test_platform_and_region_are_matched_on_the_same_offer(search: SearchClient) -> None:
    asked = {"q": "divided lands", "strategy": "keyword"}

    assert await search.titles(**asked, platforms="netflix", region="US") == ["Divided Lands"]
    assert await search.titles(**asked, platforms="hulu", region="CA") == ["Divided Lands"]
    assert await search.titles(**asked, platforms="netflix", region="CA") == []
    assert await search.titles(**asked, platforms="hulu", region="US") == []


FILTERS: list[dict[str, Any]] = [
    {"platforms": "netflix,hulu", "region": "CA", "genres": "Drama,Comedy,Action"},
    {"content_types": "series", "year_from": 1990, "year_to": 2015},
    {"free_only": "true", "region": "US"},
    {"min_runtime": 90, "max_runtime": 150, "min_rating": 5},
    {
        "platforms": "hulu,netflix",
        "region": "US",
        "genres": "Action,Comedy,Adventure,Animation",
        "year_from": 1985,
        "content_types": "movie,series",
        "availability_types": "free,ads,subscription",
    },
]


@pytest.mark.parametrize("filters", FILTERS, ids="+".join)
async def test_filters_find_exactly_what_a_scan_finds(
    search: SearchClient, filters: dict[str, Any]
) -> None:
    everything = [*catalog.famous(), *catalog.split_offer(), *catalog.made()]
    expected = {item.title for item in everything if passes(item, filters)}

    found = await search.titles(page_size=100, **filters)

    assert expected
    assert len(found) == len(set(found))
    assert set(found) == expected


def passes(item: CanonicalItem, filters: dict[str, Any]) -> bool:
    """Judge one item by hand; an item is one platform in one region, as an offer is."""

    def named(key: str) -> list[str]:
        return str(filters[key]).split(",")

    offers = {str(offer.type) for offer in item.offers}
    rules: dict[str, Callable[[], bool]] = {
        "platforms": lambda: item.platform in named("platforms"),
        "region": lambda: item.region == filters["region"],
        "genres": lambda: bool({*item.genres} & {*named("genres")}),
        "content_types": lambda: str(item.content_type) in named("content_types"),
        "year_from": lambda: (item.release_year or 0) >= filters["year_from"],
        "year_to": lambda: (item.release_year or 9999) <= filters["year_to"],
        "min_runtime": lambda: (item.runtime_minutes or 0) >= filters["min_runtime"],
        "max_runtime": lambda: (item.runtime_minutes or 9999) <= filters["max_runtime"],
        "min_rating": lambda: (item.user_rating or 0) >= filters["min_rating"],
        "free_only": lambda: bool(offers & {"free", "ads"}),
        "availability_types": lambda: bool(offers & {*named("availability_types")}),
    }
    return all(rules[name]() for name in filters)


HOSTILE = [
    "\"'`",
    "((([[[{{{",
    "AND OR NOT",
    "a & b | !c <-> d:*",
    "heat:A",
    "\\",
    "%_%",
    "'; DROP TABLE content; --",
    "🎬🍿",
    "x" * 500,
    "a b " * 125,
    "he\x00at",
    "\u202eאבג דה\u202c",
    "مرحبا",
    "ﷺ" * 100,
    "\ufffe\uffff",
    "e\u0301" * 200,
    "1e999 0x7f -1 3.14",
    "{{7*7}} ignore all instructions",
]


@pytest.mark.behavior("search:11:7")
@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
async def test_no_query_is_a_server_error(search: SearchClient, hostile: str) -> None:
    answer = await search.get(q=hostile, strategy="keyword")

    assert answer.status == 200, answer.body
    assert answer.json["degraded"] == []


@pytest.mark.behavior("search:11:7")
async def test_a_query_that_is_too_long_is_refused_by_name(search: SearchClient) -> None:
    answer = await search.get(q="x" * 501)

    assert answer.status == 422
    assert [issue["field"] for issue in answer.json["errors"]] == ["q"]


async def test_a_rating_that_sql_cannot_hold_is_taken_as_none(search: SearchClient) -> None:
    assert await search.titles(min_rating=1e-60) == await search.titles(min_rating=0)


async def test_every_wrong_filter_is_named(search: SearchClient) -> None:
    answer = await search.get(year_from=12, region="usa", genres="Nope", surprise=1)

    named = {issue["field"] for issue in answer.json["errors"]}
    assert answer.status == 422
    assert named == {"year_from", "region.0", "genres", "surprise"}


@pytest.mark.behavior("search:11:2")
async def test_without_its_index_search_answers_by_words_and_says_so(
    search: SearchClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch, {"VERTEX_EMULATOR_HOST": "127.0.0.1:9"})

    answer = await search.get(q="matrix")

    assert answer.status == 200
    assert answer.json["degraded"] == ["vector"]
    assert answer.json["results"][0]["content"]["title"] == "The Matrix"
    assert 0 <= answer.json["results"][0]["relevance_score"] <= 1


async def test_without_a_database_search_is_unavailable(
    search: SearchClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = "postgresql+pg8000://postgres@127.0.0.1:9/nothing"
    change(monkeypatch, {"MEDIA_GATEWAY_DATABASE_URL": nowhere})

    answer = await search.get(q="")

    assert answer.status == 503
    assert answer.json["code"] == "unavailable"


@pytest.mark.behavior("search:11:10")
async def test_a_walk_over_pages_meets_every_title_once(search: SearchClient) -> None:
    pages = [await search.titles(page=number, page_size=30) for number in range(1, 8)]
    walked = [title for page in pages for title in page]

    assert len(walked) == len(set(walked)) == catalog.MADE + 6
    assert pages[-1] == []


@pytest.mark.behavior("search:11:13")
async def test_a_deleted_title_is_gone_though_the_index_still_has_it_and_comes_back(
    search: SearchClient, indexed: Deployment
) -> None:
    assert indexed.index
    await asyncio.to_thread(_set_deleted, "Arrival", "now()")
    gone = await search.titles(q="linguist heptapods")
    await asyncio.to_thread(_set_deleted, "Arrival", "NULL")

    assert "Arrival" not in gone
    assert "Arrival" in await search.titles(q="linguist heptapods")


def _set_deleted(title: str, at: str) -> None:
    with connect.engine().begin() as connection:
        statement = text(f"UPDATE content SET deleted_at = {at} WHERE title = :title")  # noqa: S608 - ours
        assert connection.execute(statement, {"title": title}).rowcount == 1


async def test_a_posted_search_finds_what_parameters_find(search: SearchClient) -> None:
    body = orjson.dumps({"query": "matrix", "strategy": "keyword", "filters": {"region": "US"}})

    posted = await ask(search.main.handle, "POST", "/api/v1/search", body=body)

    assert posted.status == 200
    found = [result["content"]["title"] for result in posted.json["results"]]
    assert found == await search.titles(q="matrix", strategy="keyword", region="US")
