"""The snapshot's job, and GET /api/v1/search/autocomplete over it and over a real database."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import orjson
import pytest
from sqlalchemy import text

from shared.adapters import connect
from tests.fakes import catalog
from tests.fakes.edge import Answer, ask, load

RATED = [
    catalog.known("Grim Harbor", 901, region="GB", popularity=0.9, genres=("Horror",)),
    catalog.known("Grim Meadow", 902, region="GB", popularity=0.8),
    catalog.known("Grim Garden", 903, region="GB", popularity=0.7),
]


class SuggestClient:
    """Asks one loaded copy of the function."""

    def __init__(self) -> None:
        self.main = load("search_suggest")

    async def get(self, **parameters: object) -> Answer:
        """Return the answer."""
        target = "/api/v1/search/autocomplete?" + urlencode(parameters, quote_via=quote)
        return await ask(self.main.handle, "GET", target)

    async def texts(self, **parameters: object) -> list[str]:
        """Return the texts suggested, in order."""
        answer = await self.get(**parameters)
        assert answer.status == 200, answer.body
        return [each["text"] for each in answer.json["suggestions"]]


def run(sql: str, **bound: object) -> None:
    with connect.engine().begin() as connection:
        connection.execute(text(sql), bound)


@pytest.fixture
def suggest(catalogue: connect.Addresses) -> SuggestClient:
    """Return the function over the catalogue, before there is a snapshot."""
    assert catalogue.database_url
    catalog.ingest(connect.engine(), RATED)
    run("UPDATE content SET maturity_rank = 3 WHERE title = 'Grim Harbor'")
    run("UPDATE content SET maturity_rank = 1 WHERE title = 'Grim Meadow'")
    return SuggestClient()


@pytest.fixture
def built(suggest: SuggestClient, capsys: pytest.CaptureFixture[str]) -> SuggestClient:
    """Return the function with the snapshot that the job built."""
    assert load("search_dictionary").handle([]) == 0
    summary = orjson.loads(capsys.readouterr().out.splitlines()[-1])
    assert summary["entries"] > catalog.MADE
    return suggest


async def test_a_beginning_is_answered_with_titles_that_have_a_word_so(
    built: SuggestClient,
) -> None:
    answer = await built.get(q="  ame ", limit=5)

    first = answer.json["suggestions"][0]
    assert answer.json["query"] == "ame"
    assert answer.json["degraded"] == []
    assert first["text"] == "Amélie"
    assert first["type"] == "title"
    assert first["highlight"] == "<em>Amé</em>lie"
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert first["content_id"] in answer.headers["x-cache-tags"]


async def test_people_genres_and_platforms_are_suggested(built: SuggestClient) -> None:
    kinds = {
        typed: (await built.get(q=typed)).json["suggestions"][0]["type"]
        for typed in ("michael m", "com", "netf")
    }
    assert kinds == {"michael m": "person", "com": "genre", "netf": "platform"}


async def test_a_slip_still_leads_to_the_title(built: SuggestClient) -> None:
    assert (await built.texts(q="arival"))[0] == "Arrival"
    assert (await built.texts(q="teh matrix"))[0] == "The Matrix"


async def test_a_second_answer_is_the_first_one_and_says_so(built: SuggestClient) -> None:
    first, second = await built.get(q="grim"), await built.get(q="grim")

    assert (first.json["cached"], second.json["cached"]) == (False, True)
    assert first.json["suggestions"] == second.json["suggestions"]


async def test_region_is_where_a_title_can_be_watched(built: SuggestClient) -> None:
    assert "Divided Lands" in await built.texts(q="divided", region="CA")
    assert await built.texts(q="divided", region="DE") == []
    assert await built.texts(q="grim", region="CA") == []


@pytest.mark.behavior("search:11:4")
async def test_no_title_above_a_limit_is_suggested_however_it_is_typed(
    built: SuggestClient,
) -> None:
    for typed in ("grim", "grim har", "grimm harbor", "grim horbor"):
        restricted = await built.texts(q=typed, content_rating_limit="PG", limit=20)

        assert "Grim Harbor" in await built.texts(q=typed, limit=20)
        assert "Grim Harbor" not in restricted
        assert "Grim Garden" not in restricted, "an unrated title is taken for a restricted one"


async def test_a_limit_holds_before_there_is_a_snapshot_too(suggest: SuggestClient) -> None:
    assert await suggest.texts(q="grim", content_rating_limit="PG") == ["Grim Meadow"]
    assert await suggest.texts(q="grim", content_rating_limit="R", blocked_genres="horror") == [
        "Grim Meadow",
        "Grim Garden",
    ]


async def test_a_limit_that_was_lowered_since_the_snapshot_holds(built: SuggestClient) -> None:
    run("UPDATE content SET maturity_rank = 4 WHERE title = 'Grim Meadow'")
    assert await built.texts(q="grim", content_rating_limit="PG") == []


async def test_blocked_genres_are_neither_suggested_nor_their_titles(
    built: SuggestClient,
) -> None:
    assert "Horror" in await built.texts(q="horr")
    assert "Horror" not in await built.texts(q="horr", blocked_genres="Horror")
    assert "Grim Harbor" not in await built.texts(q="grim", blocked_genres="Horror")


@pytest.mark.behavior("search:11:13")
async def test_a_deleted_title_vanishes_at_once_and_comes_back(built: SuggestClient) -> None:
    run("UPDATE content SET deleted_at = now() WHERE title = 'Arrival'")
    gone = await built.texts(q="arriv")
    run("UPDATE content SET deleted_at = NULL WHERE title = 'Arrival'")

    assert "Arrival" not in gone
    assert (await built.texts(q="arriv"))[0] == "Arrival"


async def test_without_a_snapshot_titles_are_suggested_from_the_database(
    suggest: SuggestClient,
) -> None:
    answer = await suggest.get(q="the matr")

    assert answer.json["degraded"] == ["snapshot"]
    assert [each["text"] for each in answer.json["suggestions"]] == ["The Matrix"]
    assert answer.headers["cache-control"] == "no-store"


REFUSED: list[tuple[dict[str, object], str]] = [
    ({"q": "a"}, "q"),
    ({"q": "   a   "}, "q"),
    ({"q": "a" * 101}, "q"),
    ({}, "q"),
    ({"q": "matrix", "limit": 0}, "limit"),
    ({"q": "matrix", "limit": 21}, "limit"),
    ({"q": "matrix", "region": "usa"}, "region"),
    ({"q": "matrix", "content_rating_limit": "PG-99"}, "content_rating_limit"),
    ({"q": "matrix", "blocked_genres": "Cooking"}, "blocked_genres"),
    ({"q": "matrix", "nonsense": "1"}, "nonsense"),
]


async def test_what_cannot_be_asked_is_named() -> None:
    client = SuggestClient()
    for parameters, field in REFUSED:
        answer = await client.get(**parameters)

        assert answer.status == 422, parameters
        assert answer.json["errors"][0]["field"].startswith(field)


ODD = ["\"'()", "AND OR NOT", "🍿🍿", "a\x00b", "שלום עולם", "%%", "\\' :* & |", "नमस्ते", "<b>x</b>"]


async def test_any_text_is_answered_without_a_snapshot(suggest: SuggestClient) -> None:
    for typed in ODD:
        answer = await suggest.get(q=typed)
        assert answer.status == 200, (typed, answer.body)
        assert answer.json["degraded"] == ["snapshot"]


async def test_any_text_is_answered_from_a_snapshot(built: SuggestClient) -> None:
    for typed in ODD:
        answer = await built.get(q=typed)
        assert answer.status == 200, (typed, answer.body)
        assert answer.json["degraded"] == []
