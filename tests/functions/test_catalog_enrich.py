"""catalog_enrich over a real database."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.kernel import ids
from shared.kernel.events import Event
from tests.fakes import catalog
from tests.fakes.edge import ask, pushed
from tests.functions.conftest import about, content_ids

if TYPE_CHECKING:
    from types import ModuleType

    from tests.functions.conftest import SentEvents


async def rows(sql: str) -> list[Any]:
    def read() -> list[Any]:
        with connect.reads().connect() as connection:
            return list(connection.execute(text(sql)))

    return await asyncio.to_thread(read)


async def run(main: ModuleType, event: Event) -> int:
    return (await ask(main.handle, "POST", "/", body=pushed(event))).status


async def test_every_title_gets_a_vector_a_quality_and_one_event(
    enrich: ModuleType, sent: SentEvents
) -> None:
    found = await asyncio.to_thread(content_ids)

    assert await run(enrich, about("content.ingested", found)) == 204

    assert len(await rows("SELECT 1 FROM content_embedding WHERE length(vector) = 128")) == len(
        found
    )
    assert (
        await rows("SELECT 1 FROM content WHERE quality_score IS NULL OR embedded_at IS NULL") == []
    )
    assert [event.event_type for event in sent.events] == ["metadata.enriched"]
    assert sent.events[0].data["content_ids"] == found


async def test_an_event_that_comes_twice_is_published_once(
    enrich: ModuleType, sent: SentEvents
) -> None:
    event = about("content.ingested", await asyncio.to_thread(content_ids))
    assert [await run(enrich, event), await run(enrich, event)] == [204, 204]
    assert len(sent.events) == 1


async def test_a_text_that_did_not_change_keeps_its_vector(enrich: ModuleType) -> None:
    found = await asyncio.to_thread(content_ids)
    written = "SELECT content_id, updated_at FROM content_embedding ORDER BY 1"
    await run(enrich, about("content.ingested", found))
    before = await rows(written)

    await run(enrich, about("content.updated", found, turn=1))

    assert await rows(written) == before


@pytest.mark.parametrize("data", [{}, {"content_ids": ["abc"]}, {"content_ids": None}])
async def test_an_event_that_names_no_titles_is_set_aside(
    enrich: ModuleType, data: dict[str, Any]
) -> None:
    event = Event(
        event_id=ids.named("bad"),
        event_type="content.updated",
        occurred_at=catalog.NOW,
        correlation_id="test",
        data=data,
    )

    assert await run(enrich, event) == 204

    kept = await rows("SELECT reason FROM rejected_event")
    assert "content_ids" in kept[0].reason
