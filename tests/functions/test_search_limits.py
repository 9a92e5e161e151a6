"""What a profile must not see is on no path of a search, whoever retrieves it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pytest
from sqlalchemy import text

from shared.adapters import connect
from tests.fakes import catalog
from tests.fakes.edge import ask, load
from tests.fakes.embedder import WordsEmbedder

if TYPE_CHECKING:
    from types import ModuleType

    from tests.emulated.vertex.conftest import Deployment

RATED = {
    "Zebra Morning": ("G", "Family"),
    "Zebra Noon": ("PG", "Family"),
    "Zebra Evening": ("R", "Family"),
    "Zebra Night": (None, "Family"),
    "Zebra Dread": ("G", "Horror"),
}
PATHS = [
    {"strategy": strategy, "q": q}
    for strategy in ("hybrid", "vector", "keyword")
    for q in ("zebra", "zebra evening", "zebra night", "zebra dread")
]


@pytest.fixture
def rated(catalogue: connect.Addresses) -> connect.Addresses:
    """Add titles that are told apart by their verdict and genre alone; to be asked for first."""
    items = [
        catalog.known(
            title,
            700 + number,
            region="AU",  # a page of the others has been taken already
            genres=(genre,),
            popularity=1.0,
            overview="A zebra",
            maturity=verdict and {"system": "MPA", "value": verdict},
        )
        for number, (title, (verdict, genre)) in enumerate(RATED.items())
    ]
    catalog.ingest(connect.engine(), items)
    return catalogue


@pytest.fixture
def search(rated: connect.Addresses, indexed: Deployment) -> ModuleType:
    """Return the function over database and index, both with the titles."""
    assert rated.database_url
    assert indexed.index
    main = load("search_query")
    main.embedder = WordsEmbedder  # type: ignore[attr-defined]
    return main


async def found(main: ModuleType, **parameters: object) -> set[str]:
    target = "/api/v1/search?" + urlencode({"page_size": 100, **parameters}, quote_via=quote)
    answer = await ask(main.handle, "GET", target)
    assert (answer.status, answer.json["degraded"]) == (200, []), answer.body
    titles = {result["content"]["title"] for result in answer.json["results"]}
    return {title for title in titles if title in RATED}


@pytest.mark.behavior("search:11:4")
async def test_no_retriever_leaks_past_a_limit_or_a_blocked_genre(search: ModuleType) -> None:
    for path in [*PATHS, {"q": ""}]:
        limited = await found(search, content_rating_limit="PG", **path)
        blocked = await found(search, blocked_genres="horror", content_rating_limit="G", **path)

        assert limited == {"Zebra Morning", "Zebra Noon", "Zebra Dread"}, path
        assert blocked == {"Zebra Morning"}, path


async def test_limits_hold_though_the_index_knows_nothing_of_them(search: ModuleType) -> None:
    with connect.engine().begin() as connection:
        connection.execute(text("UPDATE content SET maturity_rank = 4 WHERE title LIKE 'Zebra %'"))

    for path in PATHS:
        assert await found(search, content_rating_limit="R", **path) == set()
