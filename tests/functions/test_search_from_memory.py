"""A search answers alike from the snapshot that a job wrote and from SQL alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest

from shared.adapters.sql.graph.store import SqlGraph
from shared.search.diversity import DIVERSIFIED
from tests.fakes.edge import ask, load
from tests.fakes.embedder import WordsEmbedder
from tests.fakes.waiting import until

if TYPE_CHECKING:
    from types import ModuleType

    from tests.emulated.vertex.conftest import Deployment

QUESTIONS: list[dict[str, Any]] = [
    {"q": "linguist heptapods", "page_size": DIVERSIFIED},
    {"q": "amelie", "page_size": DIVERSIFIED},
    {"q": "arrival", "region": "US", "platforms": "netflix", "page_size": DIVERSIFIED},
    {"q": "films like arrival", "page_size": DIVERSIFIED},
    {"q": "drama", "strategy": "keyword"},
    {"q": "hidden", "strategy": "keyword", "content_rating_limit": "R"},
    {"q": "films about love since 1990", "facets": "true", "page_size": DIVERSIFIED},
    {"q": "", "facets": "true", "genres": "Drama", "sort": "alphabetical"},
    {"q": "", "free_only": "true", "page_size": 5, "page": 2},
]
OWN_ORDER = {"strategy", "sort"}
"""What is asked with one of these stays in the order of its scores."""


def asked(memory: bool) -> ModuleType:
    """Return the function, with the catalog in memory or without."""
    main = load("search_query")
    main.embedder = WordsEmbedder  # type: ignore[attr-defined]
    if not memory:
        main.resident.current = lambda: None
    assert until(lambda: (main.resident.current() is not None) is memory)
    return main


async def answer(main: ModuleType, question: dict[str, Any]) -> dict[str, Any]:
    target = "/api/v1/search?" + urlencode({**question, "explain": "true"}, quote_via=quote)
    reply = await ask(main.handle, "GET", target)
    assert reply.status == 200, reply.body
    found: dict[str, Any] = reply.json
    if found["degraded"]:  # a source was late: the machine has more to do
        return await answer(main, question)
    if not OWN_ORDER & question.keys():
        # Told apart by vectors of 8 bits: of two that are as good, the other may come first, so
        # all that change places are asked for.
        found["results"].sort(key=lambda result: result["content"]["id"])
    own = {"search_id", "search_time_ms"}
    return {name: value for name, value in found.items() if name not in own}


@pytest.mark.usefixtures("indexed")
async def test_answers_are_the_same_with_the_catalog_in_memory(indexed: Deployment) -> None:
    assert indexed.index
    await asyncio.to_thread(SqlGraph().rebuild, WordsEmbedder.model)
    await asyncio.to_thread(load("search_snapshot").handle, [])
    from_memory, from_sql = asked(memory=True), asked(memory=False)

    for question in QUESTIONS:
        expected = await answer(from_sql, question)
        assert expected["results"], question
        assert await answer(from_memory, question) == expected, question
