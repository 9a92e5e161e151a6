"""search_index over a real database and a served index."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.adapters.sql.resident.changes import SqlChanges
from shared.adapters.vector_search import VertexVectorIndex
from shared.search.document import MODEL
from shared.search.filters import Filters
from tests.fakes import catalog
from tests.fakes.edge import ask, load, pushed
from tests.fakes.embedder import WordsEmbedder
from tests.fakes.surroundings import change
from tests.functions.conftest import about, content_ids

if TYPE_CHECKING:
    from tests.emulated.vertex.conftest import Deployment


async def nearest(query: str, **filters: object) -> list[str]:
    vector = WordsEmbedder().embed([query], "query")[0]
    asked = Filters.model_validate(filters)
    found = await asyncio.to_thread(
        VertexVectorIndex().nearest, vector, asked, model=WordsEmbedder.model, limit=500
    )
    return list(found)


def execute(sql: str) -> None:
    with connect.engine().begin() as connection:
        connection.execute(text(sql))


async def run(turn: int) -> int:
    event = about("metadata.enriched", await asyncio.to_thread(content_ids), turn=turn)
    return (await ask(load("search_index").handle, "POST", "/", body=pushed(event))).status


async def test_the_index_holds_every_title_and_repeating_changes_nothing(
    indexed: Deployment,
) -> None:
    assert indexed.index
    before = await nearest("winter")

    assert await run(1) == 204

    assert len(before) == catalog.MADE + 6
    assert await nearest("winter") == before


@pytest.mark.behavior("search:11:13")
async def test_a_dead_title_leaves_the_index(indexed: Deployment) -> None:
    assert indexed.index
    await asyncio.to_thread(execute, "UPDATE content SET deleted_at = now() WHERE title = 'Heat'")

    assert await run(1) == 204

    assert len(await nearest("winter")) == catalog.MADE + 5


async def test_filters_of_the_index_agree_with_the_offers(indexed: Deployment) -> None:
    assert indexed.index
    items = [*catalog.famous(), *catalog.split_offer(), *catalog.made()]
    titles = {i.title for i in items if i.platform == "hulu" and i.region == "CA"}

    found = await nearest("winter", platforms=("hulu",), region="CA")

    assert len(found) == len(titles)


@pytest.mark.behavior("search:11:15")
async def test_what_another_model_made_is_never_compared(indexed: Deployment) -> None:
    assert indexed.index
    index, (some, *_) = VertexVectorIndex(), await nearest("winter")
    (other,) = await asyncio.to_thread(index.points, [some])
    other.restricts[MODEL] = ["older@1"]
    await asyncio.to_thread(index.upsert, [other])

    assert some not in await nearest("winter")
    assert await asyncio.to_thread(index.vectors, [some], model=WordsEmbedder.model) == {}
    assert set(await asyncio.to_thread(index.vectors, [some], model="older@1")) == {some}


async def test_without_its_index_the_event_is_delivered_again(
    indexed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert indexed.index
    change(monkeypatch, {"VERTEX_EMULATOR_HOST": "127.0.0.1:9"})

    assert await run(1) == 503


async def test_who_keeps_titles_is_told_that_they_changed_once_the_index_has_them(
    indexed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert indexed.index
    noted = await asyncio.to_thread(SqlChanges().since, 0, limit=1000)
    assert sorted(id_ for id_, _ in noted) == sorted(await asyncio.to_thread(content_ids))

    assert await run(1) == 204
    again = await asyncio.to_thread(SqlChanges().since, 0, limit=1000)
    assert min(at for _, at in again) > max(at for _, at in noted)

    change(monkeypatch, {"VERTEX_EMULATOR_HOST": "127.0.0.1:9"})
    assert await run(2) == 503
    assert await asyncio.to_thread(SqlChanges().since, 0, limit=1000) == again
