"""Facets of a search over a real database: each count is the size of the search it leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest

from shared.search.facets import OWN, Facet
from tests.fakes.edge import ask, load

if TYPE_CHECKING:
    from types import ModuleType

    from shared.adapters.connect import Addresses


@pytest.fixture
def search(catalogue: Addresses) -> ModuleType:
    """Return the function over the catalogue; no test here asks its index."""
    assert catalogue.database_url
    return load("search_query")


async def answer(main: ModuleType, asked: dict[str, Any]) -> dict[str, Any]:
    target = "/api/v1/search?" + urlencode(asked, quote_via=quote)
    reply = await ask(main.handle, "GET", target)
    assert reply.status == 200, reply.body
    found: dict[str, Any] = reply.json
    return found


@pytest.mark.behavior("search:11:11")
@pytest.mark.parametrize(
    "asked",
    [
        {"region": "US", "genres": "Drama,Comedy", "year_from": 1990},
        {"q": "harbor garden", "strategy": "keyword", "verbatim": "true", "min_rating": 5},
    ],
    ids=["browsed", "searched"],
)
async def test_each_count_is_the_total_of_the_search_that_chooses_it(
    search: ModuleType, asked: dict[str, Any]
) -> None:
    facets = (await answer(search, {**asked, "facets": "true"}))["facets"]

    assert facets.pop("is_estimate") is False
    assert facets.keys() == {*Facet}
    for facet, values in facets.items():
        others = {name: value for name, value in asked.items() if name not in OWN[facet]}
        assert values
        for each in values[:3]:
            chosen = await answer(search, {**others, facet: each["value"]})
            assert (chosen["total_count"], chosen["total_is_estimate"]) == (each["count"], False)


async def test_facets_are_counted_for_who_asks(search: ModuleType) -> None:
    assert (await answer(search, {"q": ""}))["facets"] is None
