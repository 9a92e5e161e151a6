"""A merged title leaves the vector index, a parted one comes back, by the product's own steps."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import text

from shared.adapters import connect
from shared.adapters.sql.life.merge import Act, merge_titles
from shared.adapters.sql.life.split import split_title
from shared.adapters.vector_search import VertexVectorIndex
from shared.kernel.events import Event
from shared.kernel.ids import CountingIds
from shared.search.filters import Filters
from tests.fakes import catalog
from tests.fakes.edge import ask, load, pushed
from tests.fakes.embedder import WordsEmbedder

if TYPE_CHECKING:
    from types import ModuleType

    from tests.emulated.vertex.conftest import Deployment
    from tests.functions.conftest import SentEvents

NEWS = text("SELECT payload FROM outbox WHERE id > :after ORDER BY id")


def title(name: str) -> UUID:
    with connect.engine().connect() as connection:
        query = text("SELECT id FROM content WHERE title = :name")
        return UUID(str(connection.execute(query, {"name": name}).scalar_one()))


def merge(left: UUID, right: UUID) -> UUID:
    with connect.engine().begin() as connection:
        return merge_titles(connection, left, right, act=Act(UUID(int=1), "a", catalog.NOW)).kept


def split(kept: UUID, listing: str) -> None:
    act = Act(UUID(int=2), "a", catalog.NOW)
    with connect.engine().begin() as connection:
        split_title(connection, kept, [listing], act=act, ids=CountingIds())


def news(kinds: set[str]) -> list[Event]:
    """Return the events of the last act, and forget them."""
    with connect.engine().begin() as connection:
        rows = connection.execute(NEWS, {"after": 0}).all()
        connection.execute(text("DELETE FROM outbox"))
    events = [Event.model_validate_json(row.payload) for row in rows]
    return [event for event in events if event.event_type in kinds]


async def deliver(enrich: ModuleType, sent: SentEvents) -> None:
    """Deliver what the last act told to whoever reads it, and what they tell in turn."""
    index = load("search_index").handle
    sent.events.clear()
    for event in await asyncio.to_thread(news, {"content.merged", "content.updated"}):
        handle = index if event.event_type == "content.merged" else enrich.handle
        assert (await ask(handle, "POST", "/", body=pushed(event))).status == 204
    for event in sent.events:
        assert (await ask(index, "POST", "/", body=pushed(event))).status == 204


async def found(query: str) -> set[str]:
    vector = WordsEmbedder().embed([query], "query")[0]
    index, model = VertexVectorIndex(), WordsEmbedder.model
    return set(await asyncio.to_thread(index.nearest, vector, Filters(), model=model, limit=500))


async def test_the_index_follows_a_merge_and_a_split(
    indexed: Deployment, enrich: ModuleType, sent: SentEvents
) -> None:
    assert indexed.index
    await asyncio.to_thread(news, set())
    heat, arrival = [await asyncio.to_thread(title, name) for name in ("Heat", "Arrival")]
    before = await found("winter")

    kept = await asyncio.to_thread(merge, heat, arrival)
    await deliver(enrich, sent)
    assert await found("winter") == before - {str(heat), str(arrival)} | {str(kept)}

    gone = "netflix:k4" if kept == arrival else "netflix:k3"
    await asyncio.to_thread(split, kept, gone)
    await deliver(enrich, sent)
    assert await found("winter") == before
