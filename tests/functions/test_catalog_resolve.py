"""title.normalized → titles and their events, over a real database and raw folder."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.adapters.raw_pages import RawFolder
from shared.adapters.sql.runs import Page, Part, Runs
from shared.kernel import ids
from shared.kernel.errors import UnavailableError
from shared.kernel.events import Event
from tests.fakes.edge import ask, load, pushed
from tests.unit.matching.items import NOON, bare, item

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from shared.catalog.item import CanonicalItem
    from tests.functions.conftest import SentEvents

URI = "streaming_availability/netflix-US/run/00001.json.gz"
PART = Part("run", "streaming_availability", "netflix", "US")


def said(*items: CanonicalItem) -> list[dict[str, Any]]:
    """Return items as an event carries them."""
    return [one.model_dump(mode="json", exclude_defaults=True) for one in items]


def normalized(**changes: Any) -> Event:  # noqa: ANN401 - JSON
    """Return the event that brings a page."""
    data = {"run_id": "run", "platform": "netflix", "region": "US", "page": 1, "raw_uri": URI}
    return Event(
        event_id=ids.named("title.normalized", URI),
        event_type="title.normalized",
        occurred_at=NOON,
        correlation_id="run",
        data={**data, "provider": "streaming_availability", **changes},
    )


def rows(sql: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    with connect.reads().connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


@pytest.fixture
def resolve(connected: connect.Addresses, sent: SentEvents) -> ModuleType:
    """Return ``catalog_resolve`` on a database that knows one page."""
    assert connected.database_url
    Runs().start(PART)
    Runs().add_page(Page(PART, 1, URI, 3), [])
    main = load("catalog_resolve")
    main.publisher = sent  # type: ignore[attr-defined]
    return main


async def deliver(main: ModuleType, event: Event) -> int:
    """Push an event and return the status."""
    return (await ask(main.handle, "POST", "/", body=pushed(event))).status


async def test_a_page_is_stored_counted_and_announced(
    resolve: ModuleType, sent: SentEvents
) -> None:
    event = normalized(items=said(item(), bare("hulu", "2", "Ronin", release_year=1998)))

    assert await deliver(resolve, event) == 204

    (ingested, offered) = sent.events
    assert (ingested.event_type, offered.event_type) == ("content.ingested", "availability.changed")
    stored = await asyncio.to_thread(rows, "SELECT id::text FROM content ORDER BY 1")
    assert sorted(ingested.data["content_ids"]) == [found for (found,) in stored]
    report = await asyncio.to_thread(Runs().report, "run")
    assert (report.stored, report.set_aside, report.pending) == (2, 0, 1)


async def test_the_same_delivery_twice_is_announced_once(
    resolve: ModuleType, sent: SentEvents
) -> None:
    event = normalized(items=said(item()))

    assert [await deliver(resolve, event), await deliver(resolve, event)] == [204, 204]

    assert len(sent.events) == 2


async def test_an_item_that_is_none_is_set_aside_with_its_field(resolve: ModuleType) -> None:
    broken = {**said(item())[0], "release_year": 1066}

    assert await deliver(resolve, normalized(items=[*said(bare("hulu", "2")), broken])) == 204

    found = await asyncio.to_thread(rows, "SELECT stage, raw_uri, field FROM ingest_error")
    assert found == [("resolve", broken["source"]["raw_uri"], "release_year")]
    report = await asyncio.to_thread(Runs().report, "run")
    assert (report.stored, report.set_aside) == (1, 1)


async def test_items_are_read_from_the_raw_folder_where_the_event_points_there(
    resolve: ModuleType,
) -> None:
    folder = RawFolder(connect.addresses().raw_dir)
    await asyncio.to_thread(folder.write_json, "items.json.gz", {"items": said(item())})

    assert await deliver(resolve, normalized(items_uri="items.json.gz")) == 204

    assert await asyncio.to_thread(rows, "SELECT title FROM content") == [("Heat",)]


@pytest.mark.parametrize("uri", ["../secrets.json.gz", "missing.json.gz"])
async def test_a_pointer_to_nowhere_is_set_aside(resolve: ModuleType, uri: str) -> None:
    assert await deliver(resolve, normalized(items_uri=uri)) == 204

    found = await asyncio.to_thread(rows, "SELECT reason FROM rejected_event")
    assert uri in found[0][0]


async def test_publishing_that_fails_leaves_the_events_to_the_relay(
    resolve: ModuleType, sent: SentEvents
) -> None:
    class Down:
        def publish(self, events: Sequence[Event], _places: Sequence[object]) -> None:
            raise UnavailableError(f"{len(events)} events were not published")

    resolve.publisher = Down  # type: ignore[attr-defined]
    assert await deliver(resolve, normalized(items=said(item()))) == 204
    await asyncio.to_thread(_make_due)
    relay = load("outbox_relay")
    relay.publisher = sent  # type: ignore[attr-defined]

    answer = await ask(relay.handle, "POST", "/", headers={"X-CloudScheduler": "true"})

    assert answer.status == 204
    assert len(sent.events) == 2


def _make_due() -> None:
    with connect.engine().begin() as connection:
        connection.execute(text("UPDATE outbox SET next_at = created_at"))
