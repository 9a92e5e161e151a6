"""GET and POST /api/v1/search: what a question is taken for, over a real database and index."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.fakes.edge import ask, load
from tests.fakes.tokens import trusted
from tests.functions.test_search_query import HOSTILE, SearchClient

if TYPE_CHECKING:
    from shared.adapters import connect
    from tests.emulated.vertex.conftest import Deployment


@pytest.fixture
def search(catalogue: connect.Addresses, capsys: pytest.CaptureFixture[str]) -> SearchClient:
    """Return the function over the catalogue, with the names that the job gathered."""
    assert catalogue.database_url
    assert load("search_dictionary").handle([]) == 0
    capsys.readouterr()
    return SearchClient()


async def parsed(search: SearchClient, **parameters: object) -> dict[str, Any]:
    """Return what a search was taken for."""
    answer = await search.get(**parameters)
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json["query_parsed"]
    return found


async def test_an_answer_says_what_was_read_and_where(search: SearchClient) -> None:
    query = "dramas on netflix since 1990"
    found = await parsed(search, q=query, strategy="keyword")

    spans = {c["id"]: query[c["span"]["start"] : c["span"]["end"]] for c in found["chips"]}
    assert found["filters"] == {"genres": ["Drama"], "platforms": ["netflix"], "year_from": 1990}
    assert spans == {
        "genre:drama": "dramas",
        "platform:netflix": "on netflix",
        "years:1990-any": "since 1990",
    }


async def test_chips_are_taken_away_by_parameter_and_by_body(search: SearchClient) -> None:
    away = ["platform:netflix", "years:1990-any"]
    by_parameter = await parsed(
        search, q="dramas on netflix since 1990", strategy="keyword", without=",".join(away)
    )
    body = {"query": "dramas on netflix since 1990", "strategy": "keyword", "without": away}
    posted = await ask(search.main.handle, "POST", "/api/v1/search", body=orjson.dumps(body))

    assert by_parameter["filters"] == {"genres": ["Drama"]}
    assert posted.json["query_parsed"] == by_parameter


@pytest.mark.behavior("search:11:1")
async def test_a_misspelt_title_is_found_and_the_answer_says_so(
    search: SearchClient, indexed: Deployment
) -> None:
    assert indexed.index
    mended = await search.get(q="matrx")
    verbatim = await search.get(q="matrx", verbatim="true")

    assert mended.json["results"][0]["content"]["title"] == "The Matrix"
    assert mended.json["corrected_query"] == {"searched": "matrix", "original": "matrx"}
    assert verbatim.json["corrected_query"] is None
    assert verbatim.json["query_parsed"]["search_text"] == "matrx"


@pytest.mark.behavior("search:11:1")
@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("The Matrix", "The Matrix"),
        ("the MATRIX", "The Matrix"),
        ("matrx", "The Matrix"),
        ("amelie", "Amélie"),
    ],
)
async def test_a_title_however_written_is_first_whether_or_not_somebody_signed_in(
    search: SearchClient, monkeypatch: pytest.MonkeyPatch, written: str, title: str
) -> None:
    target = f"/api/v1/search?q={written.replace(' ', '+')}&strategy=keyword"
    with trusted(monkeypatch) as authority:
        signed_in = {"authorization": f"Bearer {authority.token()}"}
        answers = [
            await ask(search.main.handle, "GET", target, headers=headers)
            for headers in ({}, signed_in)
        ]

    found = [answer.json["results"][0]["content"]["title"] for answer in answers]
    assert found == [title, title]


async def test_what_is_like_a_title_is_near_its_own_vector_and_not_itself(
    search: SearchClient, indexed: Deployment
) -> None:
    assert indexed.index
    answer = await search.get(q="movies like arrival")

    titles = [each["content"]["title"] for each in answer.json["results"]]
    assert answer.json["degraded"] == []
    assert titles
    assert "Arrival" not in titles


async def test_years_that_no_title_has_are_relaxed_and_marked_so(search: SearchClient) -> None:
    found = await search.get(q="dramas from 1931", strategy="keyword", page_size=100)

    states = {chip["id"]: chip["state"] for chip in found.json["query_parsed"]["chips"]}
    assert states["years:1931-1931"] == "relaxed"
    assert found.json["results"]
    assert all("Drama" in each["content"]["genres"] for each in found.json["results"])


async def test_what_a_service_lacks_is_shown_where_else_it_is(search: SearchClient) -> None:
    found = await search.get(q="dramas on peacock", strategy="keyword")

    platforms = [each["content"]["platforms"] for each in found.json["elsewhere"]]
    assert found.json["query_parsed"]["chips"][1]["state"] == "relaxed"
    assert platforms
    assert not any("peacock" in each for each in platforms)


async def test_filters_of_the_request_are_never_relaxed(search: SearchClient) -> None:
    assert await search.titles(q="dramas on netflix", year_to=1931, strategy="keyword") == []


async def test_any_text_is_answered_with_names_too(search: SearchClient) -> None:
    answers = await asyncio.gather(*(search.get(q=q, strategy="keyword") for q in HOSTILE))
    assert {answer.status for answer in answers} == {200}


@pytest.mark.parametrize(
    ("parameters", "field"),
    [({"verbatim": "perhaps"}, "verbatim"), ({"without": "x" * 601}, "without")],
    ids=["verbatim", "without"],
)
async def test_what_cannot_be_asked_is_named(parameters: dict[str, object], field: str) -> None:
    answer = await SearchClient().get(q="heat", **parameters)
    assert answer.status == 422
    assert answer.json["errors"][0]["field"].startswith(field)
